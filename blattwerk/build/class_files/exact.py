"""The plain form of an exact value, as records and answers.csv have it, read back.

It is sympy's: whole numbers, + - * / **, log(x), log(x, base), exp(x), sqrt(x), sigma(x) for 1 / (1 + exp(-x)), pi, oo,
Matrix([[...], ...]), and .T for a transpose. Nothing else is a value, whatever stands there: it is parsed, never run.
"""

import ast
import operator
from collections.abc import Callable, Mapping
from fractions import Fraction

from blattwerk.vocabulary.functions import exp, log, matrix_term, number, sqrt, transposed
from blattwerk.vocabulary.terms import MP, Call, Infinity, Named, Num, Term

LONGEST = 5000  # characters: what is longer is no answer, and could nest without end

_OPERATORS: Mapping[type[ast.operator], Callable[[Term, Term], Term]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Pow: operator.pow,
}


def _sigma(x: Term) -> Term:
    """The logistic function."""
    return Call("\\sigma", "sigma", lambda v: 1 / (1 + MP.exp(-MP.convert(v))), (x,))


_FUNCTIONS: Mapping[str, Callable[[Term], Term]] = {"log": log, "exp": exp, "sqrt": sqrt, "sigma": _sigma}


def read_exact(text: str) -> Term:
    """The value of a plain form as a term; raises ValueError where it is none."""
    if len(text) > LONGEST:
        raise ValueError("too long")
    try:
        return _term(ast.parse(text, mode="eval").body)
    except (SyntaxError, RecursionError, MemoryError) as error:
        raise ValueError(f"{text[:60]!a} is no exact value") from error


def _term(node: ast.expr) -> Term:
    match node:
        case ast.Constant(value=int() as whole) if not isinstance(whole, bool):
            return number(whole)
        case ast.Name(id="oo"):
            return Infinity()
        case ast.Name(id="pi"):
            return Named("\\pi", "pi", lambda env: MP.pi)
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            return _negative(_term(inner))
        case ast.BinOp(left=left, op=ast.Div(), right=right):
            return _quotient(_term(left), _term(right))
        case ast.BinOp(left=left, op=sign, right=right) if type(sign) in _OPERATORS:
            return _OPERATORS[type(sign)](_term(left), _term(right))
        case ast.Call(func=ast.Name(id="Matrix"), args=[ast.List(elts=rows)], keywords=[]):
            return matrix_term(tuple(map(_term, _entries(row))) for row in rows)
        case ast.Call(func=ast.Name(id="log"), args=[inner, ast.Constant(value=int() as base)], keywords=[]):
            return log(_term(inner), base)
        case ast.Call(func=ast.Name(id=name), args=[inner], keywords=[]) if name in _FUNCTIONS:
            return _FUNCTIONS[name](_term(inner))
        case ast.Attribute(value=inner, attr="T"):
            return transposed(_term(inner))
    raise ValueError(f"{ast.unparse(node)[:60]!a} is no exact value")


def _entries(row: ast.expr) -> list[ast.expr]:
    """What stands in a row of a matrix."""
    if not isinstance(row, ast.List):
        raise ValueError(f"{ast.unparse(row)[:60]!a} is no row of a matrix, so this is no exact value")
    return row.elts


def _negative(inner: Term) -> Term:
    return number(-inner.number) if isinstance(inner, Num) else -inner


def _quotient(left: Term, right: Term) -> Term:
    """A fraction of whole numbers is one number."""
    if isinstance(left, Num) and isinstance(right, Num) and right.number:
        return number(Fraction(left.number, right.number))
    return left / right
