"""One step of stochastic gradient descent on a network with one hidden layer, z = W1 x + b1, h = f(z), u = W2 h + b2.

For the prediction g(u) and the loss |g(u) - y|^2/2 (Rumelhart, Hinton, Williams, Nature 323, 1986), with . entrywise:
delta2 = dl/du = (g(u) - y) . g'(u), delta1 = dl/dz = (W2' delta2) . f'(z), dl/dW2 = delta2 h', dl/db2 = delta2,
dl/dW1 = delta1 x', dl/db1 = delta1. Here f = ReLU, and g is the identity or, for positive targets, softplus or exp.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, partial
from random import Random
from typing import Any

from blattwerk.vocabulary import (
    MP,
    Answer,
    Comparison,
    Derivation,
    Localised,
    Named,
    Sym,
    Term,
    Value,
    all_close,
    called,
    column_term,
    derive,
    exactly,
    exp,
    log,
    matrix_term,
    number,
    real,
    summed,
    total,
)
from blattwerk.vocabulary.elementwise import Hadamard
from blattwerk.vocabulary.exact.binary import dot, sigma
from blattwerk.vocabulary.figures import Figure, LayeredNetwork
from blattwerk.vocabulary.functions import rounded_to
from blattwerk.vocabulary.matrices import Matrix, add, column, matrix, multiply, scale, subtract, transpose
from blattwerk.vocabulary.slopes import slope
from blattwerk.vocabulary.steps import computed

Vector = tuple[int, ...]
LAYERS = ("w1", "b1", "w2", "b2")
POSITIVE = ("softplus", "exp")


@dataclass(frozen=True)
class Layers:
    """The parameters of a network, or the gradient of a loss by them."""

    w1: Matrix
    """Hidden units x inputs."""
    b1: Matrix
    """A column, one for each hidden unit."""
    w2: Matrix
    """Outputs x hidden units."""
    b2: Matrix
    """A column, one for each output."""


@dataclass(frozen=True)
class Params:
    """A network, one sample, and the learning rate."""

    w1: tuple[Vector, ...]
    """By rows, hidden units x inputs."""
    b1: Vector
    w2: tuple[Vector, ...]
    """By rows, outputs x hidden units."""
    b2: Vector
    x: Vector
    """The input."""
    y: Vector
    """The target, one positive number for each output."""
    rate: Fraction
    """eta, positive."""

    @property
    def layers(self) -> Layers:
        """The parameters as matrices."""
        return Layers(matrix(self.w1), column(self.b1), matrix(self.w2), column(self.b2))


@dataclass(frozen=True)
class Solution:
    """The step in its order; vectors are columns."""

    z: Matrix
    h: Matrix
    """Of the hidden units, before and after the ReLU."""
    u: Matrix
    """The prediction."""
    loss: Fraction
    """|u - y|^2 / 2."""
    back: Matrix
    """dl/dh = W2' delta2."""
    gradient: Layers
    """By all parameters; b1 is delta1, and b2 is delta2."""
    updated: Layers
    """The parameters after the step."""
    new_loss: Fraction
    """Of the same sample, after the step."""
    relu_delta: Matrix
    """delta2 with a ReLU at the output."""


def solve(params: Params) -> Solution:
    """Forward pass, loss, backward pass and update."""
    net, x, y = params.layers, column(params.x), column(params.y)
    z, h, u = _forward(net, x)
    delta2 = subtract(u, y)
    back = multiply(transpose(net.w2), delta2)
    delta1 = _where_on(z, back)
    gradient = Layers(multiply(delta1, transpose(x)), delta1, multiply(delta2, transpose(h)), delta2)
    updated = Layers(*(subtract(getattr(net, n), scale(params.rate, getattr(gradient, n))) for n in LAYERS))
    new_loss = _half_square(subtract(_forward(updated, x)[2], y))
    return Solution(z, h, u, _half_square(delta2), back, gradient, updated, new_loss, _where_on(u, delta2))


def _forward(net: Layers, x: Matrix) -> tuple[Matrix, Matrix, Matrix]:
    z = add(multiply(net.w1, x), net.b1)
    h = _where_on(z, z)
    return z, h, add(multiply(net.w2, h), net.b2)


def _where_on(z: Matrix, values: Matrix) -> Matrix:
    """The entries of a column where z > 0, and 0 elsewhere."""
    return tuple((v * (a > 0),) for (a,), (v,) in zip(z, values, strict=True))


def _half_square(d: Matrix) -> Fraction:
    return Fraction(sum(v * v for (v,) in d)) / 2


SYMBOLS = {
    "z": "z",
    "h": "h",
    "u": "u",
    "delta2": "\\delta_2",
    "grad_w2": "\\frac{\\partial\\ell}{\\partial W_2}",
    "delta1": "\\delta_1",
    "grad_w1": "\\frac{\\partial\\ell}{\\partial W_1}",
    "new_w1": "W_1'",
    "new_b1": "b_1'",
    "new_w2": "W_2'",
    "new_b2": "b_2'",
    "relu_delta": "\\delta_2",
}


def answers(params: Params, solution: Solution) -> tuple[Answer, ...]:
    """The quantities of the step, and delta2 for three outputs that are never negative."""
    s, g, new = solution, solution.gradient, solution.updated
    columns = (
        ("forward", {"z": s.z, "h": s.h, "u": s.u}),
        ("backward", {"delta2": g.b2, "grad_w2": g.w2, "delta1": g.b1, "grad_w1": g.w1}),
        ("update", {f"new_{name}": getattr(new, name) for name in LAYERS}),
        ("positive", {"relu_delta": s.relu_delta}),
    )
    outputs = tuple(zip((u for (u,) in s.u), params.y, strict=True))
    return (
        *(
            Answer(name, part, matrix_term(value), symbol=SYMBOLS[name])
            for part, values in columns
            for name, value in values.items()
        ),
        Answer("loss", "forward", number(s.loss), symbol="\\ell"),
        *(
            Answer(f"{g}_delta", "positive", column_term(_delta(g, u, y) for u, y in outputs), symbol="\\delta_2")
            for g in POSITIVE
        ),
    )


def _output(g: str, u: Fraction) -> Term:
    return log(1 + exp(u)) if g == "softplus" else exp(u)


def _delta(g: str, u: Fraction, y: int) -> Term:
    """(g(u) - y) g'(u); the slope of softplus is the sigmoid."""
    error = _output(g, u) - y
    return error / (1 + exp(-u)) if g == "softplus" else error * exp(u)


def figures(params: Params, solution: Solution) -> Mapping[str, Figure]:
    """The network: nodes in layers, edges with their weights, nodes with their biases."""
    p = params
    values = f"W1 = {p.w1}, b1 = {p.b1}, W2 = {p.w2}, b2 = {p.b2}"
    alt = Localised(
        f"A network with the layers x, h and ŷ; each edge carries its weight, each node its bias: {values}.",
        f"Ein Netz mit den Schichten x, h und ŷ; an jeder Kante ihr Gewicht, an jedem Knoten sein Bias: {values}.",
    )
    sizes = (("x", len(p.x)), ("h", len(p.b1)), ("\\hat{y}", len(p.b2)))
    layers = tuple(tuple(f"{name}_{i}" for i in range(1, size + 1)) for name, size in sizes)
    return {"network": LayeredNetwork(alt, layers, (p.w1, p.w2), (p.b1, p.b2))}


def derivations(params: Params, solution: Solution) -> Mapping[str, Derivation]:
    """The gradients of every network of this kind, and all steps of the instance."""
    return _general() | _passes(params, solution) | _updates(params, solution) | _positive(params, solution)


def _per(under: str, over: str = "\\ell") -> str:
    return f"\\frac{{\\partial {over}}}{{\\partial {under}}}"


def _passes(p: Params, s: Solution) -> dict[str, Derivation]:
    """Forward and backward pass."""
    z, h, u, back, delta1, delta2 = map(matrix_term, (s.z, s.h, s.u, s.back, s.gradient.b1, s.gradient.b2))
    w1, w2, x, b1, b2 = matrix_term(p.w1), matrix_term(p.w2), column_term(p.x), column_term(p.b1), column_term(p.b2)
    mask = column_term(int(a > 0) for (a,) in s.z)
    squares = number(Fraction(1, 2)) * total(number(d) ** 2 for (d,) in s.gradient.b2)
    grad_w1, grad_w2 = matrix_term(s.gradient.w1), matrix_term(s.gradient.w2)
    return {
        "z": computed("z", w1 * x + b1, z),
        "h": derive(called("h", column(max(a, Fraction(0)) for (a,) in s.z))).eq(h, "relu"),
        "u": computed("u", w2 * h + b2, u),
        "loss": computed("\\ell", squares, s.loss),
        "delta2": computed("\\delta_2", u - column_term(p.y), delta2),
        "grad_w2": computed(_per("W_2"), delta2 * matrix_term(transpose(s.h)), grad_w2, reason="outer"),
        "back": computed(_per("h"), matrix_term(transpose(p.w2)) * delta2, back, reason="transposed"),
        "delta1": computed("\\delta_1", Hadamard(back, mask), delta1, reason="mask"),
        "grad_w1": computed(_per("W_1"), delta1 * matrix_term([p.x]), grad_w1, reason="outer"),
    }


def _updates(p: Params, s: Solution) -> dict[str, Derivation]:
    """Each parameter minus the learning rate times its gradient, and the loss after that."""
    result = {"fall": derive(called("\\ell", s.new_loss)).then("~", rounded_to(s.new_loss)).then("<", s.loss)}
    for name in LAYERS:
        before, gradient, after = (matrix_term(getattr(layers, name)) for layers in (p.layers, s.gradient, s.updated))
        printed = f"{name[0].upper() if name[0] == 'w' else name[0]}_{name[1]}"
        moved = f"{printed} - \\eta \\, {_per(printed)}"
        result[f"new_{name}"] = computed(moved, before - number(p.rate) * gradient, after)
    return result


def _positive(p: Params, s: Solution) -> dict[str, Derivation]:
    """delta2 of each output, for softplus and exp."""
    result = {}
    for k, ((u,), y) in enumerate(zip(s.u, p.y, strict=True), 1):
        for g in POSITIVE:
            delta = called(f"(\\delta_2)_{k}", slope(partial(_output_loss, g, y), u))
            result[f"{g}_delta_{k}"] = derive(delta).eq(_delta(g, u, y)).approx()
    return result


def _output_loss(g: str, y: int, u: Value) -> Value:
    return ((MP.log(1 + MP.exp(u)) if g == "softplus" else MP.exp(u)) - y) ** 2 / 2


def _network(random: Random) -> Mapping[str, tuple[Value, ...]]:
    """A domain: values and derivatives in a network with 2 inputs, 3 hidden units and 2 outputs.

    They belong to one hidden unit j (whose z is not 0) and one input i, and to both outputs k.
    """

    def numbers(count: int) -> Vector:
        return tuple(random.choice((-3, -2, -1, 1, 2, 3)) for _ in range(count))

    def affine(w: Any, v: Any, b: Any) -> tuple[Any, ...]:
        return tuple(dot(row, v) + c for row, c in zip(w, b, strict=True))

    def relu(z: Any) -> tuple[Any, ...]:
        return tuple(a if MP.re(a) > 0 else 0 * a for a in z)

    def loss(u: Any) -> Any:
        return sum((a - t) ** 2 for a, t in zip(u, y, strict=True)) / 2

    def above(z: Any) -> Any:
        return loss(affine(w2, relu(z), b2))

    w1, w2, b2, x, y = tuple(numbers(2) for _ in range(3)), (numbers(3), numbers(3)), numbers(2), numbers(2), numbers(2)
    z, j, i = numbers(3), random.randrange(3), random.randrange(2)
    b1 = tuple(a - dot(row, x) for a, row in zip(z, w1, strict=True))
    u = affine(w2, relu(z), b2)
    return {
        "by_w2": tuple(row[j] for row in slope(lambda w: loss(affine(w, relu(z), b2)), w2)),
        "by_u": slope(loss, u),
        "by_z": (slope(above, z)[j],),
        "by_w1": (slope(lambda w: above(affine(w, x, b1)), w1)[j][i],),
        "x": (x[i],),
        "h": (relu(z)[j],),
        "u": u,
        "y": y,
        "w2": tuple(row[j] for row in w2),
        "on": (int(z[j] > 0),),
    }


def _entry(printed: str, name: str) -> Named:
    """A number of the network: of its output k inside a sum over k, of the last one otherwise."""
    return Named(printed, name, lambda env: env["net"][name][int(env.get("k", 0)) - 1])


@cache
def _general() -> dict[str, Derivation]:
    """The chain rule for one entry of each gradient, and the slope of softplus."""
    u, outputs, w2 = Sym("u"), Sym("K"), _entry("(W_2)_{kj}", "w2")
    by_u, by_z, by_h = _entry(_per("u_k"), "by_u"), _entry(_per("z_j"), "by_z"), _entry("1[z_j > 0] \\,", "on")
    delta1, delta2 = _entry("(\\delta_1)_j", "by_z"), _entry("(\\delta_2)_k", "by_u")
    softplus = f"\\frac{{\\mathrm{{d}}}}{{\\mathrm{{d}}u}} {log(1 + exp(u)).tex('en')}"
    by_u_softplus = Named(softplus, "slope", lambda env: slope(lambda v: MP.log(1 + MP.exp(v)), env["u"]))
    return {
        "by_u": derive(by_u, net=_network).eq(_entry("u_k", "u") - _entry("y_k", "y")),
        "by_w2": derive(_entry(_per("(W_2)_{kj}"), "by_w2"), net=_network)
        .eq(by_u * _entry("h_j", "h"), "chain")
        .eq(delta2 * _entry("h_j", "h")),
        "by_z": derive(by_z, net=_network, K=exactly(2))
        .eq(by_h * summed("k", 1, outputs, by_u * w2), "chain")
        .eq(by_h * summed("k", 1, outputs, w2 * delta2)),
        "by_w1": derive(_entry(_per("(W_1)_{ji}"), "by_w1"), net=_network)
        .eq(by_z * _entry("x_i", "x"), "chain")
        .eq(delta1 * _entry("x_i", "x")),
        "softplus": derive(by_u_softplus, u=real).eq(exp(u) / (1 + exp(u))).eq(sigma(u)),
    }


def _numbers(params: Params, solution: Solution) -> dict[str, Matrix]:
    """All numbers of the solution, and delta2 for the positive outputs as the sheet prints it."""
    s, g = solution, solution.gradient
    shown = {answer.name: answer.value.value() for answer in answers(params, solution) if answer.part == "positive"}
    values = {"z": s.z, "h": s.h, "u": s.u, "back": s.back, "loss": ((s.loss,),), "new_loss": ((s.new_loss,),)}
    values |= {"delta2": g.b2, "grad_w2": g.w2, "delta1": g.b1, "grad_w1": g.w1}
    return values | {f"new_{name}": getattr(s.updated, name) for name in LAYERS} | shown


def by_torch(params: Params, solution: Solution) -> Iterator[Comparison]:
    """Oracle: autograd and the SGD of torch in double precision."""
    import torch

    def tensor(values: Any) -> Any:
        return torch.tensor([[float(v) for v in row] for row in values], dtype=torch.float64, requires_grad=True)

    def loss(prediction: Any) -> Any:
        return ((prediction - y) ** 2).sum() / 2

    w1, b1, w2, b2 = leaves = [tensor(getattr(params.layers, name)) for name in LAYERS]
    x, y = tensor(column(params.x)), tensor(column(params.y))
    z = w1 @ x + b1
    h = torch.relu(z)
    u = w2 @ h + b2
    by = torch.autograd.grad(loss(u), (u, w2, h, z, w1), retain_graph=True)
    found = {"z": z, "h": h, "u": u, "loss": loss(u).reshape(1, 1)}
    found |= dict(zip(("delta2", "grad_w2", "back", "delta1", "grad_w1"), by, strict=True))
    outputs = {"relu": torch.relu, "softplus": torch.nn.functional.softplus, "exp": torch.exp}
    found |= {f"{g}_delta": torch.autograd.grad(loss(f(u)), u, retain_graph=True)[0] for g, f in outputs.items()}
    found = {name: t.numpy(force=True) for name, t in found.items()}
    optimizer = torch.optim.SGD(leaves, lr=float(params.rate))
    loss(u).backward()
    optimizer.step()
    found |= {f"new_{name}": t.numpy(force=True) for name, t in zip(LAYERS, leaves, strict=True)}
    found["new_loss"] = loss(w2 @ torch.relu(w1 @ x + b1) + b2).reshape(1, 1).numpy(force=True)
    ours = _numbers(params, solution)
    yield from (all_close(name, ours[name], value) for name, value in found.items())


def by_differences(params: Params, solution: Solution) -> Iterator[Comparison]:
    """Oracle: numpy's forward pass and central differences (for softplus and exp the complex step)."""
    import numpy as np

    x, y = (np.array(v, dtype=float)[:, None] for v in (params.x, params.y))
    given = {name: np.array(getattr(params.layers, name), dtype=float) for name in LAYERS}

    def run(w1: Any, b1: Any, w2: Any, b2: Any) -> tuple[Any, Any, Any]:
        z = w1 @ x + b1
        return z, np.maximum(z, 0), w2 @ np.maximum(z, 0) + b2

    def loss(u: Any) -> Any:
        return ((u - y) ** 2).sum(keepdims=True) / 2

    def slopes(function: Callable[[Any], Any], at: Any, step: float = 2.0**-10) -> Any:
        nudges = step * np.eye(at.size).reshape(at.size, *at.shape)
        return np.reshape([function(at + d) - function(at - d) for d in nudges], at.shape) / (2 * step)

    def by_layer(name: str) -> Any:
        return slopes(lambda v: loss(run(**given | {name: v})[2]), given[name])

    by = {name: by_layer(name) for name in LAYERS}
    new = {name: at - float(params.rate) * by[name] for name, at in given.items()}
    z, h, u = run(**given)
    found = {"z": z, "h": h, "u": u, "loss": loss(u), "new_loss": loss(run(**new)[2])}
    found |= {"delta2": by["b2"], "grad_w2": by["w2"], "delta1": by["b1"], "grad_w1": by["w1"]}
    found |= {"back": slopes(lambda v: loss(given["w2"] @ v + given["b2"]), h)}
    found |= {f"new_{name}": value for name, value in new.items()}
    found["relu_delta"] = slopes(lambda v: loss(np.maximum(v, 0)), u)
    nudged = u + 1e-30j
    for g, value in (("softplus", np.log1p(np.exp(nudged))), ("exp", np.exp(nudged))):
        found[f"{g}_delta"] = ((value - y) ** 2 / 2).imag / 1e-30
    ours = _numbers(params, solution)
    yield from (all_close(name, ours[name], value) for name, value in found.items())


oracles = (by_torch, by_differences)
