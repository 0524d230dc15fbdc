"""A binary classifier, z = W1 x + b1, h = f(z), u = w2'h + b2, prediction sigma(u) = p, trained on labels y in {0, 1}.

With squared error (p - y)^2/2: dl/du = (p - y) p (1 - p); with cross-entropy: dl/du = p - y (Bishop, Pattern
Recognition and Machine Learning, 2006, section 5.3). The gradient through L layers sigma(W_i h + b_i) has a spectral
norm of at most 4^-L prod |W_i|, since sigma' <= 1/4. Hard inputs x + eps sign(g) with g = dl/dx: Goodfellow, Shlens,
Szegedy, Explaining and harnessing adversarial examples, ICLR 2015; x + eps g/|g| goes with the Euclidean norm.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from math import isqrt, prod
from random import Random
from typing import Any

from blattwerk.vocabulary import (
    MP,
    Answer,
    Comparison,
    Derivation,
    Env,
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
    exp,
    holds,
    log,
    matrix_term,
    number,
    positive,
    product,
    real,
    rightly,
    sqrt,
    unit,
    vector,
)
from blattwerk.vocabulary.elementwise import Hadamard
from blattwerk.vocabulary.exact.binary import bit, dot, sigma, sigmoid
from blattwerk.vocabulary.functions import entry
from blattwerk.vocabulary.matrices import Matrix, column, determinant, diagonal, multiply, trace, transpose
from blattwerk.vocabulary.slopes import partial_derivative, slope
from blattwerk.vocabulary.steps import computed

Vector = tuple[int, ...]
Fractions = tuple[Fraction, ...]
STEPS = ("sign", "ball")
NORMS = {"sign": "\\infty", "ball": "2"}  # by which the steps are measured


@dataclass(frozen=True)
class Classifier:
    """A classifier with one hidden layer, and a labelled input."""

    w1: tuple[Vector, ...]
    """W1 by rows, hidden units x inputs; in log 2 where the hidden units are sigmoids, in 1 where they are ReLUs."""
    b1: Vector
    """One for each hidden unit, in the unit of w1."""
    w2: Vector
    """One for each hidden unit, in log 2."""
    b2: Fraction
    """In log 2."""
    x: Vector
    """The input."""
    label: int
    """y, 0 or 1."""

    def z(self, x: tuple[Any, ...]) -> tuple[Any, ...]:
        """W1 x + b1."""
        return tuple(dot(row, x) + b for row, b in zip(self.w1, self.b1, strict=True))

    def u(self, h: Iterable[Any]) -> Any:
        """w2'h + b2, in log 2."""
        return dot(self.w2, h) + self.b2


@dataclass(frozen=True)
class Params:
    """What the four parts are about, each on its own."""

    smooth: Classifier
    """With sigmoids."""
    saturated: int
    """An output u far on the wrong side of 0, in log 2."""
    layers: tuple[tuple[int, int], ...]
    """(p, q) of each W_i = ((p, -q), (q, p))."""
    hard: Classifier
    """With ReLUs, whose input is to be made hard."""
    size: Fraction
    """eps, the positive size of the steps away from that input."""

    @property
    def saturated_label(self) -> int:
        """The label that the saturated output gets wrong."""
        return int(self.saturated < 0)

    @property
    def weights(self) -> tuple[Matrix, ...]:
        """W_1, ..., W_L."""
        return tuple(((p, -q), (q, p)) for p, q in self.layers)


@dataclass(frozen=True)
class Gradients:
    """The squared error's gradients at the input of a classifier with sigmoids."""

    u: int
    """In log 2."""
    delta2: Fraction
    """dl/du, and dl/db2."""
    grad_w2: Fractions
    """One for each hidden unit."""
    delta1: Fractions
    """dl/dz, and dl/db1, one for each hidden unit, in log 2."""
    grad_w1: tuple[Fractions, ...]
    """By rows like W1, in log 2."""


@dataclass(frozen=True)
class HardInputs:
    """The cross-entropy's gradient g = error * direction * log 2 by the input x, and where the steps along it lead."""

    u: int
    """At x, in log 2."""
    error: Fraction
    """p - y at x."""
    direction: Vector
    """du/dx, in log 2, of whole length."""
    inputs: tuple[Fractions, Fractions]
    """x + eps sign(g) and x + eps g/|g|."""
    outputs: tuple[Fraction, Fraction]
    """u at these two, in log 2."""


@dataclass(frozen=True)
class Solution:
    """What follows for each part."""

    smooth: Gradients
    saturated_mse: Fraction
    """delta2 of the squared error at the saturated output."""
    saturated_bce: Fraction
    """The same of the cross-entropy."""
    norms_squared: Vector
    """|W_i|^2 of each layer, spectral norms."""
    hard: HardInputs


def solve(params: Params, step: Step = rightly) -> Solution:
    """Every part on its own."""
    p = sigmoid(params.saturated)
    error = p - params.saturated_label
    return Solution(
        _gradients(params.smooth, step),
        step("saturated_mse", lambda: error * p * (1 - p)),
        step("saturated_bce", lambda: error, sign=lambda: -error, chain=lambda: error / (p * (1 - p))),
        tuple(p**2 + q**2 for p, q in params.layers),
        attack(params.hard, params.size, step),
    )


def _gradients(n: Classifier, step: Step) -> Gradients:
    h = tuple(map(sigmoid, n.z(n.x)))
    u = int(n.u(h))
    p = sigmoid(u)
    error = p - n.label
    delta2 = step("delta2", lambda: error * p * (1 - p), slope=lambda: error, half=lambda: 2 * error * p * (1 - p))
    grad_w2 = step("grad_w2", lambda: tuple(delta2 * a for a in h))
    delta1 = step("delta1", lambda: tuple(delta2 * w * a * (1 - a) for w, a in zip(n.w2, h, strict=True)))
    grad_w1 = step(
        "grad_w1",
        lambda: tuple(tuple(d * v for v in n.x) for d in delta1),
        outer=lambda: tuple(tuple(d * v for d in delta1) for v in n.x),
    )
    return Gradients(u, delta2, grad_w2, delta1, grad_w1)


def attack(n: Classifier, size: Fraction, step: Step = rightly) -> HardInputs:
    """The gradient of the cross-entropy by the input of a classifier with ReLUs, and where both steps lead."""
    u = int(n.u(_relu(n.z(n.x))))
    error = sigmoid(u) - n.label
    behind = tuple(w * (a > 0) for w, a in zip(n.w2, n.z(n.x), strict=True))
    direction = tuple(dot(column, behind) for column in zip(*n.w1, strict=True))
    moves = step("moves", lambda: _moves(error, direction), against=lambda: _moves(-error, direction))
    by_sign, by_ball = (tuple(x + size * d for x, d in zip(n.x, m, strict=True)) for m in moves)
    outputs = n.u(_relu(n.z(by_sign))), n.u(_relu(n.z(by_ball)))
    return HardInputs(u, error, direction, (by_sign, by_ball), outputs)


def _relu(z: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(max(a, 0) for a in z)


def _moves(error: Fraction, direction: Vector) -> tuple[Fractions, Fractions]:
    """sign(g) and g/|g|, for a direction of whole length."""
    uphill = Fraction(1 if error > 0 else -1)
    length = isqrt(dot(direction, direction))
    return tuple(uphill if v > 0 else -uphill for v in direction), tuple(uphill * v / length for v in direction)


def _loss(u: Fraction | int, label: int) -> Term:
    """The cross-entropy at u log 2, with the power of 2 worked out where it is rational."""
    exponent = Fraction(u if label == 0 else -u)
    return log(number(1 + Fraction(2) ** exponent.numerator)) if exponent.denominator == 1 else _with_power(u, label)


def _with_power(u: Fraction | int, label: int) -> Term:
    """log(1 + 2^u) for the label 0, log(1 + 2^-u) for the label 1."""
    return log(1 + number(2) ** (u if label == 0 else -u))


def _loss_chain(name: str, u: Fraction | int, label: int) -> Derivation:
    """A loss as it is defined, its logarithm of a power, the same simplified, and decimals."""
    chain = derive(called(name, _cross_entropy(u * LOG2, label))).eq(_with_power(u, label))
    return (chain.eq(_loss(u, label)) if Fraction(u).denominator == 1 else chain).approx()


def claims(params: Params, solution: Solution) -> Mapping[str, bool]:
    """What the sentences say of the saturated output, the layers and both steps."""
    n, p = params.hard, sigmoid(params.saturated)
    uphill = 1 - 2 * n.label
    by_sign, by_ball = (uphill * u for u in solution.hard.outputs)
    raised = min(by_sign, by_ball) > uphill * solution.hard.u
    found = {
        "saturated": abs(solution.saturated_bce) > 1 - TENTH and 0 < p * (1 - p) < TENTH,
        "stretching": all(
            multiply(transpose(w), w) == diagonal((w[0][0] ** 2 + w[1][0] ** 2,) * 2) for w in params.weights
        ),
    }
    if by_sign > by_ball:
        return found | {"raised_more": raised}
    switched = any((a > 0) != (b > 0) for new in solution.hard.inputs for a, b in zip(n.z(n.x), n.z(new), strict=True))
    return found | {"raised_equally" if by_sign == by_ball else "raised_less": raised, "switched": switched}


def _in_log_2(u: Fraction | int) -> Term:
    """u log 2."""
    return log(2) if u == 1 else -log(2) if u == -1 else number(u) * log(2)


def _root(n: int, under: int = 1) -> Term:
    """sqrt(n)/under, with all squares taken out of the root."""
    outside = max(k for k in range(1, isqrt(n) + 1) if n % (k * k) == 0)
    factor, rest = Fraction(outside, under), n // outside**2
    return number(factor) if rest == 1 else sqrt(rest) if factor == 1 else number(factor) * sqrt(rest)


def _in_powers(value: Fraction) -> Term:
    """A fraction as a quotient of powers: at a saturated output its numbers have up to seven digits."""
    over, under = _power(abs(value.numerator)), _power(value.denominator)
    quotient = over if value.denominator == 1 else over / under
    return -quotient if value < 0 else quotient


def _power(n: int) -> Term:
    """A whole number as a power of the smallest base."""
    for exponent in range(n.bit_length(), 1, -1):
        base = round(n ** (1 / exponent))
        if base > 1 and base**exponent == n:
            return number(base) ** exponent
    return number(n)


def answers(params: Params, solution: Solution) -> tuple[Answer, ...]:
    """Gradients by squared error; both losses at a saturated output; bounds; hard inputs and their losses."""
    s, hard, label = solution.smooth, solution.hard, params.hard.label
    squares, depth = prod(solution.norms_squared), len(params.layers)
    return (
        Answer("prediction", "mse", number(sigmoid(s.u)), symbol="\\hat{y}"),
        Answer("delta2", "mse", number(s.delta2), symbol="\\delta_2"),
        Answer("grad_w2", "mse", column_term(s.grad_w2), symbol="\\frac{\\partial \\ell}{\\partial w_2}"),
        Answer("delta1", "mse", column_term(s.delta1) * log(2), symbol="\\delta_1"),
        Answer("grad_w1", "mse", matrix_term(s.grad_w1) * log(2), symbol="\\frac{\\partial \\ell}{\\partial W_1}"),
        Answer(
            "saturated_mse", "bce", _in_powers(solution.saturated_mse), places=6, symbol="\\delta_2^{\\mathrm{MSE}}"
        ),
        Answer("saturated_bce", "bce", number(solution.saturated_bce), symbol="\\delta_2^{\\mathrm{BCE}}"),
        Answer(
            "ratio",
            "bce",
            _in_powers(solution.saturated_bce / solution.saturated_mse),
            places=2,
            symbol="\\frac{1}{\\hat{y}(1 - \\hat{y})}",
        ),
        Answer("sigmoid_bound", "depth", _root(squares, 4**depth), symbol=f"4^{{-{depth}}} \\prod_i \\|W_i\\|"),
        Answer("relu_bound", "depth", _root(squares), symbol="\\prod_i \\|W_i\\|"),
        Answer("gradient", "attack", _gradient(hard), symbol="g"),
        Answer("loss", "attack", _loss(hard.u, label), symbol="\\ell"),
        *(
            Answer(f"{name}_input", "attack", column_term(x), symbol=f"x'_{NORMS[name]}")
            for name, x in zip(STEPS, hard.inputs, strict=True)
        ),
        *(
            Answer(f"{name}_loss", "attack", _loss(u, label), symbol=f"\\ell'_{NORMS[name]}")
            for name, u in zip(STEPS, hard.outputs, strict=True)
        ),
    )


def derivations(params: Params, solution: Solution) -> Mapping[str, Derivation]:
    """The general statements, and every step of the instance."""
    instance = _smooth(params.smooth, solution.smooth) | _saturated(params, solution) | _bounds(params, solution)
    return _general() | _in_words() | instance | _attacked(params, solution.hard) | _of_size(params)


LOG2 = MP.log(2)
TENTH = Fraction(1, 10)
NEAR, FAR = Fraction(1, 2), Fraction(5, 2)
MSE, BCE = "\\delta_2^{\\mathrm{MSE}}", "\\delta_2^{\\mathrm{BCE}}"


def _logistic(a: Value) -> Value:
    return 1 / (1 + MP.exp(-MP.convert(a)))


def _squared_error(u: Value, label: int) -> Value:
    return (_logistic(u) - label) ** 2 / 2


def _cross_entropy(u: Value, label: int) -> Value:
    return MP.log(1 + MP.exp(MP.convert(u))) - label * u


def _smooth(n: Classifier, s: Gradients) -> dict[str, Derivation]:
    """Forward and backward pass with sigmoids."""
    p, y, z, a = number(sigmoid(s.u)), n.label, n.z(n.x), tuple(map(sigmoid, n.z(n.x)))
    h, delta1, grad_w1 = column_term(a), column_term(s.delta1), matrix_term(s.grad_w1)
    logits = matrix_term(n.w1) * column_term(n.x) + column_term(n.b1)
    factors = Hadamard(column_term(n.w2), column_term(v * (1 - v) for v in a))
    return {
        "z": computed("z", logits * log(2), column_term(z) * log(2)),
        "h": derive(called("h", column(_logistic(k * LOG2) for k in z))).eq(h, "powers"),
        "u": computed("u", _output_term(n, a) * log(2), _in_log_2(s.u)),
        "prediction": derive(called("\\hat{y}", _logistic(s.u * LOG2))).eq(_sigmoid_term(s.u)).eq(p),
        "delta2": computed("\\delta_2", (p - y) * p * (1 - p), s.delta2),
        "grad_w2": computed("\\frac{\\partial \\ell}{\\partial w_2}", number(s.delta2) * h, column_term(s.grad_w2)),
        "delta1": computed("\\delta_1", s.delta2 * factors * log(2), delta1 * log(2)),
        "grad_w1": computed(
            "\\frac{\\partial \\ell}{\\partial W_1}",
            delta1 * matrix_term([n.x]) * log(2),
            grad_w1 * log(2),
            reason="outer",
        ),
    }


def _output_term(n: Classifier, h: Iterable[Any]) -> Term:
    """w2'h + b2 with its numbers, in log 2."""
    return entry(matrix_term([n.w2]) * column_term(h)) + n.b2


def _sigmoid_term(u: int) -> Term:
    """sigma(u log 2)."""
    return 1 / (1 + number(2) ** -u)


def _saturated(params: Params, s: Solution) -> dict[str, Derivation]:
    """Both gradients at the saturated output, and their ratio."""
    p, y, ratio = number(sigmoid(params.saturated)), params.saturated_label, s.saturated_bce / s.saturated_mse
    output = derive(called("\\hat{y}", _logistic(params.saturated * LOG2)))
    return {
        "saturated": output.eq(_sigmoid_term(params.saturated)).eq(p),
        "saturated_mse": computed(MSE, (p - y) * p * (1 - p), _in_powers(s.saturated_mse)).approx(6),
        "saturated_bce": computed(BCE, p - y, s.saturated_bce).approx(),
        "saturated_ratio": computed(f"{BCE} / {MSE}", 1 / (p * (1 - p)), _in_powers(ratio)).approx(2),
    }


def _spectral(a: Matrix) -> Value:
    """The spectral norm of a 2x2 matrix A, by the larger eigenvalue of A'A."""
    gram = multiply(transpose(a), a)
    half = MP.convert(trace(gram)) / 2
    return MP.sqrt(half + MP.sqrt(abs(half**2 - MP.convert(determinant(gram)))))


def _bounds(params: Params, s: Solution) -> dict[str, Derivation]:
    """The norm of each layer, and the products of the norms."""
    result, norms, count = {}, [_root(n) for n in s.norms_squared], len(params.layers)
    for i, ((p, q), weights, norm) in enumerate(zip(params.layers, params.weights, norms, strict=True), 1):
        formula = sqrt(number(p) ** 2 + number(q) ** 2)
        result[f"norm_{i}"] = derive(called(f"\\|W_{i}\\|", _spectral(weights))).eq(formula).eq(norm)
    values = {answer.name: answer.value for answer in answers(params, s)}
    quarters = number(Fraction(1, 4**count))
    bound = computed(f"4^{{-{count}}} \\prod_i \\|W_i\\|", product([quarters, *norms]), values["sigmoid_bound"])
    relu_bound = computed("\\prod_i \\|W_i\\|", product(norms), values["relu_bound"])
    return result | {"sigmoid_bound": bound.approx(), "relu_bound": relu_bound.approx()}


def _attacked(params: Params, s: HardInputs) -> dict[str, Derivation]:
    """The gradient by the input, and the forward pass at both hard inputs."""
    n, y = params.hard, params.hard.label
    x, w1, b1, v = column_term(n.x), matrix_term(n.w1), column_term(n.b1), column_term(s.direction)
    z, error = n.z(n.x), number(s.error)
    behind = Hadamard(column_term(n.w2), column_term(int(a > 0) for a in z))
    back = error * matrix_term(transpose(n.w1)) * behind * log(2)
    result = {
        "hard_z": computed("z", w1 * x + b1, column_term(z)),
        "hard_u": computed("u", _output_term(n, _relu(z)) * log(2), _in_log_2(s.u)),
        "hard_loss": _loss_chain("\\ell", s.u, y),
        "gradient": computed("g", back, error * v * log(2), reason="back").eq(_gradient(s)),
    }
    for name, move, new, u in zip(STEPS, _moves(s.error, s.direction), s.inputs, s.outputs, strict=True):
        step, z = number(params.size) * column_term(move), n.z(new)
        result |= {
            f"{name}_input": computed(f"x'_{NORMS[name]}", x + step, column_term(new)),
            f"{name}_z": computed(f"z'_{NORMS[name]}", w1 * column_term(new) + b1, column_term(z)),
            f"{name}_u": computed(f"u'_{NORMS[name]}", _output_term(n, _relu(z)) * log(2), _in_log_2(u)),
            f"{name}_loss": _loss_chain(f"\\ell'_{NORMS[name]}", u, y).then(">", _loss(s.u, y)),
        }
    return result | _longer_step(s, y) | _backwards(n, s)


def _gradient(s: HardInputs) -> Term:
    """g, entry by entry, in units of log 2."""
    return column_term(s.error * v for v in s.direction) * log(2)


def _backwards(n: Classifier, s: HardInputs) -> dict[str, Derivation]:
    """delta2 and delta1 of the cross-entropy, by differences and by their formulas."""
    z, u = n.z(n.x), s.u * LOG2
    w2 = called("w_2", column(w * LOG2 for w in n.w2))
    delta2 = called("\\delta_2", slope(lambda v: _cross_entropy(v, n.label), u))
    by_z = slope(lambda v: _cross_entropy((dot(n.w2, _on(v)) + n.b2) * LOG2, n.label), z)
    mask = called("1[z > 0]", column(int(a > 0) for a in z))
    return {
        "hard_delta2": derive(delta2).eq(called("\\hat{y}", _logistic(u)) - called("y", n.label)).eq(s.error),
        "hard_delta1": derive(called("\\delta_1", column(by_z))).eq(delta2 * Hadamard(w2, mask)),
    }


def _on(z: Iterable[Value]) -> tuple[Value, ...]:
    """ReLU for complex numbers near the real axis, away from 0."""
    return tuple(a if MP.re(a) > 0 else 0 for a in z)


def _of_size(params: Params) -> dict[str, Derivation]:
    """How much more sigmoids weaken a gradient than ReLUs, and how long the step by signs is."""
    depth, inputs, size = len(params.layers), len(params.hard.x), params.size
    long = called("|d|", MP.sqrt(sum(MP.convert(size) ** 2 for _ in range(inputs))))
    return {
        "powers": derive(number(4) ** depth).eq(4**depth),
        "longer": derive(long).eq(called("\\varepsilon", size) * sqrt(inputs)),
    }


def _longer_step(s: HardInputs, label: int) -> dict[str, Derivation]:
    """The losses after both steps, compared; in version 1 the longer step may raise the loss less, or as much."""
    by_sign, by_ball = ((1 - 2 * label) * u for u in s.outputs)
    if by_sign == by_ball:
        return {}
    loss_by_sign, loss_by_ball = (_loss(u, label) for u in s.outputs)
    return {"sign_above": derive(loss_by_sign).then(">" if by_sign > by_ball else "<", loss_by_ball)}


def _cross_entropy_of_prediction(p: Value, env: Env) -> Value:
    return -env["y"] * MP.log(p) - (1 - env["y"]) * MP.log(1 - p)


@cache
def _general() -> dict[str, Derivation]:
    """Gradients by both losses; the bound of one layer; where the loss must grow, and where it need not."""
    u, y, s, t, w, q = Sym("u"), Sym("y"), Sym("s"), Sym("t"), Sym("w", "(w_2)_j"), Sym("q", "\\hat{y}")
    p, h = Named("\\hat{y}", "p", lambda env: _logistic(env["u"])), Named("h_j", "h", lambda env: _logistic(env["z"]))
    sigma_u = Named("\\sigma'(u)", "slope_u", lambda env: slope(_logistic, env["u"]))
    sigma_z = Named("\\sigma'(z_j)", "slope_z", lambda env: slope(_logistic, env["z"]))

    def above(h: Value, env: Env) -> Value:
        return env["rest"] + env["w"] * h

    def cross_by(at: Term) -> Named:
        return partial_derivative(
            "\\ell", "\\hat{y}", lambda env: slope(lambda v: _cross_entropy_of_prediction(v, env), at.value(env))
        )

    mse = partial_derivative("\\ell", "u", lambda env: slope(lambda v: _squared_error(v, env["y"]), env["u"]))
    bce = partial_derivative("\\ell", "u", lambda env: slope(lambda v: _cross_entropy(v, env["y"]), env["u"]))
    by_z = partial_derivative(
        "\\ell", "z_j", lambda env: slope(lambda v: _squared_error(above(_logistic(v), env), env["y"]), env["z"])
    )
    delta2 = Named(
        "\\delta_2", "delta2", lambda env: slope(lambda v: _squared_error(v, env["y"]), above(h.value(env), env))
    )
    weights = Named("\\|W_i\\|", "norm_W", lambda env: _spectral(env["W"]))
    d_norm = Named("\\|D_i\\|", "norm_D", lambda env: _spectral(_diagonal(env)))
    layer = Named("\\|D_i W_i\\|", "norm", lambda env: _spectral(multiply(_diagonal(env), env["W"])))
    far, near = (
        called(f"u(\\tfrac{{{2 * x}}}2)", max(x, Fraction(0)) - 2 * max(x - 1, Fraction(0))) for x in (FAR, NEAR)
    )
    return {
        "sigma": derive(sigma_u, u=real).eq(exp(-u) / (1 + exp(-u)) ** 2).eq(sigma(u) * (1 - sigma(u))),
        "mse_delta2": derive(mse, u=real, y=bit).eq((p - y) * sigma_u, "chain").eq((p - y) * p * (1 - p)),
        "mse_delta1": derive(by_z, z=real, w=real, rest=real, y=bit)
        .eq(delta2 * w * sigma_z, "chain")
        .eq(delta2 * w * h * (1 - h)),
        "bce_prediction": derive(cross_by(q), q=unit, y=bit)
        .eq(-(y / q) + (1 - y) / (1 - q))
        .eq((q - y) / (q * (1 - q))),
        "bce_delta2": derive(bce, u=real, y=bit)
        .eq(cross_by(p) * sigma_u, "chain")
        .eq((p - y) / (p * (1 - p)) * p * (1 - p))
        .eq(p - y),
        "ratio": derive((q - y) / ((q - y) * q * (1 - q)), q=unit, y=bit)
        .eq(1 / (q * (1 - q)))
        .then(">=", 4, "quarter"),
        "quarter": derive(q * (1 - q), q=unit)
        .eq(Fraction(1, 4) - (q - Fraction(1, 2)) ** 2)
        .then("<=", Fraction(1, 4)),
        "layer": derive(layer, W=vector(vector(real, 2), 2), h=vector(unit, 2))
        .then("<=", d_norm * weights, "submultiplicative")
        .then("<=", number(Fraction(1, 4)) * weights, "quarter"),
        "tangent": derive(log(1 + exp(s)), s=real, t=real).then(">=", log(1 + exp(t)) + sigma(t) * (s - t)),
        "falls": derive(far)
        .eq(number(FAR) - 2 * number(FAR - 1))
        .eq(Fraction(-1, 2))
        .then("<", near)
        .eq(Fraction(1, 2)),
    }


@cache
def _in_words() -> dict[str, Derivation]:
    """The single relations that stand within sentences."""
    y, q, k, eps = Sym("y"), Sym("q", "\\hat{y}"), Sym("k"), Sym("eps", "\\varepsilon")
    p = Named("\\hat{y}", "p", lambda env: _logistic(env["u"]))
    slope_u = Named("\\sigma'(u)", "slope_u", lambda env: slope(_logistic, env["u"]))
    squared = Named("\\delta_2", "delta2", lambda env: slope(lambda v: _squared_error(v, env["y"]), env["u"]))
    along = Named("g^\\top d", "g'd", lambda env: env["eps"] * dot(env["g"], map(MP.sign, env["g"])))
    pull = Named("g^\\top d", "g'd", lambda env: MP.convert(env["eps"] * dot(env["g"], env["g"])) / _length(env["g"]))
    switched = Named("\\|D_i\\|", "norm_D", lambda env: _spectral(diagonal(env["on"])))
    of_product = Named("\\|AB\\|", "norm_AB", lambda env: _spectral(multiply(env["A"], env["B"])))
    norm_a = Named("\\|A\\|", "norm_A", lambda env: _spectral(env["A"]))
    norm_b = Named("\\|B\\|", "norm_B", lambda env: _spectral(env["B"]))
    matrices = {"A": vector(vector(real, 2), 2), "B": vector(vector(real, 2), 2)}
    return {
        "numerator": derive(-y * (1 - q) + (1 - y) * q, q=unit, y=bit).eq(q - y),
        "slope_by_value": derive(slope_u, u=real).eq(p * (1 - p)),
        "mse_again": derive(squared, u=real, y=bit).eq((p - y) * p * (1 - p)),
        "at_most": derive(q * (1 - q), q=unit).then("<=", Fraction(1, 4)),
        "at_log_2": derive(sigma(k * log(2)), k=_whole).eq(number(2) ** k / (number(2) ** k + 1)),
        "switches": derive(switched, on=vector(bit, 2)).then("<=", 1),
        "submultiplicative": derive(of_product, **matrices).then("<=", norm_a * norm_b),
        "along_signs": derive(along, g=vector(real, 3), eps=positive).eq(
            eps * Named("\\sum_i |g_i|", "sum|g|", lambda env: sum(map(abs, env["g"])))
        ),
        "along_gradient": derive(pull, g=vector(positive, 3), eps=positive).eq(
            eps * Named("|g|", "|g|", lambda env: _length(env["g"]))
        ),
        **_of_layers(),
        **_without_hidden_layer(),
    }


def _length(g: Iterable[Any]) -> Value:
    """|g|; a Fraction has no root of its own."""
    return MP.sqrt(sum(MP.convert(a) ** 2 for a in g))


def _whole(random: Random) -> int:
    """A domain: whole numbers."""
    return random.randint(-6, 6)


def _of_layers() -> dict[str, Derivation]:
    """Gradients by the weights, and the Jacobian matrix of a layer, by differences and by their formulas."""
    d = {"w": vector(real, 2), "h": vector(unit, 2), "rest": real, "y": bit}
    delta2 = Named(
        "\\delta_2", "delta2", lambda e: slope(lambda v: _squared_error(v, e["y"]), dot(e["w"], e["h"]) + e["rest"])
    )
    by_w2 = Named(
        "\\partial\\ell/\\partial w_2",
        "dl/dw2",
        lambda e: column(slope(lambda w: _squared_error(dot(w, e["h"]) + e["rest"], e["y"]), e["w"])),
    )

    def loss(z: Iterable[Any], e: Env) -> Value:
        return _squared_error(dot(e["w"], map(_logistic, z)) + e["rest"], e["y"])

    def inputs(weights: Any, e: Env) -> tuple[Any, ...]:
        return tuple(dot(row, e["x"]) for row in weights)

    delta1 = Named("\\delta_1", "delta1", lambda e: column(slope(lambda z: loss(z, e), inputs(e["W"], e))))
    by_w1 = Named("\\partial\\ell/\\partial W_1", "dl/dW1", lambda e: slope(lambda w: loss(inputs(w, e), e), e["W"]))
    layer = Named(
        "\\partial h_i/\\partial h_{i-1}", "jacobian", lambda e: tuple(_by_input(row, e["x"]) for row in e["W"])
    )
    slopes = Named("D_i", "D", lambda e: diagonal([slope(_logistic, z) for z in inputs(e["W"], e)]))
    more = {"W": vector(vector(real, 3), 2), "x": vector(real, 3)}
    return {
        "by_w2": derive(by_w2, **d).eq(delta2 * Named("h", "h", lambda e: column(e["h"]))),
        "by_w1": derive(by_w1, **d, **more).eq(delta1 * Named("x^\\top", "x'", lambda e: (e["x"],))),
        "jacobian": derive(layer, **more).eq(slopes * Named("W_i", "W", lambda e: e["W"])),
    }


def _by_input(row: Any, x: Any) -> Any:
    """The derivatives of sigma(row x) by the entries of x."""
    return slope(lambda v: _logistic(dot(row, v)), x)


def _without_hidden_layer() -> dict[str, Derivation]:
    """The loss as a function of x, with a linear output: it grows along its gradient, however large the step."""

    def loss(x: Value, e: Env) -> Value:
        return _cross_entropy(e["w"] * x, e["y"])

    def gradient(e: Env) -> Value:
        return slope(lambda v: loss(v, e), e["x"])

    there = Named("\\ell(x + d)", "l(x + d)", lambda e: loss(e["x"] + e["eps"] * gradient(e), e))
    here = Named("\\ell(x)", "l(x)", lambda e: loss(e["x"], e))
    along = Named("g^\\top d", "g'd", lambda e: e["eps"] * gradient(e) ** 2)
    return {"convex": derive(there, x=real, w=positive, eps=positive, y=bit).then(">=", here + along).then(">", here)}


def _diagonal(env: Env) -> Matrix:
    """D_i, with the slopes h(1 - h) of the sigmoids."""
    return diagonal([h * (1 - h) for h in env["h"]])


def _compared(params: Params, solution: Solution, found: Mapping[str, Any]) -> Iterator[Comparison]:
    """The answers, which hold every number of the solution, against floating-point numbers of the same names."""
    import numpy as np

    ours = {answer.name: answer.value.value() for answer in answers(params, solution)}
    for name, value in found.items():
        exact = ours[name]
        if isinstance(exact, tuple):
            yield all_close(name, exact, np.reshape(value, np.shape(exact)))
        else:
            yield close(name, exact, float(value))


def _given(n: Classifier, unit: float) -> list[Any]:
    """W1 and b1 in a unit, w2 and b2 in log 2, and x as lists of rows in floating point; vectors are columns."""
    values = (n.w1, column(n.b1), column(n.w2), ((n.b2,),), column(n.x))
    units = (unit, unit, float(LOG2), float(LOG2), 1.0)
    return [[[float(v) * f for v in row] for row in rows] for rows, f in zip(values, units, strict=True)]


def by_torch(params: Params, solution: Solution) -> Iterator[Comparison]:
    """Oracle: autograd and the losses of torch in double precision; norms by its singular values."""
    import torch
    from torch.nn.functional import binary_cross_entropy_with_logits, mse_loss

    def tensor(values: Any) -> Any:
        return torch.tensor(values, dtype=torch.float64, requires_grad=True)

    def cross(u: Any, label: int) -> Any:
        return binary_cross_entropy_with_logits(u, torch.full_like(u, label))

    def squared(u: Any, label: int) -> Any:
        return mse_loss(torch.sigmoid(u), torch.full_like(u, label)) / 2

    def output(f: Any, w1: Any, b1: Any, w2: Any, b2: Any, x: Any) -> Any:
        return w2.T @ f(w1 @ x + b1) + b2

    w1, b1, w2, b2, x = map(tensor, _given(params.smooth, float(LOG2)))
    u = output(torch.sigmoid, w1, b1, w2, b2, x)
    by = torch.autograd.grad(squared(u, params.smooth.label), (w1, b1, w2, b2))
    found = dict(zip(("grad_w1", "delta1", "grad_w2", "delta2"), by, strict=True)) | {"prediction": torch.sigmoid(u)}
    saturated = tensor(params.saturated * float(LOG2))
    for name, loss in (("mse", squared), ("bce", cross)):
        (found[f"saturated_{name}"],) = torch.autograd.grad(loss(saturated, params.saturated_label), saturated)
    found["ratio"] = found["saturated_bce"] / found["saturated_mse"]
    norms = torch.linalg.matrix_norm(tensor(params.weights), ord=2)
    found |= {"relu_bound": norms.prod(), "sigmoid_bound": (norms / 4).prod()}
    w1, b1, w2, b2, x = map(tensor, _given(params.hard, 1.0))
    found["loss"] = cross(output(torch.relu, w1, b1, w2, b2, x), params.hard.label)
    (g,) = torch.autograd.grad(found["loss"], x)
    found["gradient"] = g
    for name, move in (("sign", g.sign()), ("ball", g / g.norm())):
        found[f"{name}_input"] = new = x + float(params.size) * move
        found[f"{name}_loss"] = cross(output(torch.relu, w1, b1, w2, b2, new), params.hard.label)
    yield from _compared(params, solution, {name: t.numpy(force=True).squeeze() for name, t in found.items()})


def by_differences(params: Params, solution: Solution) -> Iterator[Comparison]:
    """Oracle: complex differences of 60 digits; norms by eigenvalues; the loss grows at both steps."""
    net, label = _network(params.smooth, LOG2), params.smooth.label
    by = slope(lambda v: _squared_error(_output(v, _logistic), label), net)
    found = dict(zip(("grad_w1", "delta1", "grad_w2", "delta2"), by, strict=False))
    found["prediction"] = _logistic(_output(net, _logistic))
    saturated, label = params.saturated * LOG2, params.saturated_label
    mse = slope(lambda v: _squared_error(v, label), saturated)
    bce = slope(lambda v: _cross_entropy(v, label), saturated)
    norms = [_spectral(weights) for weights in params.weights]
    found |= {"saturated_mse": mse, "saturated_bce": bce, "ratio": bce / mse}
    found |= {"relu_bound": prod(norms), "sigmoid_bound": prod(norm / 4 for norm in norms)}
    *hard, x = _network(params.hard, MP.mpf(1))

    def loss(x: Any) -> Value:
        return _cross_entropy(_output((*hard, x), lambda a: a if MP.re(a) > 0 else 0), params.hard.label)

    g = found["gradient"] = slope(loss, x)
    found["loss"], length = loss(x), MP.sqrt(dot(g, g))
    for name, move in (("sign", map(MP.sign, g)), ("ball", (v / length for v in g))):
        new = found[f"{name}_input"] = tuple(v + params.size * d for v, d in zip(x, move, strict=True))
        found[f"{name}_loss"] = loss(new)
        yield holds(f"{name} grows", bool(loss(new) > loss(x)))
    yield from _compared(params, solution, found)


def _network(n: Classifier, unit: Value) -> tuple[Any, ...]:
    """W1 and b1 in a unit, w2 and b2 in log 2, and x, to 60 digits."""
    w1 = tuple(tuple(w * unit for w in row) for row in n.w1)
    return w1, tuple(b * unit for b in n.b1), tuple(w * LOG2 for w in n.w2), n.b2 * LOG2, n.x


def _output(net: tuple[Any, ...], f: Callable[[Value], Value]) -> Value:
    w1, b1, w2, b2, x = net
    return dot(w2, [f(dot(row, x) + b) for row, b in zip(w1, b1, strict=True)]) + b2


def by_tangents(params: Params, solution: Solution) -> Iterator[Comparison]:
    """Oracle: forward mode on arrays: a change of each parameter alone is carried through; norms by numpy's SVD."""
    import numpy as np
    from scipy.special import expit

    w1, b1, w2, b2, x = (np.array(rows) for rows in _given(params.smooth, float(LOG2)))
    s = expit(w1 @ x + b1)
    y = expit(w2.T @ s + b2)
    at_output = (y - params.smooth.label) * y * (1 - y)
    steep = s * (1 - s)
    found: dict[str, Any] = {"prediction": y, "delta2": at_output, "grad_w2": at_output * s}
    units = np.eye(w1.size).reshape(w1.size, *w1.shape)
    found["grad_w1"] = [at_output * (w2.T @ (steep * (unit @ x))) for unit in units]
    found["delta1"] = [at_output * (w2.T @ (steep * unit[:, None])) for unit in np.eye(len(b1))]
    u, label = params.saturated * float(LOG2), params.saturated_label
    bce = np.tanh(u / 2) / 2 + 0.5 - label
    found |= {"saturated_mse": bce / (4 * np.cosh(u / 2) ** 2), "saturated_bce": bce, "ratio": 2 + 2 * np.cosh(u)}
    norms = [np.linalg.norm(np.array(weights, dtype=float), ord=2) for weights in params.weights]
    found |= {"relu_bound": np.prod(norms), "sigmoid_bound": np.prod(norms) / 4 ** len(norms)}
    w1, b1, w2, b2, x = (np.array(rows) for rows in _given(params.hard, 1.0))

    def logit(x: Any) -> Any:
        return w2.T @ np.maximum(w1 @ x + b1, 0) + b2

    def loss(x: Any) -> Any:
        return np.logaddexp(0, (1 - 2 * params.hard.label) * logit(x))

    on = w1 @ x + b1 > 0
    ways = [w2.T @ np.where(on, w1 @ unit[:, None], 0) for unit in np.eye(len(x))]
    g = np.reshape((expit(logit(x)) - params.hard.label) * np.array(ways), x.shape)
    found |= {"loss": loss(x), "gradient": g}
    for name, move in (("sign", np.sign(g)), ("ball", g / np.linalg.norm(g))):
        found |= {f"{name}_input": x + float(params.size) * move, f"{name}_loss": loss(x + float(params.size) * move)}
    yield from _compared(params, solution, {name: np.squeeze(value) for name, value in found.items()})


oracles = (by_torch, by_differences, by_tangents)
