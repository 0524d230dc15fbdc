"""Blattwerk compiles exercise sheets: drawn per student, solved exactly, proven twice, typeset in two languages."""

__version__ = "0.1.0"
