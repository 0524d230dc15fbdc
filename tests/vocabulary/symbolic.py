"""Terms as expressions of sympy, so that a relation can be proven for all values of its symbols.

The translation goes by the kind of a term and the name that it bears in text form ("log" is a logarithm, whatever
function stands behind it). A quantity that is shown by its name alone is computed from its definition, with symbols for
its numbers: for that time, our context of mpmath hands on to sympy what comes to it.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from fractions import Fraction
from itertools import product
from random import Random
from sys import modules
from typing import Any

import sympy
from sympy import Basic, Dummy, Expr, Integer, Matrix, Rational, Symbol

from blattwerk.vocabulary import functions, slopes
from blattwerk.vocabulary import terms as t
from blattwerk.vocabulary.derivation import Derivation
from blattwerk.vocabulary.exact.binary import OverStates

SAMPLES = 60  # points of a domain, to see which symbols are positive and which add up to 1
Value = Any  # Expr | Matrix


class Untranslatable(Exception):
    """A term for which there is no expression."""


def exact(x: Any) -> Expr:
    """A number as an exact expression; an expression as it is."""
    if isinstance(x, Basic):
        return x
    if isinstance(x, bool | int | Fraction):
        return Rational(x)
    if hasattr(x, "man_exp"):  # of mpmath: infinite, or a fraction with a power of 2
        if not t.MP.isfinite(x):
            return sympy.oo if x > 0 else -sympy.oo
        mantissa, exponent = x.man_exp
        return Rational(mantissa if x > 0 else -mantissa) * Integer(2) ** exponent
    raise Untranslatable(f"a {type(x).__name__}")


@contextmanager
def symbols_allowed() -> Iterator[None]:
    """Our numbers' functions take and give expressions of sympy, all exact, until this is over."""
    waiting: list[tuple[Dummy, Expr]] = []

    def complex_step(x: Any, step: Any) -> Dummy:
        waiting.append((Dummy(real=True), exact(x)))
        return waiting[-1][0]

    def derivative(value: Any) -> Expr:  # that is what the imaginary part is taken for, see `slopes`
        variable, place = waiting.pop()
        return sympy.diff(exact(value), variable).subs(variable, place)

    changed: list[tuple[Any, str, Any]] = [
        (t.MP, "convert", exact),
        (t.MP, "mpf", exact),
        (t.MP, "log", lambda x: sympy.log(exact(x))),
        (t.MP, "exp", lambda x: sympy.exp(exact(x))),
        (t.MP, "sqrt", lambda x: sympy.sqrt(exact(x))),
        (t.MP, "power", lambda x, y: exact(x) ** exact(y)),
        (t.MP, "tanh", lambda x: 1 - 2 / (sympy.exp(2 * exact(x)) + 1)),
        (t.MP, "diff", lambda function, x: slopes.slope(function, x)),
        (t.MP, "mpc", complex_step),
        (t.MP, "im", derivative),
        (t.MP, "pi", sympy.pi),
        (t.MP, "one", Integer(1)),
        (t.MP, "zero", Integer(0)),
        (slopes, "STEP", Integer(1)),
        (functions, "_UNIT_DENSITY", 1 / sympy.sqrt(2 * sympy.pi)),
        (functions.NormalMean, "value", _normal_mean),
    ]
    _forget()
    before = [(where, name, vars(where).get(name), name in vars(where)) for where, name, _ in changed]
    for where, name, value in changed:
        setattr(where, name, value)
    try:
        yield
    finally:
        for where, name, value, there in before:
            setattr(where, name, value) if there else delattr(where, name)
        _forget()


def _forget() -> None:
    """Empty the caches of the vocabulary and the solvers, so that numbers and expressions do not meet."""
    for name, module in tuple(modules.items()):
        if name.startswith(("blattwerk.vocabulary", "blattwerk.solvers")):
            for function in vars(module).values():
                getattr(function, "cache_clear", lambda: None)()


def translated(term: t.Term, env: Mapping[str, Any]) -> Value:
    """The expression (or matrix) of a term; raises Untranslatable where there is none."""
    try:
        return _value(_KINDS.get(type(term), _by_its_own_value)(term, env))
    except Untranslatable:
        raise
    except Exception as error:
        raise Untranslatable(f"{type(term).__name__}: {type(error).__name__}") from error


def _value(x: Any) -> Value:
    """Expressions and matrices as they are, numbers exactly, tuples of tuples as matrices."""
    if isinstance(x, tuple):
        return Matrix([[exact(entry) for entry in row] for row in x])
    return x if isinstance(x, sympy.MatrixBase) else exact(x)


def _by_its_own_value(term: t.Term, env: Mapping[str, Any]) -> Any:
    """For kinds of terms that a topic has for itself."""
    return term.value(env)


def _named(term: t.Named, env: Mapping[str, Any]) -> Any:
    """By the definition, which may be the value of another term."""
    owner = getattr(term.definition, "__self__", None)
    return translated(owner, env) if isinstance(owner, t.Term) else term.definition(env)


def _power(term: t.Pow, env: Mapping[str, Any]) -> Value:
    return translated(term.base, env) ** translated(term.exponent, env)


def _sum(term: t.Add, env: Mapping[str, Any]) -> Value:
    first, *others = (translated(one, env) for one in term.terms)
    for other in others:
        first = first + other
    return first


def _product(term: t.Mul, env: Mapping[str, Any]) -> Value:
    first, *others = (translated(one, env) for one in term.factors)
    for other in others:
        first = first * other
    return first


def _entry(term: t.At, env: Mapping[str, Any]) -> Value:
    entry = exact(env[term.name][int(term.index.value(env)) - 1])
    return entry**2 if term.squared else entry


def _called(term: t.Call, env: Mapping[str, Any]) -> Value:
    arguments = [translated(one, env) for one in term.arguments]
    if term.name == "log" and term.base:
        return sympy.log(*arguments) / sympy.log(Rational(term.base))
    known: dict[str, Callable[..., Value]] = {
        "log": sympy.log,
        "exp": sympy.exp,
        "sigma": lambda x: 1 / (1 + sympy.exp(-x)),
        "trace": lambda x: x.trace(),
        "det": lambda x: x.det(),
    }
    return known[term.name](*arguments) if term.name in known else _by_its_own_value(term, env)


def _over(term: t.Over, env: Mapping[str, Any]) -> Value:
    low, high = (int(one.value(env)) for one in (term.low, term.high))
    parts = [translated(term.body, {**env, term.index: Fraction(i)}) for i in range(low, high + 1)]
    return sympy.Mul(*parts) if term.multiply else sympy.Add(*parts)


def _over_states(term: OverStates, env: Mapping[str, Any]) -> Value:
    states = product((0, 1), repeat=int(term.size.value(env)))
    return sympy.Add(*(translated(term.body, {**env, term.name: state}) for state in states))


def _matrix(term: t.MatrixTerm, env: Mapping[str, Any]) -> Value:
    return Matrix([[translated(one, env) for one in row] for row in term.rows])


def _superscript(term: functions.Superscript, env: Mapping[str, Any]) -> Value:
    inner = translated(term.inner, env)
    return inner.T if term.name == "T" else inner.inv()


def _scalar(term: functions.ScalarOf, env: Mapping[str, Any]) -> Value:
    (entry,) = translated(term.inner, env)
    return entry


def _bars(term: functions.Bars, env: Mapping[str, Any]) -> Value:
    inner = translated(term.inner, env)
    return sympy.sqrt(sum(x**2 for x in inner)) if isinstance(inner, sympy.MatrixBase) else sympy.Abs(inner)


def _normal_mean(term: functions.NormalMean, env: Mapping[str, Any]) -> Value:
    """By the moments of the standard normal distribution, E[x^k] = (k-1)!! for even k."""
    mean, deviation, x = translated(term.mean, env), translated(term.deviation, env), Dummy(real=True)
    body = translated(term.body, {**env, term.variable.name: mean + deviation * x})
    moments = ((k, c) for (k,), c in sympy.Poly(sympy.expand(body), x).terms() if k % 2 == 0)
    return sympy.Add(*(c * sympy.factorial2(k - 1) for k, c in moments))


_KINDS: dict[type[t.Term], Callable[[Any, Mapping[str, Any]], Any]] = {
    t.Num: lambda term, env: Rational(term.number),
    t.Sym: lambda term, env: env[term.name],
    t.Named: _named,
    t.Infinity: lambda term, env: sympy.oo,
    t.Neg: lambda term, env: -translated(term.inner, env),
    t.Div: lambda term, env: translated(term.over, env) / translated(term.under, env),
    t.At: _entry,
    t.Add: _sum,
    t.Mul: _product,
    t.Pow: _power,
    t.Call: _called,
    t.Over: _over,
    t.MatrixTerm: _matrix,
    OverStates: _over_states,
    functions.Sqrt: lambda term, env: sympy.sqrt(translated(term.radicand, env)),
    functions.Superscript: _superscript,
    functions.ScalarOf: _scalar,
    functions.Bars: _bars,
    functions.NormalMean: _normal_mean,
}


class Point:
    """A point of a derivation's domain, with symbols in the place of its numbers.

    Whole numbers (sizes, indices, bits, labels) stay as they are drawn. A symbol is positive if the domain has nothing
    else; of numbers that always add up to 1, the last one is known to be what the others leave.
    """

    def __init__(self, derivation: Derivation, seed: int) -> None:
        """The point that this seed draws."""
        random, drawn = Random(seed), []
        for _ in range(SAMPLES):
            drawn.append({name: sample(random) for name, sample in derivation.domain})
        self.place: dict[Symbol, Expr] = {}
        self.rest: dict[Symbol, Expr] = {}
        self._known: dict[tuple[Any, ...], Symbol] = {}  # what is always equal, as in a symmetric matrix, is one symbol
        self.env = {name: self._symbols(name, value, [one[name] for one in drawn]) for name, value in drawn[0].items()}

    def _symbols(self, name: str, value: Any, others: list[Any]) -> Any:
        if isinstance(value, tuple):
            alike = [one for one in others if isinstance(one, tuple) and len(one) == len(value)]
            made = tuple(self._symbols(f"{name}{i}", x, [one[i - 1] for one in alike]) for i, x in enumerate(value, 1))
            if _shares(alike):
                last = [one for one in made if isinstance(one, Symbol)][-1]
                self.rest[last] = 1 - sympy.Add(*(exact(one) for one in made if one is not last))
            return made
        if isinstance(value, dict):
            return {key: self._symbols(f"{name}{key}", x, [one[key] for one in others]) for key, x in value.items()}
        if hasattr(value, "man_exp") or (isinstance(value, Fraction) and any(x.denominator != 1 for x in others)):
            kind = "positive" if all(x > 0 for x in others) else "real"
            symbol = self._known.setdefault(tuple(others), Symbol(name, **{kind: True}))
            self.place[symbol] = exact(value)
            return symbol
        return value


def _shares(tuples: list[tuple[Any, ...]]) -> bool:
    """Whether these always are numbers, none of them negative and at least two positive, that add up to 1."""
    return all(
        sum(not isinstance(x, int | tuple | dict) and x > 0 for x in one) > 1
        and all(not isinstance(x, tuple | dict) and x >= 0 for x in one)
        and abs(sum(one) - 1) < 1e-30
        for one in tuples
    )


def differences(a: Value, b: Value) -> list[Expr]:
    """What has to vanish for a = b: one expression, or one for each entry."""
    if isinstance(a, sympy.MatrixBase) or isinstance(b, sympy.MatrixBase):
        return list(a - b)
    return [a - b]


def vanishes(difference: Expr, point: Point) -> bool:
    """Whether an expression is 0 for all values of its symbols, as far as sympy sees it."""
    if sympy.expand(difference) == 0:
        return True
    numerator = _numerator(difference, point)
    return bool(numerator == 0 or (point.rest and _numerator(numerator.subs(point.rest), point) == 0))


def _numerator(e: Expr, point: Point) -> Expr:
    """The numerator of an expression as one fraction, with exponents in one form and logarithms of products apart."""
    e = e.xreplace({x: sympy.exp(sympy.factor(x.args[0])) for x in e.atoms(sympy.exp)})
    e = e.xreplace({x: _sum_of_logs(x.args[0], point) for x in e.atoms(sympy.log)})
    numerator, _ = sympy.fraction(sympy.together(e))
    return sympy.expand(numerator)


def _sum_of_logs(x: Expr, point: Point) -> Expr:
    """log x by the factors of x, each with the sign that makes it positive at the point."""
    factors = sympy.factor(sympy.together(x)).as_powers_dict()
    parts = [power * sympy.log(-f if sympy.N(f.subs(point.place)) < 0 else f) for f, power in factors.items()]
    return sympy.Add(*(sympy.expand_log(part) for part in parts))
