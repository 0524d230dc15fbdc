"""Exercises of another package: a fair die."""
