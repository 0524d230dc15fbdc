"""One drawn instance as people look at it: on the live page, in a notebook, from Python."""
