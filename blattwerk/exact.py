"""Exact rational numbers: Python's `fractions.Fraction`, compiled.

A class of sheets is millions of operations with fractions, and quicktions (the same algorithms in Cython) does them
five times as fast. All of Blattwerk takes the type from here, so that there is only one.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:  # quicktions has no types of its own; it has the interface of the standard library
    from fractions import Fraction
else:
    from quicktions import Fraction

__all__ = ["Fraction"]
