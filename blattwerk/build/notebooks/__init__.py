"""Programming notebooks: written, executed."""
