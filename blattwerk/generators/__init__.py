"""One generator a topic: how its numbers are drawn, and the constant EXERCISE that ties the topic together."""
