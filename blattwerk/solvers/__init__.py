"""One solver a topic: its Params, its Solution, solve(), and the oracles that check it."""
