"""Inpainting: a missing coordinate by PCA, from the mean of the training data in its place, and what does better.

The training data have the mean mu and the covariance C (with 1/N); C v_i = lambda_i v_i, lambda_1 > ... > lambda_D > 0,
and P = sum_{i<=d} v_i v_i' / |v_i|^2. A point whose coordinate m is missing is filled with mu_m, and reconstructed as
mu + P y with y = x - mu, y_m = 0. If the hole is filled with c instead, P_mm (c - mu_m) is added to its coordinate, and
the square of that to the mean squared error, because the error of the former has the mean 0.
The fit on the observed coordinates o solves t = (P y)_m + P_mm t; the conditional mean of a normal distribution is
mu_m + C_mo C_oo^-1 y_o. The prediction mu_m + a'y_o has the mean squared error w'Cw with w_m = 1 and w_o = -a
(Bishop, Pattern Recognition and Machine Learning, 2006, sections 2.3.1 and 12.1).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from itertools import accumulate
from operator import mul
from random import Random
from typing import Any

from blattwerk.vocabulary import (
    MP,
    Answer,
    Comparison,
    Derivation,
    Named,
    Step,
    Sym,
    Term,
    Value,
    all_close,
    called,
    close,
    column_term,
    derive,
    matrices,
    matrix_term,
    number,
    positive,
    real,
    rightly,
    total,
)
from blattwerk.vocabulary.exact.binary import dot
from blattwerk.vocabulary.functions import det, entry, inverted, transposed

Fractions = tuple[Fraction, ...]
Integers = tuple[int, ...]


@dataclass(frozen=True)
class Params:
    """The training data by their moments, a point that lacks a coordinate, and how many components inpaint it."""

    mean: Integers
    """mu, of D coordinates."""
    covariance: tuple[Integers, ...]
    """C, D x D, positive definite with different eigenvalues."""
    directions: tuple[Integers, ...]
    """D eigenvectors of C, in any order and of any length."""
    observed: Integers
    """The other D - 1 coordinates of the point."""
    missing: int
    """m, the coordinate that the point lacks, counted from 1."""
    components: int
    """d, between 1 and D - 1."""


@dataclass(frozen=True)
class Solution:
    """The principal components, and what they, the fit and the conditional mean make of the point."""

    eigenvalues: Fractions
    """Of C, descending."""
    components: tuple[Integers, ...]
    """v_1, ..., v_D, in this order, not normalised."""
    share: Fraction
    """Of the first d components in the variance, between 0 and 1."""
    coefficients: Fractions
    """v_i'y / |v_i|^2 for i = 1, ..., D."""
    reconstruction: Fractions
    """mu + P y with d components, all D coordinates."""
    values: Fractions
    """For 0, ..., D components (like the next three): the value in the hole that was filled with the mean."""
    copies: Fractions
    """The value in the hole that was filled with 0."""
    errors: Fractions
    """The mean squared errors of `values`."""
    copy_errors: Fractions
    """The mean squared errors of `copies`."""
    fit: Fraction
    """The value fitted on the observed coordinates, with d components."""
    fit_error: Fraction
    """Its mean squared error."""
    best: Fraction
    """The conditional mean of the hole."""
    best_error: Fraction
    """Its mean squared error."""


def solve(params: Params, step: Step = rightly) -> Solution:
    """Everything that the parts ask for."""
    C, mean, m, d = params.covariance, params.mean, params.missing - 1, params.components
    y, hole = _filled(params), mean[m]
    spectrum = sorted(((Fraction(dot(v, _image(C, v)), dot(v, v)), v) for v in params.directions), reverse=True)
    spectrum = step("spectrum", lambda: spectrum, order=lambda: spectrum[::-1])
    basis = tuple(v for _, v in spectrum)
    values = step("eigenvalues", lambda: tuple(value for value, _ in spectrum))
    projections = [_projection(basis[:k], len(y)) for k in range(len(y) + 1)]
    errors = tuple(_error(C, P[m], m) for P in projections)
    fit, best = _fit(projections[d], m), _regression(C, m)
    coefficients = step(
        "coefficients",
        lambda: tuple(dot(v, y) / dot(v, v) for v in basis),
        uncentred=lambda: tuple(dot(v, _back(mean, y)) / dot(v, v) for v in basis),
        norm=lambda: tuple(dot(v, y) for v in basis),
    )
    nothing = tuple(0 for _ in mean)
    start = step("start", lambda: mean, uncentred=lambda: nothing, back=lambda: nothing)
    filled = tuple(accumulate((c * v[m] for c, v in zip(coefficients, basis, strict=True)), initial=Fraction(start[m])))
    parts = (tuple(c * x for x in v) for c, v in zip(coefficients[:d], basis[:d], strict=True))
    return Solution(
        values,
        basis,
        share=sum(values[:d], Fraction(0)) / sum(values),
        coefficients=coefficients,
        reconstruction=tuple(sum(column, Fraction(0)) for column in zip(start, *parts, strict=True)),
        values=filled,
        copies=tuple(value - P[m][m] * hole for value, P in zip(filled, projections, strict=True)),
        errors=errors,
        copy_errors=tuple(error + (P[m][m] * hole) ** 2 for error, P in zip(errors, projections, strict=True)),
        fit=hole + dot(fit, y),
        fit_error=_error(C, fit, m),
        best=hole + dot(best, y),
        best_error=_error(C, best, m),
    )


def _back(mean: Integers, y: Fractions) -> Fractions:
    """The filled point itself, not centred."""
    return tuple(mu + a for mu, a in zip(mean, y, strict=True))


def _image(C: Sequence[Sequence[Any]], v: Sequence[Any]) -> tuple[Any, ...]:
    """C v."""
    return tuple(dot(row, v) for row in C)


def _filled(params: Params) -> Fractions:
    """x - mu for the point with the mean in its hole: 0 at the missing coordinate."""
    m = params.missing - 1
    point = (*params.observed[:m], params.mean[m], *params.observed[m:])
    return tuple(Fraction(x - mu) for x, mu in zip(point, params.mean, strict=True))


def _projection(basis: Sequence[Integers], size: int) -> matrices.Matrix:
    """The sum of v v' / |v|^2 over orthogonal vectors."""
    squares = [(v, dot(v, v)) for v in basis]
    return tuple(
        tuple(sum((Fraction(v[i] * v[j]) / square for v, square in squares), Fraction(0)) for j in range(size))
        for i in range(size)
    )


def _fit(P: matrices.Matrix, m: int) -> Fractions:
    """The coefficients P_mj / (1 - P_mm) of the fit on the observed coordinates."""
    return tuple(Fraction(0) if j == m else p / (1 - P[m][m]) for j, p in enumerate(P[m]))


def _regression(C: tuple[Integers, ...], m: int) -> Fractions:
    """The coefficients C_oo^-1 C_om of the conditional mean, and 0 for the hole itself."""
    inverse = matrices.inverse(matrices.minor(matrices.matrix(C), m, m))
    found = _image(inverse, [c for j, c in enumerate(C[m]) if j != m])
    return (*found[:m], Fraction(0), *found[m:])


def _remainder(coefficients: Fractions, m: int) -> Fractions:
    """w with x_m - prediction = w'(x - mu): 1 for the hole, minus the coefficients for the others."""
    return tuple(Fraction(1) if j == m else -a for j, a in enumerate(coefficients))


def _error(C: tuple[Integers, ...], coefficients: Fractions, m: int) -> Fraction:
    w = _remainder(coefficients, m)
    return Fraction(dot(w, _image(C, w)))


SHARE = "\\frac{\\sum_{i\\le d} \\lambda_i}{\\sum_i \\lambda_i}"
SYMBOLS = {
    "values": "(r_k)_k",
    "copies": "(r'_k)_k",
    "errors": "(\\mathcal{E}_k)_k",
    "copy_errors": "(\\mathcal{E}'_k)_k",
    "fit": "r_{\\text{fit}}",
    "best": "r_{*}",
    "fit_error": "\\mathcal{E}_{\\text{fit}}",
    "best_error": "\\mathcal{E}_{*}",
}


def answers(params: Params, solution: Solution) -> tuple[Answer, ...]:
    """The results in the order of the parts; what belongs to 0, ..., D components stands in rows."""
    s = solution
    return (
        Answer("eigenvalues", "components", matrix_term([s.eigenvalues]), symbol="(\\lambda_i)_i"),
        Answer("share", "components", number(s.share), symbol=SHARE),
        Answer("reconstruction", "fill", column_term(s.reconstruction), symbol="\\hat x"),
        Answer("value", "fill", number(s.reconstruction[params.missing - 1]), symbol=f"r_{{{params.components}}}"),
        *(
            Answer(name, "limits", matrix_term([getattr(s, name)]), symbol=SYMBOLS[name])
            for name in ("values", "copies", "errors", "copy_errors")
        ),
        *(
            Answer(name, "compare", number(getattr(s, name)), symbol=SYMBOLS[name])
            for name in ("fit", "best", "fit_error", "best_error")
        ),
    )


def derivations(params: Params, solution: Solution) -> Mapping[str, Derivation]:
    """The chains of all parts; those for single components are numbered."""
    return {
        **_spectrum(params, solution),
        **_reconstruction(params, solution),
        **_limits(params, solution),
        **_comparison(params, solution),
        **_general(),
        **_of_all_data(),
    }


def _written_dot(a: Iterable[Any], b: Iterable[Any]) -> Term:
    """a_1 b_1 + a_2 b_2 + ..., written out."""
    return total(number(x) * number(y) for x, y in zip(a, b, strict=True))


def _spectrum(params: Params, solution: Solution) -> dict[str, Derivation]:
    """C v = lambda v for each component, the characteristic polynomial in two dimensions, and the share of variance."""
    C, first = matrix_term(params.covariance), total(solution.eigenvalues[: params.components])
    roots = sorted(MP.eigsy(MP.matrix(params.covariance), eigvals_only=True), reverse=True)
    chains = {}
    for i, (value, v) in enumerate(zip(solution.eigenvalues, solution.components, strict=True), 1):
        chain = derive(called(f"C v_{i}", matrices.multiply(C.value(), matrices.column(v)))).eq(C * column_term(v))
        chains[f"lambda_{i}"] = derive(called(f"\\lambda_{i}", roots[i - 1])).eq(number(value))
        chains[f"eigen_{i}"] = chain.eq(column_term(_image(params.covariance, v))).eq(number(value) * column_term(v))
    if len(params.mean) == 2:
        ((a, b), (_, c)), (large, small), x = params.covariance, solution.eigenvalues, Sym("lambda", "\\lambda")
        chains["polynomial"] = (
            derive(det(matrix_term([[a - x, number(b)], [number(b), c - x]])), **{"lambda": real})
            .eq(x**2 - number(large + small) * x + large * small)
            .eq((x - large) * (x - small))
        )
    variances = total(params.covariance[j][j] for j in range(len(params.mean)))
    share = derive(first / total(solution.eigenvalues)).eq(first / variances).eq(solution.share).approx()
    return {**chains, "share": share}


def _without(point: Iterable[Any], others: Sequence[Integers]) -> Fractions:
    """What is left of a point when its parts along orthogonal vectors are taken away, one after the other."""
    rest = tuple(map(Fraction, point))
    for v in others:
        factor = sum((x * a for x, a in zip(v, rest, strict=True)), Fraction(0)) / sum(x * x for x in v)
        rest = tuple(a - factor * x for x, a in zip(v, rest, strict=True))
    return rest


def _reconstruction(params: Params, solution: Solution) -> dict[str, Derivation]:
    """The coefficients of the filled point (by name: from the whole basis), and what the first d of them make."""
    y, d, basis, found = _filled(params), params.components, solution.components, solution.coefficients
    coordinates = matrices.multiply(matrices.inverse(matrices.transpose(matrices.matrix(basis))), matrices.column(y))
    chains = {}
    for i, (v, (value,)) in enumerate(zip(basis, coordinates, strict=True), 1):
        chain = derive(called(f"c_{i}", value)).eq(_written_dot(v, y) / number(dot(v, v)))
        chains[f"coefficient_{i}"] = chain.eq(found[i - 1])
        chains[f"c_{i}"] = derive(called(f"c_{i}", value)).eq(number(found[i - 1]))
    kept = [mu + a for mu, a in zip(params.mean, _without(y, basis[d:]), strict=True)]
    parts = [_along(c, v) for c, v in zip(found[:d], basis[:d], strict=True)]
    chain = derive(called("\\hat x", matrices.column(kept))).eq(total([column_term(params.mean), *parts]))
    point = column_term(_back(params.mean, y))
    centred = derive(called("y", matrices.column(y))).eq(point - column_term(params.mean)).eq(column_term(y))
    return {**chains, "centred": centred, "reconstruction": chain.eq(column_term(solution.reconstruction))}


def _along(c: Fraction, v: Integers) -> Term:
    """c v, without the factor if it is 1 or -1."""
    if abs(c) == 1:
        return column_term(v) if c == 1 else -column_term(v)
    return number(c) * column_term(v)


def _limits(params: Params, solution: Solution) -> dict[str, Derivation]:
    """The value in the hole and the mean squared error, for each number of components and for both fills."""
    s, m, basis, y = solution, params.missing - 1, solution.components, _filled(params)
    hole = params.mean[m]
    zero = [-hole if j == m else a for j, a in enumerate(y)]
    ends = called(
        "C_{mm}", sum(a * v[m] ** 2 / sum(x * x for x in v) for a, v in zip(s.eigenvalues, basis, strict=True))
    )
    chains = {"hole": derive(called("y_m", y[m])).eq(0), "mean_error": derive(ends).eq(number(s.errors[0]))}
    for k, (v, c) in enumerate(zip(basis, s.coefficients, strict=True), 1):
        share = total(number(u[m]) ** 2 / number(dot(u, u)) for u in basis[:k])
        value, copy = (called(f"{r}_{k}", hole + _without(x, basis[k:])[m]) for r, x in (("r", y), ("r'", zero)))
        chains[f"value_{k}"] = derive(value).eq(number(s.values[k - 1]) + number(c) * number(v[m])).eq(s.values[k])
        chains[f"copy_{k}"] = derive(copy).eq(number(s.values[k]) - share * number(hole)).eq(s.copies[k])
        row = _projection(basis[:k], len(y))[m]
        chain = _error_chain(f"\\mathcal{{E}}_{k}", params, s, row, s.errors[k])
        chains[f"error_{k}"] = chain if k == len(basis) else _against(chain, s.errors[k], s.errors[0])
        grown = derive(called(f"\\mathcal{{E}}'_{k}", _second_moment(params, basis[:k])))
        added = number(hole) ** 2 * number(row[m]) ** 2
        chains[f"copy_error_{k}"] = grown.eq(number(s.errors[k]) + added).eq(s.copy_errors[k])
    rows = (_projection(basis[:k], len(y))[m] for k in range(len(basis) + 1))
    least = called("\\min_k \\mathcal{E}_k", min(_mean_square_of(params, s, row) for row in rows))
    return {**chains, "smallest": derive(least).eq(min(s.errors)).approx()}


def _against(chain: Derivation, error: Fraction, of_the_mean: Fraction) -> Derivation:
    """An error compared with that of the mean, which version 1 of this topic may not fall below."""
    return chain if error == of_the_mean else chain.then("<" if error < of_the_mean else ">", of_the_mean)


def _second_moment(params: Params, basis: Sequence[Integers]) -> Fraction:
    """The mean of (x_m - r'_k)^2 with 0 in the hole, from the moments of (x, 1): x_m - r'_k = (w, c)'(x, 1)."""
    m, mean = params.missing - 1, params.mean
    unit = [int(j == m) for j in range(len(mean))]
    row = [a - b for a, b in zip(unit, _without(unit, basis), strict=True)]  # row m of the projection
    constant = sum((p * mu for p, mu in zip(row, mean, strict=True)), Fraction(0)) - mean[m]
    w, extended = [*(a or -p for a, p in zip(unit, row, strict=True)), constant], (*mean, 1)
    covariance = [*([*line, 0] for line in params.covariance), [0] * len(extended)]
    places = [(i, j) for i in range(len(w)) for j in range(len(w))]
    return Fraction(sum(w[i] * w[j] * (covariance[i][j] + extended[i] * extended[j]) for i, j in places))


def _error_chain(printed: str, params: Params, s: Solution, a: Fractions, result: Fraction) -> Derivation:
    """w'Cw, named by the mean over points."""
    w = _remainder(a, params.missing - 1)
    form = entry(matrix_term([w]) * matrix_term(params.covariance) * column_term(w))
    return derive(called(printed, _mean_square_of(params, s, a))).eq(form).eq(result)


def _mean_square_of(params: Params, s: Solution, a: Fractions) -> Fraction:
    """The mean over the points mu +- v_i with weights lambda_i / (2 |v_i|^2): their covariance is C."""
    m, square = params.missing - 1, Fraction(0)
    for value, v in zip(s.eigenvalues, s.components, strict=True):
        predicted = sum(x * b for j, (x, b) in enumerate(zip(v, a, strict=True)) if j != m)
        square += value * (v[m] - predicted) ** 2 / sum(x * x for x in v)
    return square


def _comparison(params: Params, s: Solution) -> dict[str, Derivation]:
    """The fit on the observed coordinates, the conditional mean, and their mean squared errors."""
    C, m, d, hole = params.covariance, params.missing - 1, params.components, params.mean[params.missing - 1]
    y, basis, others = _filled(params), s.components[:d], [j for j in range(len(C)) if j != m]
    P, a = _projection(basis, len(C)), _regression(C, m)
    weight, w = number(P[m][m]), _remainder(a, m)
    block, across = matrix_term([[C[i][j] for j in others] for i in others]), column_term(C[m][j] for j in others)
    # The names' values: with e = e_m, the part of y + t e outside the subspace is 0 at m for the fit; the conditional
    # mean belongs to w = K e / K_mm with K the inverse of C.
    axis = _without([int(j == m) for j in range(len(C))], basis)
    K = matrices.inverse(matrices.matrix(C))[m]
    conditional = hole - sum(K[j] * y[j] for j in others) / K[m]
    residual = [C[i][m] + sum(C[i][j] * K[j] / K[m] for j in others) for i in others]
    kept = called("r_d", hole + _without(y, s.components[d:])[m])
    return {
        "kept": derive(kept).eq(number(s.values[d])),
        "inside": derive(called("P_{mm}", 1 - axis[m])).then("<", 1),
        "orthogonal": derive(called("C_{om} - C_{oo} a_*", sum(map(abs, residual)))).eq(0),
        "weight": derive(called(f"P_{{{m + 1}{m + 1}}}", 1 - axis[m]))
        .eq(total(number(v[m]) ** 2 / number(dot(v, v)) for v in basis))
        .eq(weight),
        "fit": derive(called("r_{\\text{fit}}", hole - _without(y, basis)[m] / axis[m]))
        .eq(hole + number(s.values[d] - hole) / (1 - weight))
        .eq(s.fit),
        "coefficients": derive(called("a_{*}", matrices.column(-K[j] / K[m] for j in others)))
        .eq(inverted(block) * across)
        .eq(column_term(a[j] for j in others)),
        "best": derive(called("r_{*}", conditional))
        .eq(total([hole, *(number(a[j]) * number(y[j]) for j in others)]))
        .eq(s.best),
        "normal": derive(called("C w_{*}", matrices.column(int(j == m) / K[m] for j in range(len(C)))))
        .eq(matrix_term(C) * column_term(w))
        .eq(column_term(s.best_error if j == m else 0 for j in range(len(C)))),
        "fit_error": _error_chain("\\mathcal{E}_{\\text{fit}}", params, s, _fit(P, m), s.fit_error),
        "best_error": _error_chain("\\mathcal{E}_{*}", params, s, a, s.best_error),
    }


def _columns(random: Random) -> Value:
    return matrices.column(real(random) for _ in range(3))


def _symmetric(random: Random) -> Value:
    a, b, c, d, e, f = (real(random) for _ in range(6))
    return ((a, b, c), (b, d, e), (c, e, f))


def _zero_filled(random: Random) -> Mapping[str, Value]:
    """A domain: points in three dimensions, the first coordinate of each filled with 0 and projected on two directions.

    Everything is a mean over these points; P projects on (a, b, c) and (b, -a, 0).
    """
    points = [[real(random) for _ in range(3)] for _ in range(5)]
    a, b, c = (real(random) for _ in range(3))
    mean = [sum(x) / len(points) for x in zip(*points, strict=True)]

    def projected(y: Sequence[Any]) -> Any:
        lines = ((a, b, c), (b, -a, 0))
        return sum(v[0] * sum(map(mul, v, y)) / sum(map(mul, v, v)) for v in lines)

    def missed(x: Sequence[Any], fill: Any) -> Any:
        return x[0] - mean[0] - projected([fill - mean[0], x[1] - mean[1], x[2] - mean[2]])

    def average(numbers: Iterable[Any]) -> Any:
        return sum(numbers) / len(points)

    share = projected([1, 0, 0])
    return {
        "zero": average(missed(x, 0) ** 2 for x in points),
        "shifted": average((missed(x, mean[0]) + mean[0] * share) ** 2 for x in points),
        "mean": average(missed(x, mean[0]) ** 2 for x in points),
        "mu": mean[0],
        "share": share,
    }


def _of_zero_filled(printed: str, name: str) -> Named:
    return Named(printed, name, lambda env: env["points"][name])


@cache
def _general() -> Mapping[str, Derivation]:
    """The mean squared error of w + delta, for all symmetric C; and what a filling with 0 adds, for all data."""
    C, w, delta = Sym("C"), Sym("w"), Sym("delta", "\\delta")
    whole, first, last = ((transposed(a) * C * a) for a in (w + delta, w, delta))
    mixed = 2 * entry(transposed(delta) * C * w)
    domain = {"C": _symmetric, "w": _columns, "delta": _columns}
    zero, kept = _of_zero_filled("\\mathcal{E}'_k", "zero"), _of_zero_filled("\\mathcal{E}_k", "mean")
    moved = "\\mathbb{E}\\bigl[(w^\\top(x-\\mu) + \\mu_m P_{mm})^2\\bigr]"
    mu, share = _of_zero_filled("\\mu_m", "mu"), _of_zero_filled("P_{mm}", "share")
    return {
        "shifted": derive(entry(whole), **domain).eq(entry(first) + mixed + entry(last)),
        "zero_filled": derive(zero, points=_zero_filled)
        .eq(_of_zero_filled(moved, "shifted"))
        .eq(kept + mu**2 * share**2, "centred"),
    }


@dataclass(frozen=True)
class AnyData:
    """Points in three dimensions, the first of which lacks its first coordinate; and three orthogonal directions."""

    points: tuple[Fractions, ...]
    basis: tuple[Fractions, ...]
    k: int
    """How many of the directions, 1 or 2."""
    t: Fraction
    """Any value in the hole, less the mean."""
    z: Fractions
    """Any point, less the mean."""

    @property
    def mean(self) -> Fractions:
        return tuple(self.average([x[j] for x in self.points]) for j in range(3))

    @property
    def covariance(self) -> matrices.Matrix:
        centred = [tuple(a - mu for a, mu in zip(x, self.mean, strict=True)) for x in self.points]
        return tuple(tuple(self.average([y[i] * y[j] for y in centred]) for j in range(3)) for i in range(3))

    def average(self, numbers: Sequence[Any]) -> Any:
        """The mean over the points."""
        return sum(numbers) / len(self.points)

    def y(self, x: Sequence[Any], fill: Any) -> tuple[Any, ...]:
        """A point with this in its hole, less the mean."""
        return tuple(a - mu for a, mu in zip((fill, *x[1:]), self.mean, strict=True))

    def r(self, x: Sequence[Any], k: int, fill: Any) -> Any:
        """The inpainted value: what is left when the parts along the other directions are taken away."""
        rest = self.y(x, fill)
        for v in self.basis[k:]:
            factor = sum(map(mul, v, rest)) / sum(map(mul, v, v))
            rest = tuple(a - factor * b for a, b in zip(rest, v, strict=True))
        return self.mean[0] + rest[0]

    def error(self, k: int, zero: bool = False) -> Any:
        """The mean squared error with the mean in the hole, or with 0."""
        return self.average([(x[0] - self.r(x, k, 0 if zero else self.mean[0])) ** 2 for x in self.points])

    @property
    def row(self) -> Fractions:
        """P_mj for all j, as sums over the directions."""
        return tuple(
            sum((v[0] * v[j] / sum(map(mul, v, v)) for v in self.basis[: self.k]), Fraction(0)) for j in range(3)
        )

    @property
    def w(self) -> Fractions:
        return (Fraction(1), *(-p for p in self.row[1:]))

    @property
    def fitted(self) -> Any:
        """The value in the hole, less the mean, by the normal equations of the fit on the observed coordinates."""
        y, kept = self.y(self.points[0], 0), self.basis[: self.k]
        gram = tuple(tuple(sum(map(mul, u[1:], v[1:])) for v in kept) for u in kept)
        sides = matrices.column(sum(map(mul, v[1:], y[1:])) for v in kept)
        return sum(c * v[0] for (c,), v in zip(matrices.multiply(matrices.inverse(gram), sides), kept, strict=True))


def _data(random: Random) -> AnyData:
    """A domain: all data."""
    a, b, c = (positive(random) for _ in range(3))
    basis = ((a, b, c), (b, -a, Fraction(0)), (a * c, b * c, -(a**2) - b**2))
    points = tuple(tuple(real(random) for _ in range(3)) for _ in range(5))
    return AnyData(points, basis, random.randint(1, 2), real(random), tuple(real(random) for _ in range(3)))


def _of(printed: str, value: Callable[[AnyData], Any]) -> Named:
    return Named(printed, printed, lambda env: value(env["data"]))


def _chain(start: Term, *others: Term | int) -> Derivation:
    chain = derive(start, data=_data)
    for other in others:
        chain = chain.eq(other)
    return chain


def _w_part(o: AnyData) -> Any:
    """w'(x - mu) at the first point."""
    return sum(map(mul, o.w, o.y(o.points[0], o.points[0][0])))


def _along_e(o: AnyData) -> Any:
    """Coordinate m of the projection of y + t e_m, by the directions that are left out."""
    return o.r(o.points[0], o.k, o.mean[0] + o.t) - o.mean[0]


def _distance(o: AnyData) -> Any:
    """|y + t e_m - z|^2."""
    moved = o.y(o.points[0], o.mean[0] + o.t)
    return sum((a - b) ** 2 for a, b in zip(moved, o.z, strict=True))


@cache
def _of_all_data() -> Mapping[str, Derivation]:
    """What the proofs say of all data, of any number of components, and of any coordinate: here the first."""
    mu, P_mm, x_m, t = (
        _of("\\mu_m", lambda o: o.mean[0]),
        _of("P_{mm}", lambda o: o.row[0]),
        _of("x_m", lambda o: o.points[0][0]),
        _of("t", lambda o: o.fitted),
    )
    r_k, copy = (
        _of("r_k", lambda o: o.r(o.points[0], o.k, o.mean[0])),
        _of("r'_k", lambda o: o.r(o.points[0], o.k, 0)),
    )
    rest = _of("w^\\top(x - \\mu)", _w_part)
    return {**_ends(mu), **_fitting(mu, P_mm, t), **_in_between(mu, P_mm, x_m, r_k, copy, rest)}


def _ends(mu: Named) -> dict[str, Derivation]:
    """No component, and all of them."""
    return {
        "none": _chain(_of("r_0", lambda o: o.r(o.points[0], 0, o.mean[0])), mu),
        "both_none": _chain(
            _of("r_0", lambda o: o.r(o.points[0], 0, o.mean[0])), _of("r'_0", lambda o: o.r(o.points[0], 0, 0)), mu
        ),
        "all": _chain(_of("r_D", lambda o: o.r(o.points[0], 3, o.mean[0])), mu),
        "all_zero": _chain(_of("r'_D", lambda o: o.r(o.points[0], 3, 0)), 0),
        "share_none": _chain(_of("P_{mm}", lambda o: o.r(o.points[0], 0, o.mean[0] + 1) - o.mean[0]), 0),
        "error_none": _chain(
            _of("\\mathcal{E}'_0", lambda o: o.error(0, zero=True)), _of("\\mathcal{E}_0", lambda o: o.error(0))
        ),
    }


def _in_between(mu: Named, P_mm: Named, x_m: Named, r_k: Named, copy: Named, rest: Named) -> dict[str, Derivation]:
    """The values and the errors for k components."""
    before = _of("r_{k-1}", lambda o: o.r(o.points[0], o.k - 1, o.mean[0]))
    v = _of("v_{k,m}", lambda o: o.basis[o.k - 1][0])
    squares = _of("\\sum_{i\\le k} \\frac{v_{i,m}^2}{\\|v_i\\|^2}", lambda o: o.row[0])
    others = _of("\\sum_{j \\ne m} P_{mj}(x_j - \\mu_j)", lambda o: sum(map(mul, o.row[1:], o.y(o.points[0], 0)[1:])))
    square = "\\mathbb{E}\\bigl[(w^\\top(x - \\mu))^2\\bigr]"
    return {
        "one_more": _chain(r_k, before + _of("c_k", _coefficient) * v),
        "copied": _chain(copy, r_k - mu * squares),
        "linear": _chain(r_k, mu + others),
        "missed": _chain(x_m - r_k, rest),
        "error": _chain(
            _of("\\mathcal{E}_k", lambda o: o.error(o.k)), _of(square, _mean_square), _of("w^\\top C w", _form)
        ),
        "share_of_hole": _chain(copy, r_k - mu * P_mm),
        "copy_missed": _chain(x_m - copy, rest + mu * P_mm),
    }


def _coefficient(o: AnyData) -> Any:
    v = o.basis[o.k - 1]
    return sum(map(mul, v, o.y(o.points[0], o.mean[0]))) / sum(map(mul, v, v))


def _mean_square(o: AnyData) -> Any:
    return o.average([sum(map(mul, o.w, o.y(x, x[0]))) ** 2 for x in o.points])


def _form(o: AnyData) -> Any:
    return sum(a * sum(map(mul, line, o.w)) for a, line in zip(o.w, o.covariance, strict=True))


def _fitting(mu: Named, P_mm: Named, t: Named) -> dict[str, Derivation]:
    """The fit on the observed coordinates, and the error of any linear prediction."""
    projected = _of("(Py)_m", lambda o: sum(map(mul, o.row[1:], o.y(o.points[0], 0)[1:])))
    r_d, any_t = _of("r_d", lambda o: o.r(o.points[0], o.k, o.mean[0])), _of("t", lambda o: o.t)
    observed = _of(
        "\\sum_{j \\ne m} (y_j - z_j)^2",
        lambda o: sum((a - b) ** 2 for a, b in zip(o.y(o.points[0], 0)[1:], o.z[1:], strict=True)),
    )
    predicted = _of("a^\\top(x_o - \\mu_o)", lambda o: sum(map(mul, o.z[1:], o.y(o.points[0], 0)[1:])))
    w = _of(
        "w^\\top(x - \\mu)",
        lambda o: sum(map(mul, (1, -o.z[1], -o.z[2]), o.y(o.points[0], o.points[0][0]))),
    )
    return {
        "split": _chain(
            _of("\\|y + t e_m - z\\|^2", _distance), observed + (any_t - _of("z_m", lambda o: o.z[0])) ** 2
        ),
        "nearest": _chain(_of("(P(y + t e_m))_m", _along_e), projected + P_mm * any_t),
        "both": _chain(t, projected + P_mm * t),
        "projected": _chain(projected, r_d - mu),
        "fitted": _chain(t, (r_d - mu) / (1 - P_mm)),
        "prediction": _chain(_of("x_m", lambda o: o.points[0][0]) - mu - predicted, w),
    }


def claims(params: Params, solution: Solution) -> Mapping[str, bool]:
    """What the sentences say of the errors of these data."""
    s, d, hole = solution, params.components, params.missing - 1
    inner, mean = s.errors[1:-1], s.errors[0]
    lowest = [k for k, error in enumerate(s.errors) if error == min(s.errors)]
    shares = [_projection(s.components[:k], len(params.mean))[hole][hole] for k in range(len(s.errors))]
    return {
        "ends": s.errors[-1] == mean,
        "smallest": all(s.errors[k] < error for k in lowest for j, error in enumerate(s.errors) if j not in lowest),
        "copied_worse": all(a > b for a, b in zip(s.copy_errors[1:], s.errors[1:], strict=True)),
        "share_grows": shares == sorted(set(shares)) and shares[-1] == 1,
        **({"dips": max(inner) < mean} if dips(s) else {"does_not_dip": any(error >= mean for error in inner)}),
        **({"fit_better": s.fit_error < s.errors[d]} if s.fit_error < s.errors[d] else {}),
        **({"fit_worse": s.fit_error > s.errors[d]} if s.fit_error > s.errors[d] else {}),
    }


def dips(s: Solution) -> bool:
    """Whether the errors lie below that of the mean for every number of components in between."""
    return all(error < s.errors[0] for error in s.errors[1:-1])


def by_svd(params: Params, solution: Solution) -> Iterator[Comparison]:
    """Oracle: PCA by the singular values of a sample with exactly this mean and covariance; means over the sample."""
    import numpy as np

    s, m, d, mean = solution, params.missing - 1, params.components, np.array(params.mean, dtype=float)
    others, size = np.arange(len(mean)) != m, len(mean)
    root = np.sqrt(size) * np.linalg.cholesky(np.array(params.covariance, dtype=float)).T
    sample, point = np.vstack([mean + root, mean - root]), np.insert(np.array(params.observed, dtype=float), m, 0)
    _, singular, axes = np.linalg.svd(sample - sample.mean(0), full_matrices=False)
    basis = np.array(s.components, dtype=float)

    def inpainted(x: Any, k: int, fill: float) -> Any:
        return mean + (np.where(others, x, fill) - mean) @ axes[:k].T @ axes[:k]

    def fitted(x: Any) -> Any:
        return mean[m] + np.linalg.lstsq(axes[:d, others].T, (x - mean).T[others])[0].T @ axes[:d, m]

    def regressed(x: Any) -> Any:
        slope = np.linalg.lstsq(np.c_[sample[:, others], np.ones(2 * size)], sample[:, m])[0]
        return x.T[others].T @ slope[:-1] + slope[-1]

    def error(found: Any) -> float:
        return float(np.mean((sample[:, m] - found) ** 2))

    values, kept = singular**2 / len(sample), range(size + 1)
    yield all_close("eigenvalues", s.eigenvalues, values)
    yield all_close("components", np.abs((axes * basis).sum(1)), np.sqrt((basis**2).sum(1)))
    yield close("share", s.share, values[:d].sum() / values.sum())
    yield all_close("coefficients", s.coefficients, np.linalg.solve(basis.T, np.where(others, point - mean, 0)))
    yield all_close("reconstruction", s.reconstruction, inpainted(point, d, mean[m]))
    yield close("value", s.values[d], inpainted(point, d, mean[m])[m])
    yield all_close("values", s.values, [inpainted(point, k, mean[m])[m] for k in kept])
    yield all_close("copies", s.copies, [inpainted(point, k, 0)[m] for k in kept])
    yield all_close("errors", s.errors, [error(inpainted(sample, k, mean[m])[:, m]) for k in kept])
    yield all_close("copy_errors", s.copy_errors, [error(inpainted(sample, k, 0)[:, m]) for k in kept])
    yield close("fit", s.fit, fitted(point))
    yield close("fit_error", s.fit_error, error(fitted(sample)))
    yield close("best", s.best, regressed(point))
    yield close("best_error", s.best_error, error(regressed(sample)))


def by_slopes(params: Params, solution: Solution) -> Iterator[Comparison]:
    """Oracle: eigenvectors of C, predictions as solutions of least squares, and their errors from their slopes.

    Each prediction is affine in what is observed, so that a step of 1 gives a slope.
    """
    import numpy as np

    s, m, d = solution, params.missing - 1, params.components
    mean, C, observed = (np.array(x, dtype=float) for x in (params.mean, params.covariance, params.observed))
    values, axes = (x[..., ::-1] for x in np.linalg.eigh(C))
    others, hole = np.delete(mean, m), np.eye(len(mean))[:, m : m + 1]

    def solved(columns: Any, x: Any, fill: Any) -> Any:
        return np.linalg.lstsq(columns, np.insert(x, m, float(fill)) - mean)[0]

    def error(value: Callable[[Any], Any]) -> float:
        slopes = np.array([value(observed + unit) - value(observed) for unit in np.eye(len(observed))])
        w = np.insert(-slopes, m, 1.0)
        return float(w @ C @ w + (value(others) - mean[m]) ** 2)

    def filled(k: int, fill: Any) -> Callable[[Any], Any]:
        return lambda x: mean[m] + (axes[m, :k] @ solved(axes[:, :k], x, fill) if k else 0.0)

    def fit(x: Any) -> Any:  # the hole's value is one more unknown
        return mean[m] + solved(np.hstack([axes[:, :d], -hole]), x, mean[m])[-1]

    def best(x: Any) -> Any:  # the mode of the normal density along the hole
        normal = np.linalg.inv(C)
        return mean[m] - (np.insert(x, m, mean[m]) - mean) @ normal[m] / normal[m, m]

    made, zeros = ([filled(k, fill) for k in range(len(mean) + 1)] for fill in (mean[m], 0))
    yield all_close("eigenvalues", s.eigenvalues, values)
    yield close("share", s.share, values[:d].sum() / C.trace())
    yield all_close("reconstruction", s.reconstruction, mean + axes[:, :d] @ solved(axes[:, :d], observed, mean[m]))
    yield close("value", s.values[d], made[d](observed))
    yield all_close("values", s.values, [value(observed) for value in made])
    yield all_close("copies", s.copies, [value(observed) for value in zeros])
    yield all_close("errors", s.errors, list(map(error, made)))
    yield all_close("copy_errors", s.copy_errors, list(map(error, zeros)))
    yield close("fit", s.fit, fit(observed))
    yield close("fit_error", s.fit_error, error(fit))
    yield close("best", s.best, best(observed))
    yield close("best_error", s.best_error, error(best))


oracles = (by_svd, by_slopes)
