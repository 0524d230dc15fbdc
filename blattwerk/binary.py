"""Binary vectors, units whose inputs are multiples of log 2 (so that exp and sigma are rational), and brute force.

A distribution over layers of binary units is given by the unnormalised weight exp(-E) of each state; an `Enumerated`
one has them all in a table, and knows its marginals and conditionals as sums over it.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from itertools import product
from random import Random
from typing import Any

from blattwerk.derivation import Derivation, derive
from blattwerk.functions import column_term, log, number
from blattwerk.matrices import column
from blattwerk.terms import MP, NOWHERE, Call, Env, Named, Operand, Term, Value, term, total, within
from blattwerk.writers import PREFIX, PRODUCT, Writer

Bits = tuple[int, ...]


@cache
def states(size: int) -> tuple[Bits, ...]:
    """All binary vectors of this size, in the order of the numbers that they write."""
    return tuple(product((0, 1), repeat=size))


def dot(a: Iterable[Any], b: Iterable[Any]) -> Any:
    """The scalar product."""
    return sum(x * y for x, y in zip(a, b, strict=True))


def power_of_two(exponent: int) -> Fraction:
    """exp(exponent log 2)."""
    return Fraction(2) ** exponent


def sigmoid(exponent: int) -> Fraction:
    """sigma(exponent log 2) = 2^exponent / (2^exponent + 1)."""
    return power_of_two(exponent) / (power_of_two(exponent) + 1)


def two_to(exponent: int) -> Term:
    """2^exponent as a term."""
    return number(2) ** exponent


def sigma(a: Operand) -> Term:
    """The logistic function 1/(1 + exp(-a)) as a term."""
    return Call("\\sigma", "sigma", lambda v: 1 / (1 + MP.exp(-MP.convert(v))), (term(a),))


def input_term(weights: Iterable[int]) -> Term:
    """The sum of these weights, in units of log 2, as a unit receives it."""
    summands = tuple(weights)
    if summands in ((1,), (-1,)):
        return log(2) if summands == (1,) else -log(2)
    return total(summands) * log(2)


def layer_derivation(unit: str, index: str, values: Iterable[Fraction], inputs: Iterable[Term]) -> Derivation:
    """The probabilities of a layer's units as a column: sigma of each input, then fractions.

    `unit` is the printed probability of one unit; `values` should come from other means than the inputs.
    """
    given = tuple(values)
    start = Named(f"\\bigl({unit}\\bigr)_{{{index}}}", unit.replace("\\mid ", "|"), lambda env: column(given))
    probabilities = tuple(map(sigma, inputs))
    return derive(start).eq(column_term(probabilities), "insert").eq(column_term(given))


def bit(random: Random) -> int:
    """A domain of a derivation: 0 and 1."""
    return random.randint(0, 1)


@dataclass(frozen=True)
class OverStates(Term):
    """The sum of a body over all binary vectors of a size; the body finds the vector under its name."""

    name: str
    size: Term
    body: Term

    def value(self, env: Env = NOWHERE) -> Value:
        size = int(self.size.value(env))
        return sum((self.body.value({**env, self.name: state}) for state in states(size)), Fraction(0))

    def write(self, w: Writer) -> str:
        body, size = within(self.body, w, PRODUCT), self.size.write(w)
        return w.symbol(f"\\sum_{{{self.name}\\in\\{{0,1\\}}^{{{size}}}}} {body}", f"Sum({body}, {self.name})")

    def level(self, w: Writer) -> int:
        return PREFIX


@dataclass(frozen=True)
class Enumerated:
    """A distribution over layers of binary units: their names and sizes, and the weight exp(-E) of every state."""

    sizes: Mapping[str, int]
    weights: Mapping[tuple[Bits, ...], Any]

    @classmethod
    def of(cls, sizes: Mapping[str, int], weight: Callable[..., Any]) -> "Enumerated":
        """The distribution whose states have the weights weight(layer, layer, ...)."""
        return cls(sizes, {s: weight(*s) for s in product(*(states(size) for size in sizes.values()))})

    def mass(self, unit: tuple[str, int] | None = None, /, **given: Bits) -> Value:
        """The sum of the weights over the states with the given layers (and with one unit of a layer on)."""
        kept = product(*([given[name]] if name in given else states(size) for name, size in self.sizes.items()))
        if unit is None:
            return sum(self.weights[state] for state in kept)
        layer, position = list(self.sizes).index(unit[0]), unit[1]
        return sum(self.weights[state] for state in kept if state[layer][position])

    def units(self, layer: str, **given: Bits) -> tuple[Value, ...]:
        """p(unit = 1 | given layers) for every unit of a layer."""
        everything = self.mass(**given)
        return tuple(self.mass((layer, position), **given) / everything for position in range(self.sizes[layer]))

    def odds(self, layer: str, **given: Bits) -> tuple[Value, ...]:
        """p/(1-p) for every unit of a layer: exp of its input."""
        return tuple(p / (1 - p) for p in self.units(layer, **given))
