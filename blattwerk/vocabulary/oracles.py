"""How an oracle speaks: one comparison for each answer (or claim) that it has worked out by its own means."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from math import isfinite
from typing import Any

from blattwerk.vocabulary.terms import MP


@dataclass(frozen=True)
class Comparison:
    """One word of an oracle: for an answer (or another claim), whether the second method agrees, and with what."""

    what: str
    agrees: bool
    detail: str


Oracle = Callable[[Any, Any], Iterable[Comparison]]


def close(what: str, solver: Any, oracle: float, tolerance: float = 1e-9) -> Comparison:
    """The solver's value against a floating-point number: |solver - oracle| <= tolerance * max(1, |oracle|)."""
    ours = float(MP.convert(solver.value() if hasattr(solver, "value") else solver))
    theirs = float(oracle)
    agrees = ours == theirs or (isfinite(theirs) and abs(ours - theirs) <= tolerance * max(1.0, abs(theirs)))
    return Comparison(what, bool(agrees), f"solver {ours!r}, oracle {theirs!r}, tolerance {tolerance:g}")


def all_close(what: str, solver: Iterable[Any], oracle: Any, tolerance: float = 1e-9) -> Comparison:
    """The same for a vector or a matrix of numbers (rows of exact numbers against an array)."""
    import numpy as np  # who has no arrays to compare does without

    ours = np.array(solver, dtype=object).astype(float)
    theirs = np.asarray(oracle, dtype=float)
    agrees = ours.shape == theirs.shape and bool(
        np.all(np.isfinite(theirs) & (np.abs(ours - theirs) <= tolerance * np.maximum(1.0, np.abs(theirs))))
    )
    return Comparison(what, agrees, f"solver {ours.tolist()}, oracle {theirs.tolist()}, tolerance {tolerance:g}")


def equal(what: str, solver: Any, oracle: Any) -> Comparison:
    """The solver's exact value against another exact value."""
    return Comparison(what, bool(solver == oracle), f"solver {_shown(solver)}, oracle {_shown(oracle)}")


def _shown(value: Any) -> str:
    """A value in words; a fraction of hundreds of digits (an exact power, say) by its first digits."""
    if isinstance(value, int | Fraction) and max(abs(value.numerator), value.denominator) >> 1000:
        return f"about {MP.nstr(MP.convert(value), 20)}"
    return str(value)


def holds(what: str, claim: bool, detail: str = "") -> Comparison:
    """A claim that the oracle has decided itself."""
    return Comparison(what, bool(claim), detail or ("holds" if claim else "does not hold"))
