"""The product of two matrices entry by entry, as backpropagation through an activation function needs it."""

from dataclasses import dataclass

from blattwerk.vocabulary.terms import NOWHERE, Env, Term, Value, within
from blattwerk.vocabulary.writers import PREFIX, PRODUCT, QUOTIENT, Writer


@dataclass(frozen=True)
class Hadamard(Term):
    """The entrywise product of two matrix terms of the same shape."""

    left: Term
    right: Term

    def value(self, env: Env = NOWHERE) -> Value:
        left, right = self.left.value(env), self.right.value(env)
        return tuple(tuple(x * y for x, y in zip(r, s, strict=True)) for r, s in zip(left, right, strict=True))

    def write(self, w: Writer) -> str:
        # A product of matrices is put in brackets, since (A b) . c is not A (b . c).
        left, right = (within(t, w, PREFIX) for t in (self.left, self.right))
        return f"{left} \\odot {right}" if w.quotient_level == QUOTIENT else f"hadamard_product({left}, {right})"

    def level(self, w: Writer) -> int:
        return PRODUCT
