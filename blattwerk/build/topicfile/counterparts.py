"""The functions of `values` for values that remember how they came about.

Those that the operations need themselves stand in `faces`.
"""

from collections.abc import Callable, Iterable
from typing import Any

from blattwerk.build.topicfile import values
from blattwerk.build.topicfile.faces import Shown, applied, concrete, exact, numbers, of_matrix, shown, vector
from blattwerk.build.topicfile.notation import Face, Unnamed
from blattwerk.build.topicfile.values import rank
from blattwerk.vocabulary import functions
from blattwerk.vocabulary.functions import number
from blattwerk.vocabulary.terms import MP, Call, Over, Sym, Term, Value, total
from blattwerk.vocabulary.terms import product as product_term


def log(x: Any) -> Any:
    """The natural logarithm."""
    return applied(values.log, functions.log, x)


def log2(x: Any) -> Any:
    """The logarithm to the base 2."""
    return applied(values.log2, lambda t: functions.log(t, 2), x)


def exp(x: Any) -> Any:
    """The exponential function."""
    return applied(values.exp, functions.exp, x)


def sigmoid(x: Any) -> Any:
    """The logistic function."""
    return applied(values.sigmoid, lambda t: Call("\\sigma", "sigmoid", _sigmoid, (t,)), x)


def _sigmoid(x: Value) -> Value:
    return 1 / (1 + MP.exp(-MP.convert(x)))


def relu(x: Any) -> Any:
    """max(0, x)."""
    return applied(values.relu, lambda t: Call("\\max", "Max", lambda z, v: max(z, v), (number(0), t)), x, whole=False)


def sum_(x: Any) -> Any:
    """The sum: of a vector with a symbol with a big sigma, of numbers written out."""
    if not isinstance(x, Shown):
        x = list(x)
        if not x or not isinstance(vector(x), Shown):
            return values.total(x)
        x = vector(x)
    result = values.total(x.value)
    if rank(x.value) != 1:
        found = shown(x[0])
        for i in range(1, len(x.value)):
            found = found + x[i]
        return found

    def face(f: Face) -> Face:
        try:
            index = f.letter or "j"
            return Face(Over(index, number(1), number(f.size), f.entry(Sym(index)).term()))
        except Unnamed:
            return Face(total(f.entry(i).term() for i in range(f.size)))

    return Shown(result, face(x.s), face(x.n))


def prod(x: Any) -> Any:
    """The product, written out."""
    parts = [shown(y) for y in x]
    return Shown(
        values.prod(p.value for p in parts),
        Face(product_term(p.s.term() for p in parts)),
        Face(product_term(p.n.term() for p in parts)),
    )


def inverse(x: Any) -> Any:
    """The inverse of a matrix."""
    return of_matrix(values.inverse, functions.inverted, x)


def det(x: Any) -> Any:
    """The determinant of a matrix."""
    return of_matrix(values.det, functions.det, x)


def trace(x: Any) -> Any:
    """The trace of a matrix."""
    return of_matrix(values.trace, functions.trace, x)


def norm(x: Any) -> Any:
    """The Euclidean length."""
    return of_matrix(values.norm, functions.norm, x)


def outer(x: Any, y: Any) -> Any:
    """The matrix of all products of entries."""
    a, b = shown(x), shown(y)
    result = values.outer(a.value, b.value)

    def face(f: Face, g: Face) -> Face:
        whole = f.term() * functions.transposed(g.term())
        return Face(whole, lambda i: numbers(result[concrete(i)]), len(result))

    return Shown(result, face(a.s, b.s), face(a.n, b.n))


def _chosen(name: str, choose: Callable[..., Any]) -> Callable[..., Any]:
    """max and min: of numbers side by side, or of the entries of a vector."""

    def function(*of: Any) -> Any:
        parts = [shown(x) for x in (of if len(of) > 1 else of[0])]
        value = choose(p.value for p in parts)

        def face(terms: Iterable[Term]) -> Face:
            return Face(Call(f"\\{name}", name.capitalize(), lambda *v: choose(v), tuple(terms)))

        return Shown(value, face(p.s.term() for p in parts), face(p.n.term() for p in parts))

    return function


largest, smallest = _chosen("max", max), _chosen("min", min)


def divide(a: Any, b: Any) -> Any:
    """a / b, exactly, of whole numbers too."""
    if isinstance(a, Shown) or isinstance(b, Shown):
        return shown(a) / b
    return values.divide(a, b)


def raised(a: Any, b: Any) -> Any:
    """a to the power b, exactly."""
    if isinstance(a, Shown):
        return a**b
    return values.raised(a, exact(b))


def over_numbers(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function whose result is a plain value of no interest to the reader: a place, a sign."""

    def of(*arguments: Any) -> Any:
        return function(*map(exact, arguments))

    return of
