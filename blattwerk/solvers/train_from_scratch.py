"""One step of stochastic gradient descent on a network with one hidden layer, z = W1 x + b1, h = f(z), u = W2 h + b2.

For the prediction g(u) and the loss |g(u) - y|^2/2 (Rumelhart, Hinton, Williams, Nature 323, 1986), with . entrywise:
delta2 = dl/du = (g(u) - y) . g'(u), delta1 = dl/dz = (W2' delta2) . f'(z), dl/dW2 = delta2 h', dl/db2 = delta2,
dl/dW1 = delta1 x', dl/db1 = delta1. Here f = ReLU, and g is the identity or, for positive targets, softplus or exp.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache, lru_cache, partial
from random import Random
from typing import Any

from blattwerk.vocabulary import (
    MP,
    Answer,
    Comparison,
    Derivation,
    Env,
    Localised,
    Named,
    Step,
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
    rightly,
    summed,
    total,
    vector,
)
from blattwerk.vocabulary.elementwise import Hadamard
from blattwerk.vocabulary.exact.binary import dot, sigma
from blattwerk.vocabulary.figures import Figure, LayeredNetwork
from blattwerk.vocabulary.functions import rounded_to, transposed
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
    slopes: int
    """How often the slope of the output stands as a factor in delta2: once."""


def solve(params: Params, step: Step = rightly) -> Solution:
    """Forward pass, loss, backward pass and update."""
    net, x, y = params.layers, column(params.x), column(params.y)
    z, h, u = _forward(net, x, step)
    error = subtract(u, y)
    loss = step("loss", lambda: _half_square(error), mean=lambda: _half_square(error) * _instead_of_the_sum(y))
    back, gradient = _backward(net, (x, z, h), error, step)
    updated = Layers(*(_moved(n, getattr(net, n), getattr(gradient, n), params.rate, step) for n in LAYERS))
    new_loss = _half_square(subtract(_forward(updated, x)[2], y))
    relu_delta = step("relu_delta", lambda: _where_on(u, gradient.b2), slope=lambda: subtract(_where_on(u, u), y))
    slopes = step("slopes", lambda: 1, slope=lambda: 0)
    return Solution(z, h, u, loss, back, gradient, updated, new_loss, relu_delta, slopes)


def _forward(net: Layers, x: Matrix, step: Step = rightly) -> tuple[Matrix, Matrix, Matrix]:
    z = step("z", lambda: add(multiply(net.w1, x), net.b1))
    h = step("h", lambda: _where_on(z, z), relu=lambda: z)
    u = add(multiply(net.w2, h), net.b2)
    return z, h, step("u", lambda: u, output=lambda: _where_on(u, u))


def _instead_of_the_sum(y: Matrix) -> Fraction:
    """A usual mistake: the mean over the outputs; where there is but one, the factor 1/2 is what is forgotten."""
    return Fraction(1, len(y)) if len(y) > 1 else Fraction(2)


def _backward(net: Layers, passed: tuple[Matrix, Matrix, Matrix], error: Matrix, step: Step) -> tuple[Matrix, Layers]:
    """dl/dh and the gradient, from x, z, h and the error at the output."""
    x, z, h = passed
    delta2 = step("delta2", lambda: error)
    back = step(
        "back", lambda: multiply(transpose(net.w2), delta2), transposed=lambda: multiply(_by_rows(net.w2), delta2)
    )
    delta1 = step("delta1", lambda: _where_on(z, back), off=lambda: back)
    w2 = step("grad_w2", lambda: multiply(delta2, transpose(h)), outer=lambda: multiply(h, transpose(delta2)))
    w1 = step("grad_w1", lambda: multiply(delta1, transpose(x)), outer=lambda: multiply(x, transpose(delta1)))
    return back, Layers(w1, delta1, w2, delta2)


def _by_rows(w: Matrix) -> Matrix:
    """A usual mistake: the shape of the transpose, filled row by row with the entries of w as they stand."""
    entries = iter([value for row in w for value in row])
    return tuple(tuple(next(entries) for _ in w) for _ in w[0])


def _moved(name: str, before: Matrix, gradient: Matrix, rate: Fraction, step: Step) -> Matrix:
    """A parameter minus the learning rate times its gradient, which is turned if it came the wrong way round."""
    fitting = gradient if len(gradient) == len(before) else transpose(gradient)
    moves = scale(rate, fitting)
    return step(f"new_{name}", lambda: subtract(before, moves), sign=lambda: add(before, moves))


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
    "relu_delta": "\\delta_2^{\\mathrm{ReLU}}",
    "softplus_delta": "\\delta_2^{\\mathrm{softplus}}",
    "exp_delta": "\\delta_2^{\\exp}",
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
            Answer(name, "positive", column_term(_delta(g, u, y, s.slopes) for u, y in outputs), symbol=SYMBOLS[name])
            for g, name in ((g, f"{g}_delta") for g in POSITIVE)
        ),
    )


def claims(params: Params, solution: Solution) -> Mapping[str, bool]:
    """What the sentences say of this step."""
    outputs = zip(solution.u, solution.relu_delta, params.y, strict=True)
    return {
        "fallen": solution.new_loss < solution.loss,
        "dead_output": any(u < 0 and d == 0 and max(u, Fraction(0)) != y for (u,), (d,), y in outputs),
    }


def _output(g: str, u: Fraction) -> Term:
    return log(1 + exp(u)) if g == "softplus" else exp(u)


def _delta(g: str, u: Fraction, y: int, slopes: int) -> Term:
    """(g(u) - y) g'(u), or as many factors g'(u) as there are; the slope of softplus is the sigmoid."""
    delta = _output(g, u) - y
    for _ in range(slopes):
        delta = delta / (1 + exp(-u)) if g == "softplus" else delta * exp(u)
    return delta


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
    grad_w1, grad_w2, error = matrix_term(s.gradient.w1), matrix_term(s.gradient.w2), u - column_term(p.y)
    return {
        "z": computed("z", w1 * x + b1, z),
        "h": derive(called("h", column(max(a, Fraction(0)) for (a,) in s.z))).eq(h, "relu"),
        "u": computed("u", w2 * h + b2, u),
        "loss": computed("\\ell", squares, s.loss),
        "delta2": derive(_sloped(p, "\\delta_2", "b2")).eq(error).eq(delta2),
        "grad_w2": derive(_sloped(p, _per("W_2"), "w2")).eq(delta2 * matrix_term(transpose(s.h)), "outer").eq(grad_w2),
        "grad_b2": derive(_sloped(p, _per("b_2"), "b2")).eq(called("\\delta_2", error.value())).eq(delta2),
        "back": computed(_per("h"), matrix_term(transpose(p.w2)) * delta2, back, reason="transposed"),
        "delta1": derive(_sloped(p, "\\delta_1", "b1")).eq(Hadamard(back, mask), "mask").eq(delta1),
        "grad_w1": derive(_sloped(p, _per("W_1"), "w1")).eq(delta1 * matrix_term([p.x]), "outer").eq(grad_w1),
        "grad_b1": derive(_sloped(p, _per("b_1"), "b1"))
        .eq(called("\\delta_1", Hadamard(back, mask).value()))
        .eq(delta1),
    }


@dataclass(frozen=True)
class _Net:
    """A network of numbers that may be complex, with one sample; everything in it by its definition."""

    w1: Any
    b1: Any
    w2: Any
    b2: Any
    x: Any
    y: Any

    @property
    def z(self) -> tuple[Any, ...]:
        """Before the ReLU."""
        return _affine(self.w1, self.x, self.b1)

    @property
    def u(self) -> tuple[Any, ...]:
        """The output."""
        return self.above(self.z)

    @property
    def loss(self) -> Any:
        """|u - y|^2 / 2."""
        return self.loss_of(self.u)

    def above(self, z: Any) -> tuple[Any, ...]:
        """The output for other values before the ReLU."""
        return _affine(self.w2, _relu(z), self.b2)

    def loss_of(self, u: Any) -> Any:
        """The loss for another output."""
        return sum((a - t) ** 2 for a, t in zip(u, self.y, strict=True)) / 2

    def slopes(self, name: str) -> Any:
        """The derivatives of the loss by the parameters of this name, in their arrangement."""
        return slope(lambda value: replace(self, **{name: value}).loss, getattr(self, name))


def _affine(w: Any, v: Any, b: Any) -> tuple[Any, ...]:
    return tuple(dot(row, v) + c for row, c in zip(w, b, strict=True))


def _relu(z: Any) -> tuple[Any, ...]:
    return tuple(a if MP.re(a) > 0 else 0 * a for a in z)


@lru_cache(maxsize=64)
def _slopes(p: Params) -> Mapping[str, Any]:
    """The derivatives of the loss by all parameters, in their arrangement, without formulas for them."""
    net = _Net(p.w1, p.b1, p.w2, p.b2, p.x, p.y)
    return {name: net.slopes(name) for name in LAYERS}


def _sloped(p: Params, printed: str, name: str) -> Named:
    """The derivatives of the loss by the parameters of this name, as a matrix."""
    return Named(printed, name, lambda _: _as_matrix(_slopes(p)[name]))


def _as_matrix(values: Any) -> tuple[tuple[Any, ...], ...]:
    """The rows of a matrix; a vector is a column."""
    return tuple(row if isinstance(row, tuple) else (row,) for row in values)


def _loss_after(p: Params) -> Value:
    """The loss after a step against the derivatives."""
    old = {name: getattr(p, name) for name in LAYERS}
    return _Net(**{name: _stepped(value, _slopes(p)[name], p.rate) for name, value in old.items()}, x=p.x, y=p.y).loss


def _stepped(value: Any, by: Any, rate: Fraction) -> Any:
    if isinstance(value, tuple):
        return tuple(_stepped(v, d, rate) for v, d in zip(value, by, strict=True))
    return value - MP.convert(rate) * by


def _updates(p: Params, s: Solution) -> dict[str, Derivation]:
    """Each parameter minus the learning rate times its gradient, and the loss after that."""
    result = {"fall": _falling(p, s)}
    for name in LAYERS:
        before, gradient, after = (matrix_term(getattr(layers, name)) for layers in (p.layers, s.gradient, s.updated))
        printed = f"{name[0].upper() if name[0] == 'w' else name[0]}_{name[1]}"
        moved = Named(f"{printed} - \\eta \\, {_per(printed)}", f"new {name}", partial(_stepped_matrix, p, name))
        result[f"new_{name}"] = derive(moved).eq(before - number(p.rate) * gradient).eq(after)
    return result


def _stepped_matrix(p: Params, name: str, _: Env) -> Value:
    return _as_matrix(_stepped(getattr(p, name), _slopes(p)[name], p.rate))


def _falling(p: Params, s: Solution) -> Derivation:
    """The new loss, as a fraction where that is short, and the old one."""
    after = derive(Named("\\ell'", "new loss", lambda _: _loss_after(p)))
    short = (s.new_loss * 10**4).denominator == 1
    return (after.eq(s.new_loss) if short else after.then("~", rounded_to(s.new_loss))).then("<", s.loss)


def _positive(p: Params, s: Solution) -> dict[str, Derivation]:
    """delta2 of each output, for softplus and exp."""
    result = {}
    for k, ((u,), y) in enumerate(zip(s.u, p.y, strict=True), 1):
        for g in POSITIVE:
            delta = called(f"({SYMBOLS[f'{g}_delta']})_{k}", slope(partial(_output_loss, g, y), u))
            result[f"{g}_delta_{k}"] = derive(delta).eq(_delta(g, u, y, s.slopes)).approx()
    return result


def _output_loss(g: str, y: int, u: Value) -> Value:
    return ((MP.log(1 + MP.exp(u)) if g == "softplus" else MP.exp(u)) - y) ** 2 / 2


def _any_network(random: Random) -> _Net:
    """A network with 2 inputs, 3 hidden units and 2 outputs, and no z that is 0."""

    def numbers(count: int) -> Vector:
        return tuple(random.choice((-3, -2, -1, 1, 2, 3)) for _ in range(count))

    w1, w2, b2, x, y = tuple(numbers(2) for _ in range(3)), (numbers(3), numbers(3)), numbers(2), numbers(2), numbers(2)
    b1 = tuple(a - dot(row, x) for a, row in zip(numbers(3), w1, strict=True))
    return _Net(w1, b1, w2, b2, x, y)


def _network(random: Random) -> Mapping[str, tuple[Value, ...]]:
    """A domain: values and derivatives in a network, of one hidden unit j and one input i, and of both outputs k."""
    n, j, i = _any_network(random), random.randrange(3), random.randrange(2)
    w2, on = tuple(row[j] for row in n.w2), int(n.z[j] > 0)
    errors = tuple(a - t for a, t in zip(n.u, n.y, strict=True))
    return {
        "by_w2": tuple(row[j] for row in n.slopes("w2")),
        "by_u": slope(n.loss_of, n.u),
        "by_z": (slope(lambda z: n.loss_of(n.above(z)), n.z)[j],),
        "by_w1": (n.slopes("w1")[j][i],),
        "x": (n.x[i],),
        "h": (_relu(n.z)[j],),
        "u": n.u,
        "y": n.y,
        "w2": w2,
        "on": (on,),
        "delta2": errors,
        "delta1": (on * dot(w2, errors),),
    }


def _entry(printed: str, name: str) -> Named:
    """A number of the network: of its output k inside a sum over k, of the last one otherwise."""
    return Named(printed, name, lambda env: env["net"][name][int(env.get("k", 0)) - 1])


def _matrices(random: Random) -> Mapping[str, Matrix]:
    """A domain: the derivatives in a network as matrices, and what they are made of; vectors are columns."""
    n = _any_network(random)
    found = {
        "by_u": slope(n.loss_of, n.u),
        "by_z": slope(lambda z: n.loss_of(n.above(z)), n.z),
        "on": tuple(int(z > 0) for z in n.z),
        "h": _relu(n.z),
    }
    given = {name: getattr(n, name) for name in (*LAYERS, "x", "y", "u")}
    by = {f"by_{name}": n.slopes(name) for name in LAYERS}
    return {name: _as_matrix(value) for name, value in (found | given | by).items()}


def _whole(printed: str, name: str) -> Named:
    """A matrix of the network."""
    return Named(printed, name, lambda env: env["net"][name])


def _flat(under: str) -> str:
    return f"\\partial\\ell/\\partial {under}"


@cache
def _in_matrices() -> dict[str, Derivation]:
    """All gradients as matrices."""
    delta2, delta1 = _whole("\\delta_2", "by_u"), _whole("\\delta_1", "by_z")
    h, x, w2, on = _whole("h", "h"), _whole("x", "x"), _whole("W_2", "w2"), _whole("1[z > 0]", "on")

    def by(under: str, name: str) -> Derivation:
        return derive(_whole(_flat(under), f"by_{name}"), net=_matrices)

    return {
        "output": derive(delta2, net=_matrices).eq(_whole("\\hat{y}", "u") - _whole("y", "y")),
        "of_w2": by("W_2", "w2").eq(delta2 * transposed(h)),
        "of_b2": by("b_2", "b2").eq(delta2),
        "hidden": derive(delta1, net=_matrices).eq(Hadamard(transposed(w2) * delta2, on)),
        "of_w1": by("W_1", "w1").eq(delta1 * transposed(x)),
        "of_b1": by("b_1", "b1").eq(delta1),
    }


@cache
def _outputs() -> dict[str, Derivation]:
    """delta2 for any function at the output (cubic polynomials), the slope of softplus, and the logarithm of exp."""
    u, y = Sym("u"), Sym("y", "y_k")
    softplus = log(1 + exp(u))
    by_u = Named(
        f"\\frac{{\\mathrm{{d}}}}{{\\mathrm{{d}}u}} {softplus.tex('en')}",
        "slope",
        lambda env: slope(lambda v: softplus.value({"u": v}), env["u"]),
    )

    def output(env: Env, v: Value) -> Value:
        return sum(c * v**n for n, c in enumerate(env["g"]))

    def loss(env: Env, v: Value) -> Value:
        return (output(env, v) - env["y"]) ** 2 / 2

    delta = Named("(\\delta_2)_k", "delta2", lambda env: slope(partial(loss, env), env["u"]))
    predicted = Named("\\hat{y}_k", "prediction", lambda env: output(env, env["u"]))
    slope_of_g = Named(
        "g'(u_k)", "slope of g", lambda env: sum(n * c * env["u"] ** (n - 1) for n, c in enumerate(env["g"]) if n)
    )
    return {
        "softplus": derive(by_u, u=real).eq(exp(u) / (1 + exp(u))).eq(sigma(u)),
        "by_output": derive(delta, g=vector(real, 4), u=real, y=real).eq((predicted - y) * slope_of_g),
        "logarithm": derive(log(Named("\\hat{y}", "prediction", exp(u).value)), u=real).eq(u),
    }


@cache
def _general() -> dict[str, Derivation]:
    """The chain rule for one entry of each gradient; gradients as matrices; other outputs."""
    outputs, w2 = Sym("K"), _entry("(W_2)_{kj}", "w2")
    by_u, by_z, by_h = _entry(_per("u_k"), "by_u"), _entry(_per("z_j"), "by_z"), _entry("1[z_j > 0] \\,", "on")
    delta1, delta2 = _entry("(\\delta_1)_j", "delta1"), _entry("(\\delta_2)_k", "delta2")
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
        **_in_matrices(),
        **_outputs(),
    }


def _numbers(params: Params, solution: Solution) -> dict[str, Matrix]:
    """All numbers of the solution, and delta2 for the positive outputs as the sheet prints it."""
    s, g = solution, solution.gradient
    shown = {answer.name: answer.value.value() for answer in answers(params, solution) if answer.part == "positive"}
    values = {"z": s.z, "h": s.h, "u": s.u, "back": s.back, "loss": ((s.loss,),), "new_loss": ((s.new_loss,),)}
    values |= {"delta2": g.b2, "grad_w2": g.w2, "delta1": g.b1, "grad_w1": g.w1}
    return values | {f"new_{name}": getattr(s.updated, name) for name in LAYERS} | shown


def _given(params: Params) -> list[Any]:
    """The parameters as lists of rows, put together here anew; biases are columns."""
    given = (params.w1, params.b1, params.w2, params.b2)
    return [[list(row) if isinstance(row, tuple) else [row] for row in rows] for rows in given]


def by_torch(params: Params, solution: Solution) -> Iterator[Comparison]:
    """Oracle: autograd and the SGD of torch in double precision."""
    import torch

    def tensor(values: Any) -> Any:
        return torch.tensor([[float(v) for v in row] for row in values], dtype=torch.float64, requires_grad=True)

    def loss(prediction: Any) -> Any:
        return ((prediction - y) ** 2).sum() / 2

    w1, b1, w2, b2 = leaves = [tensor(rows) for rows in _given(params)]
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
    given = {name: np.array(rows, dtype=float) for name, rows in zip(LAYERS, _given(params), strict=True)}

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


def by_tangents(params: Params, solution: Solution) -> Iterator[Comparison]:
    """Oracle: forward mode, in fractions: a change of each parameter alone is carried through the whole network."""
    import numpy as np
    from scipy.special import expit

    x, y = (np.array([[Fraction(v)] for v in values], dtype=object) for values in (params.x, params.y))
    given = {
        name: np.array([[Fraction(v) for v in row] for row in rows], dtype=object)
        for name, rows in zip(LAYERS, _given(params), strict=True)
    }

    def run(w1: Any, b1: Any, w2: Any, b2: Any) -> tuple[Any, Any, Any]:
        z = w1 @ x + b1
        return z, np.where(z > 0, z, 0), w2 @ np.where(z > 0, z, 0) + b2

    z, h, u = run(**given)

    def along(tangent: Mapping[str, Any], dh: Any = 0) -> Any:
        still: dict[str, Any] = {**{name: 0 * value for name, value in given.items()}, **tangent}
        dh = dh + np.where(z > 0, still["w1"] @ x + still["b1"], 0)
        return ((u - y) * (still["w2"] @ h + given["w2"] @ dh + still["b2"])).sum()

    def units(shape: tuple[int, ...]) -> Any:
        size = int(np.prod(shape))
        return np.eye(size, dtype=int).astype(object).reshape(size, *shape)

    by = {name: np.reshape([along({name: unit}) for unit in units(at.shape)], at.shape) for name, at in given.items()}
    new = {name: at - params.rate * by[name] for name, at in given.items()}
    found: dict[str, Any] = {"z": z, "h": h, "u": u, "loss": [[((u - y) ** 2).sum() / 2]]}
    found |= {"delta2": by["b2"], "grad_w2": by["w2"], "delta1": by["b1"], "grad_w1": by["w1"]}
    found |= {"back": np.reshape([along({}, unit) for unit in units(h.shape)], h.shape)}
    found |= {f"new_{name}": value for name, value in new.items()} | {
        "new_loss": [[((run(**new)[2] - y) ** 2).sum() / 2]]
    }
    outputs = u.astype(float)
    found["relu_delta"] = np.where(u > 0, u - y, 0)
    found["softplus_delta"] = (np.logaddexp(0, outputs) - y.astype(float)) * expit(outputs)
    found["exp_delta"] = (np.exp(outputs) - y.astype(float)) * np.exp(outputs)
    ours = _numbers(params, solution)
    yield from (all_close(name, ours[name], np.array(value, dtype=float)) for name, value in found.items())


oracles = (by_torch, by_differences, by_tangents)
