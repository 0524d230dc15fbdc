"""Inpainting: a missing coordinate by PCA, from the mean of the training data in its place, and what does better.

The training data have the mean mu and the covariance C (with 1/N); C v_i = lambda_i v_i, lambda_1 > ... > lambda_D > 0,
and P = sum_{i<=d} v_i v_i' / |v_i|^2. A point whose coordinate m is missing is filled with mu_m, and reconstructed as
mu + P y with y = x - mu, y_m = 0. If the hole is filled with c instead, P_mm (c - mu_m) is added to its coordinate, and
the square of that to the mean squared error, because the error of the former has the mean 0.
The fit on the observed coordinates o solves t = (P y)_m + P_mm t; the conditional mean of a normal distribution is
mu_m + C_mo C_oo^-1 y_o. The prediction mu_m + a'y_o has the mean squared error w'Cw with w_m = 1 and w_o = -a
(Bishop, Pattern Recognition and Machine Learning, 2006, sections 2.3.1 and 12.1).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from operator import mul
from random import Random
from typing import Any

from blattwerk.vocabulary import (
    Answer,
    Comparison,
    Derivation,
    Named,
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
    real,
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


def solve(params: Params) -> Solution:
    """Everything that the parts ask for."""
    C, mean, m, d = params.covariance, params.mean, params.missing - 1, params.components
    y, hole = _filled(params), mean[m]
    spectrum = sorted(((Fraction(dot(v, _image(C, v)), dot(v, v)), v) for v in params.directions), reverse=True)
    values, basis = tuple(value for value, _ in spectrum), tuple(v for _, v in spectrum)
    projections = [_projection(basis[:k], len(y)) for k in range(len(y) + 1)]
    filled = tuple(hole + dot(P[m], y) for P in projections)
    errors = tuple(_error(C, P[m], m) for P in projections)
    fit, best = _fit(projections[d], m), _regression(C, m)
    return Solution(
        values,
        basis,
        share=sum(values[:d], Fraction(0)) / sum(values),
        coefficients=tuple(dot(v, y) / dot(v, v) for v in basis),
        reconstruction=tuple(mu + dot(row, y) for mu, row in zip(mean, projections[d], strict=True)),
        values=filled,
        copies=tuple(value - P[m][m] * hole for value, P in zip(filled, projections, strict=True)),
        errors=errors,
        copy_errors=tuple(error + (P[m][m] * hole) ** 2 for error, P in zip(errors, projections, strict=True)),
        fit=hole + dot(fit, y),
        fit_error=_error(C, fit, m),
        best=hole + dot(best, y),
        best_error=_error(C, best, m),
    )


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


SHARE = "\\frac{\\sum_{i\\le k} \\lambda_i}{\\sum_i \\lambda_i}"
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
        Answer("value", "fill", number(s.values[params.components]), symbol=f"r_{{{params.components}}}"),
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
    }


def _written_dot(a: Iterable[Any], b: Iterable[Any]) -> Term:
    """a_1 b_1 + a_2 b_2 + ..., written out."""
    return total(number(x) * number(y) for x, y in zip(a, b, strict=True))


def _spectrum(params: Params, solution: Solution) -> dict[str, Derivation]:
    """C v = lambda v for each component, the characteristic polynomial in two dimensions, and the share of variance."""
    C, first = matrix_term(params.covariance), total(solution.eigenvalues[: params.components])
    chains = {}
    for i, (value, v) in enumerate(zip(solution.eigenvalues, solution.components, strict=True), 1):
        chain = derive(called(f"C v_{i}", matrices.multiply(C.value(), matrices.column(v)))).eq(C * column_term(v))
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
    kept = [mu + a for mu, a in zip(params.mean, _without(y, basis[d:]), strict=True)]
    parts = [_along(c, v) for c, v in zip(found[:d], basis[:d], strict=True)]
    chain = derive(called("\\hat x", matrices.column(kept))).eq(total([column_term(params.mean), *parts]))
    point = column_term(mu + a for mu, a in zip(params.mean, y, strict=True))
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
    chains = {}
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
    return chains


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
    """w'Cw; by name, the mean over the points mu +- v_i with weights lambda_i / (2 |v_i|^2): their covariance is C."""
    m, square = params.missing - 1, Fraction(0)
    for value, v in zip(s.eigenvalues, s.components, strict=True):
        predicted = sum(x * b for j, (x, b) in enumerate(zip(v, a, strict=True)) if j != m)
        square += value * (v[m] - predicted) ** 2 / sum(x * x for x in v)
    w = _remainder(a, m)
    form = entry(matrix_term([w]) * matrix_term(params.covariance) * column_term(w))
    return derive(called(printed, square)).eq(form).eq(result)


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
    return {
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


def by_torch(params: Params, solution: Solution) -> Iterator[Comparison]:
    """Oracle: eigenvectors by torch, predictions as solutions of least squares, their errors from autograd's slopes."""
    import torch

    def tensor(x: Any) -> torch.Tensor:
        return torch.tensor(x, dtype=torch.float64)

    s, m, d, mean, C = solution, params.missing - 1, params.components, tensor(params.mean), tensor(params.covariance)
    values, axes = (x.flip(-1) for x in torch.linalg.eigh(C))
    observed, hole = tensor(params.observed).requires_grad_(), torch.eye(len(mean), dtype=torch.float64)[:, m : m + 1]

    def placed(fill: Any) -> torch.Tensor:
        return torch.cat([observed[:m], tensor([float(fill)]), observed[m:]]) - mean

    def solved(columns: torch.Tensor, fill: Any) -> Any:
        return torch.linalg.lstsq(columns, placed(fill)[:, None]).solution[:, 0]

    def error(value: torch.Tensor) -> float:
        (a,) = torch.autograd.grad(value, observed) if value.requires_grad else (torch.zeros_like(observed),)
        w = torch.cat([-a[:m], tensor([1.0]), -a[m:]])
        at_mean = value - a @ (observed - torch.cat([mean[:m], mean[m + 1 :]]))
        return (w @ C @ w + (at_mean - mean[m]) ** 2).item()

    def value(k: int, fill: Any) -> Any:
        return mean[m] + (axes[m, :k] * solved(axes[:, :k], fill)).sum()

    made, kept = [value(k, params.mean[m]) for k in range(len(mean) + 1)], axes[:, :d]
    zeros = [value(k, 0) for k in range(len(mean) + 1)]
    fit = mean[m] + solved(torch.cat([kept, -hole], 1), params.mean[m])[-1]  # the hole's value is one more unknown
    normal = torch.linalg.inv(C)
    best = mean[m] - placed(params.mean[m]) @ normal[m] / normal[m, m]  # the mode of the normal density along the hole
    yield all_close("eigenvalues", s.eigenvalues, values)
    yield close("share", s.share, values[:d].sum().item() / C.trace().item())
    yield all_close("reconstruction", s.reconstruction, (mean + kept @ solved(kept, params.mean[m])).detach())
    yield close("value", s.values[d], made[d].item())
    yield all_close("values", s.values, [r.item() for r in made])
    yield all_close("copies", s.copies, [r.item() for r in zeros])
    yield all_close("errors", s.errors, [error(r) for r in made])
    yield all_close("copy_errors", s.copy_errors, [error(r) for r in zeros])
    yield close("fit", s.fit, fit.item())
    yield close("fit_error", s.fit_error, error(fit))
    yield close("best", s.best, best.item())
    yield close("best_error", s.best_error, error(best))


oracles = (by_svd, by_torch)
