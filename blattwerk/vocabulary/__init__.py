"""What a topic is written in."""
