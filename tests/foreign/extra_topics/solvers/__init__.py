"""The mathematics of the topics."""
