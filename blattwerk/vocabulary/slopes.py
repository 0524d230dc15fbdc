"""Derivatives to nearly 60 digits without formulas, which the displayed gradients are checked against."""

from collections.abc import Callable
from functools import partial
from typing import Any

from blattwerk.vocabulary.terms import MP, Env, Named, Value

STEP = MP.mpf(10) ** -40


def slope(function: Callable[[Any], Value], at: Any) -> Any:
    """f'(x) = Im f(x + ih)/h + O(h^2), a difference without cancellation (Squire and Trapp, SIAM Review 40, 1998).

    `function` must be analytic and take mpmath's complex numbers (convert Fractions with MP.convert before exp or log).
    At a tuple (of tuples), the result holds all partial derivatives in its arrangement.
    """
    if not isinstance(at, tuple):
        return MP.im(function(MP.mpc(MP.convert(at), STEP))) / STEP
    return tuple(slope(partial(_with_entry, function, at, k), x) for k, x in enumerate(at))


def _with_entry(function: Callable[[Any], Value], at: tuple[Any, ...], k: int, x: Any) -> Value:
    return function((*at[:k], x, *at[k + 1 :]))


def partial_derivative(of: str, by: str, value: Callable[[Env], Value]) -> Named:
    """A partial derivative shown as a fraction; `value` should come from `slope`, not from a formula."""
    return Named(f"\\frac{{\\partial {of}}}{{\\partial {by}}}", f"Derivative({of}, {by})", value)
