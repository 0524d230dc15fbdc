"""Binary vectors, units whose inputs are multiples of log 2 (so that exp and sigma are rational), and brute force.

A distribution over layers of binary units is given by the unnormalised weight exp(-E) of each state; an `Enumerated`
one has them all in a table, and knows its marginals and conditionals as sums over it.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, reduce
from itertools import product
from math import prod
from random import Random
from typing import Any

from blattwerk.vocabulary.derivation import Derivation, derive
from blattwerk.vocabulary.functions import column_term, log, number
from blattwerk.vocabulary.matrices import Matrix, add, column, multiply, scale, transpose
from blattwerk.vocabulary.terms import MP, NOWHERE, Call, Env, Named, Operand, Term, Value, term, total, within
from blattwerk.vocabulary.writers import PREFIX, PRODUCT, Writer

Bits = tuple[int, ...]


@cache
def states(size: int) -> tuple[Bits, ...]:
    """All binary vectors of this size, in the order of the numbers that they write."""
    return tuple(product((0, 1), repeat=size))


def dot(a: Iterable[Any], b: Iterable[Any]) -> Any:
    """The scalar product."""
    return sum(x * y for x, y in zip(a, b, strict=True))


def outer(a: Iterable[Any], b: Iterable[Any]) -> Matrix:
    """The outer product a b'."""
    return multiply(column(a), transpose(column(b)))


def matrix_sum(parts: Iterable[Matrix]) -> Matrix:
    """The sum of one or more matrices."""
    return reduce(add, parts)


def joint_probability(units: Iterable[Fraction], state: Bits) -> Fraction:
    """The probability of a state of independent units, given each unit's probability of being 1."""
    return prod((p if on else 1 - p for p, on in zip(units, state, strict=True)), start=Fraction(1))


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


def layer_derivation(
    unit: str, values: Iterable[Fraction], inputs: Iterable[Term], result: Iterable[Fraction]
) -> Derivation:
    """The probabilities of a layer's units as a column: sigma of each input, then the solver's fractions.

    `unit` is the printed column; `values` come from other means than the inputs.
    """
    given = tuple(values)
    start = Named(unit, unit.replace("\\mid ", "|"), lambda env: column(given))
    return derive(start).eq(column_term(map(sigma, inputs)), "insert").eq(column_term(result))


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

    def moments(self, **given: Bits) -> Matrix:
        """E[v h'] for two layers v and h, or E[v h' | v]."""
        kept = [given["v"]] if given else states(self.sizes["v"])
        parts = (outer([self.mass(v=v) * x for x in v], self.units("h", v=v)) for v in kept)
        return scale(1 / self.mass(**given), matrix_sum(parts))

    def reconstruction(self, start: Bits, v: Bits) -> Value:
        """q(v) = sum_h p(h | start) p(v | h) for two layers v and h: one step of the Gibbs chain."""
        _, size = self.sizes.values()
        ways = (self.weights[start, h] * self.weights[v, h] / self.mass(h=h) for h in states(size))
        return sum(ways) / self.mass(v=start)


def rbm_energy(W: Any, a: Any, b: Any, v: Any, h: Any) -> Any:
    """-v'Wh - a'v - b'h."""
    return -sum(x * dot(row, h) for x, row in zip(v, W, strict=True)) - dot(a, v) - dot(b, h)


def enumerated_rbm(W: Any, a: Any, b: Any, exponential: Callable[[Any], Any]) -> Enumerated:
    """The restricted Boltzmann machine with layers v and h; `exponential` is exp in the units of W, a and b."""
    sizes = {"v": len(a), "h": len(b)}
    return Enumerated.of(sizes, lambda v, h: exponential(-rbm_energy(W, a, b, v, h)))
