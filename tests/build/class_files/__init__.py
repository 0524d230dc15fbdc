"""Tests of what is made for a whole class."""
