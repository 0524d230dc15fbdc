"""A name for a value of the instance, and a short form: the name, and the terms that lead to the last of them."""

from dataclasses import replace

from blattwerk.vocabulary.derivation import Derivation, Step, derive
from blattwerk.vocabulary.terms import Named, Operand, Value, term


def called(name: str, value: Value) -> Named:
    """A name, in TeX, for a value of the instance."""
    return Named(name, name, lambda env: value)


def computed(name: str, *terms: Operand, reason: str = "") -> Derivation:
    """name = term = ... = result, where the name stands for the result; the reason is that of the first term."""
    first, *others = map(term, terms)
    start = derive(called(name, term(terms[-1]).value()))
    derivation = replace(start, steps=(Step("=", first, reason, named=True),))
    for other in others:
        derivation = derivation.eq(other)
    return derivation
