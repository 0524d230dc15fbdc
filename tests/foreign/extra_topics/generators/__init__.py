"""The draws of the topics."""
