"""Training demos of a class, and one by itself."""
