"""Gradients through plain and residual networks with linear layers, h_i = W_i h_{i-1} and h'_i = (I + W_i) h'_{i-1}.

J = dh_n/dh_l = W_n ... W_{l+1} and J' = dh'_n/dh'_l = (I + W_n) ... (I + W_{l+1}) (He, Zhang, Ren, Sun: Identity
mappings in deep residual networks, ECCV 2016). J' is the sum over 2^(n-l) paths (Veit, Wilber, Belongie: Residual
networks behave like ensembles of relatively shallow networks, NeurIPS 2016); its singular values lie between
prod(1 - |W_i|) and prod(1 + |W_i|), with spectral norms. Those of a 2x2 matrix A are
(sqrt(|A|_F^2 + 2|det A|) +- sqrt(|A|_F^2 - 2|det A|))/2.
"""

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cache, reduce
from math import comb, isqrt, prod
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
    close,
    derive,
    equal,
    exp,
    holds,
    log,
    matrix_term,
    number,
    positive,
    product,
    rightly,
    sqrt,
    total,
    unit,
)
from blattwerk.vocabulary.figures import Figure, LayerBlocks
from blattwerk.vocabulary.functions import Bars, absolute, det, rounded_to, square_root, transposed
from blattwerk.vocabulary.matrices import (
    Matrix,
    add,
    column,
    determinant,
    identity,
    matrix,
    multiply,
    scale,
    subtract,
    trace,
    transpose,
)
from blattwerk.vocabulary.slopes import slope
from blattwerk.vocabulary.terms import Rounded
from blattwerk.vocabulary.writers import PRODUCT, Writer

Layer = tuple[tuple[int, int], tuple[int, int]]
Weights = Sequence[Matrix]
IDENTITY = identity(2)


@dataclass(frozen=True)
class Params:
    """The layers l+1, ..., n of both networks, and the one weight of all layers of deep ones."""

    denominator: int
    """q, of all weights."""
    first: int
    """l."""
    layers: tuple[Layer, ...]
    """A_{l+1}, ..., A_n with W_i = A_i / q; the spectral norm of each is a whole number below q."""
    factor: Fraction
    """c, between 0 and 1, in W_i = c I."""
    depth: int
    """L, the number of layers with these weights."""

    @property
    def last(self) -> int:
        """n."""
        return self.first + len(self.layers)

    @property
    def weights(self) -> tuple[Matrix, ...]:
        """W_{l+1}, ..., W_n."""
        return tuple(scale(Fraction(1, self.denominator), a) for a in self.layers)


@dataclass(frozen=True)
class Singular:
    """The singular values (sqrt(plus) +- sqrt(minus)) / (2 scale) of B/scale, for an integer 2x2 matrix B."""

    scale: int
    plus: int
    """|B|_F^2 + 2 |det B|."""
    minus: int
    """|B|_F^2 - 2 |det B|."""

    @property
    def square(self) -> int:
        """|B|_F^2."""
        return (self.plus + self.minus) // 2

    @property
    def area(self) -> int:
        """|det B|."""
        return (self.plus - self.minus) // 4

    def inserted(self, sign: int) -> Term:
        """The formula with its numbers; the sign is 1 for the larger value, -1 for the smaller one."""
        square, area = number(self.square), 2 * number(self.area)
        return _plus_or_minus(sqrt(square + area), sign, sqrt(square - area)) / (2 * number(self.scale))

    def written(self, sign: int) -> Term:
        """The larger (sign 1) or the smaller value (sign -1)."""
        plus, minus = isqrt(self.plus), isqrt(self.minus)
        if plus**2 == self.plus and minus**2 == self.minus:
            return number(Fraction(plus + sign * minus, 2 * self.scale))
        second = number(minus) if minus**2 == self.minus else sqrt(self.minus)
        first = number(plus) if plus**2 == self.plus else sqrt(self.plus)
        return (_plus_or_minus(first, sign, second) if minus else first) / (2 * self.scale)

    def decimal(self, sign: int) -> Rounded:
        """The same as a decimal."""
        return _rounded(self.written(sign))


@dataclass(frozen=True)
class Mistaken(Singular):
    """The same with what a usual mistake takes for the larger value."""

    norm: Term

    def written(self, sign: int) -> Term:
        """The mistaken larger value, or the smaller one."""
        return self.norm if sign > 0 else super().written(sign)


def _plus_or_minus(a: Term, sign: int, b: Term) -> Term:
    return a + b if sign > 0 else a - b


@dataclass(frozen=True)
class Solution:
    """Both Jacobian matrices with their paths and norms (k = n - l is the number of layers), and the deep networks."""

    plain: Matrix
    """J, 2x2 like all matrices here."""
    residual: Matrix
    """J'."""
    counts: tuple[int, ...]
    """The numbers of paths through 0, ..., k layers."""
    lengths: tuple[Matrix, ...]
    """S_1, ..., S_k: the sum over the paths through that many layers."""
    layer_norms: tuple[Fraction, ...]
    """|W_{l+1}|, ..., |W_n|, spectral norms."""
    layer_singular: tuple[Singular, ...]
    """Of W_{l+1}, ..., W_n."""
    plain_singular: Singular
    """Of J."""
    residual_singular: Singular
    """Of J'."""
    scaled_singular: Singular
    """Of (I + W_n / k) ... (I + W_{l+1} / k), the Jacobian matrix with scaled branches."""
    plain_bounds: tuple[Fraction, Fraction]
    residual_bounds: tuple[Fraction, Fraction]
    scaled_bounds: tuple[Fraction, Fraction]
    """On the singular values of these three, the lower bound first."""
    plain_power: Fraction
    """c^L."""
    residual_power: Fraction
    """(1 + c)^L."""
    scaled_power: Fraction
    """(1 + c/L)^L."""


def solve(params: Params, step: Step = rightly) -> Solution:
    """Both Jacobian matrices, their paths and singular values, and the powers for W_i = factor I."""
    weights, k, q = params.weights, len(params.layers), params.denominator
    plain, residual, scaled = _products_of(weights, step)
    layers = tuple(_singular(w, q) for w in weights)
    norms = tuple(layer.written(1).value() for layer in layers)
    plain_singular, residual_singular = _singular(plain, q**k), _singular(residual, q**k)
    plain_power, residual_power, scaled_power = _powers_of(params.factor, params.depth, step)
    return Solution(
        plain=plain,
        residual=residual,
        counts=step("counts", lambda: tuple(comb(k, j) for j in range(k + 1))),
        lengths=step(
            "lengths",
            lambda: _lengths(weights)[1:],
            mixed=lambda: _lengths(weights[::-1])[1:],
            twice=lambda: tuple(_in_all_orders(weights, j) for j in range(1, k + 1)),
        ),
        layer_norms=norms,
        layer_singular=step("layer_norms", lambda: layers, norm=lambda: tuple(map(_by_frobenius, layers))),
        plain_singular=step(
            "plain_norm",
            lambda: plain_singular,
            norm=lambda: _by_frobenius(plain_singular),
            product=lambda: _mistaken(plain_singular, number(prod(norms))),
        ),
        residual_singular=step(
            "residual_norm", lambda: residual_singular, norm=lambda: _by_frobenius(residual_singular)
        ),
        scaled_singular=_singular(scaled, (q * k) ** k),
        plain_bounds=(prod(layer.written(-1).value() for layer in layers), prod(norms)),
        residual_bounds=(prod(1 - x for x in norms), prod(1 + x for x in norms)),
        scaled_bounds=(prod(1 - x / k for x in norms), prod(1 + x / k for x in norms)),
        plain_power=plain_power,
        residual_power=residual_power,
        scaled_power=scaled_power,
    )


def _products_of(weights: Weights, step: Step) -> tuple[Matrix, Matrix, Matrix]:
    """J, J', and J' with scaled branches."""
    plain, residual, scaled = _networks(weights)
    j = step("plain", lambda: _chain(plain), order=lambda: _chain(plain[::-1]))
    return (
        j,
        step(
            "residual",
            lambda: _chain(residual),
            order=lambda: _chain(residual[::-1]),
            cross=lambda: add(IDENTITY, j),
        ),
        _chain(scaled),
    )


def _powers_of(c: Fraction, depth: int, step: Step) -> tuple[Fraction, Fraction, Fraction]:
    """c^L, (1 + c)^L and (1 + c/L)^L."""
    return (
        step("plain_power", lambda: c**depth, once=lambda: c),
        step("residual_power", lambda: (1 + c) ** depth, once=lambda: 1 + c),
        step(
            "scaled_power",
            lambda: (1 + c / depth) ** depth,
            once=lambda: 1 + c / depth,
            unscaled=lambda: (1 + c) ** depth,
        ),
    )


def _in_all_orders(weights: Weights, length: int) -> Matrix:
    """A usual mistake: the sum of the products of that many layers, each in all its orders."""
    return reduce(add, (reduce(multiply, some) for some in itertools.permutations(weights, length)))


def _mistaken(singular: Singular, norm: Term) -> Mistaken:
    return Mistaken(singular.scale, singular.plus, singular.minus, norm)


def _by_frobenius(singular: Singular) -> Mistaken:
    """A usual mistake: the Frobenius norm for the spectral one."""
    return _mistaken(singular, sqrt(number(Fraction(singular.square, singular.scale**2))))


def _networks(weights: Weights) -> tuple[Weights, Weights, Weights]:
    """The factors W_i of a plain network, I + W_i of a residual one, and I + W_i / k of one with scaled branches."""
    residual, scaled = ([add(IDENTITY, scale(Fraction(1, k), w)) for w in weights] for k in (1, len(weights)))
    return weights, residual, scaled


def _chain(factors: Weights) -> Matrix:
    """The product with the last layer at the left, F_n ... F_{l+1}."""
    return reduce(multiply, reversed(factors))


def _lengths(weights: Weights) -> tuple[Matrix, ...]:
    """S_0, ..., S_k layer by layer: a path leads round the new layer, or through it and is longer by 1."""
    sums: tuple[Matrix, ...] = (IDENTITY,)
    for w in weights:
        through = [multiply(w, s) for s in sums]
        sums = (sums[0], *map(add, sums[1:], through), through[-1])
    return sums


def _singular(a: Matrix, common: int) -> Singular:
    """The singular values of a matrix with this common denominator."""
    whole = scale(common, a)
    square, area = int(sum(x * x for row in whole for x in row)), abs(int(determinant(whole)))
    return Singular(common, square + 2 * area, square - 2 * area)


SYMBOLS = {
    "plain_norm": "\\|J\\|",
    "plain_least": "\\sigma_{\\min}(J)",
    "residual_norm": "\\|J'\\|",
    "residual_least": "\\sigma_{\\min}(J')",
    "plain_power": "c^L",
    "residual_power": "(1 + c)^L",
    "scaled_power": "\\left(1 + \\frac{c}{L}\\right)^L",
}


def answers(params: Params, solution: Solution) -> tuple[Answer, ...]:
    """J and J', the paths by their lengths, the norms, and the growth over many layers."""
    q, k, c, depth = params.denominator, len(params.layers), params.factor, params.depth
    scalars = (
        ("plain_norm", "norms", solution.plain_singular.written(1)),
        ("plain_least", "norms", solution.plain_singular.written(-1)),
        ("residual_norm", "norms", solution.residual_singular.written(1)),
        ("residual_least", "norms", solution.residual_singular.written(-1)),
        ("plain_power", "scaling", _as_power(c, depth, solution.plain_power)),
        ("residual_power", "scaling", _as_power(1 + c, depth, solution.residual_power)),
        ("scaled_power", "scaling", _as_power(1 + c / depth, depth, solution.scaled_power)),
    )
    indices = f"i = {params.first + 1}, \\dots, {params.last}"
    norms = matrix_term([[layer.written(1) for layer in solution.layer_singular]])
    return (
        Answer("plain", "products", _over(solution.plain, q**k), symbol="J"),
        Answer("residual", "products", _over(solution.residual, q**k), symbol="J'"),
        Answer("counts", "paths", matrix_term([solution.counts]), symbol="(N_j)_j"),
        *(Answer(f"length_{j}", "paths", _over(s, q**j), symbol=f"S_{j}") for j, s in enumerate(solution.lengths, 1)),
        Answer("layer_norms", "norms", norms, symbol=f"(\\|W_i\\|)_{{{indices}}}"),
        *(Answer(name, part, value, _places(value), SYMBOLS[name]) for name, part, value in scalars),
    )


def _as_power(base: Fraction, exponent: int, value: Fraction) -> Term:
    """A value as this power, if that is what it is."""
    power = number(base) ** exponent
    return power if power.value() == value else number(value)


def claims(params: Params, solution: Solution) -> Mapping[str, bool]:
    """What the sentences say of the given network."""
    plain, residual = solution.plain_singular, solution.residual_singular
    low, high = solution.scaled_bounds
    return {
        "attained" if _is_norm(plain, solution.plain_bounds[1]) else "not_attained": True,
        "keeps_more": bool(MP.convert(residual.written(-1).value()) > MP.convert(plain.written(1).value())),
        "order_one": Fraction(1, 4) < low and high < 3,
    }


def _is_norm(singular: Singular, value: Fraction) -> bool:
    """Whether (sqrt(plus) + sqrt(minus))/(2 scale) is this number, decided in whole numbers."""
    mixed = 4 * (singular.scale * value) ** 2 - singular.plus - singular.minus
    return mixed >= 0 and mixed**2 == 4 * singular.plus * singular.minus


def _over(a: Matrix, common: int) -> Term:
    """A matrix as 1/common times a matrix of whole numbers."""
    return number(Fraction(1, common)) * matrix_term(scale(common, a))


def figures(params: Params, solution: Solution) -> Mapping[str, Figure]:
    """One layer of each network; the same for every instance."""
    alt = Localised(
        "Two block diagrams. Plain: an arrow from h_(i-1) to the box W_i, and an arrow from there to h_i. Residual: "
        "the same with primes, but behind W_i there is a sum, to which a skip connection leads from h'_(i-1).",
        "Zwei Blockdiagramme. Einfach: ein Pfeil von h_(i-1) zum Kasten W_i und ein Pfeil von dort zu h_i. Residual: "
        "dasselbe mit Strichen, aber hinter W_i steht eine Summe, zu der von h'_(i-1) ein Pfeil an W_i vorbeiführt.",
    )
    return {"blocks": LayerBlocks(alt, ("h_{i{-}1}", "W_i", "h_i"), (r"h_{i{-}1}^{\prime}", "W_i", r"h_i^{\prime}"))}


def derivations(params: Params, solution: Solution) -> Mapping[str, Derivation]:
    """The chain rule and the bounds for all weights, and every step of the instance."""
    instance = (_products, _paths, _norms, _powers)
    return _general() | {name: d for part in instance for name, d in part(params, solution).items()}


def _forward(weights: Weights, x: Matrix, skip: int = 0) -> Matrix:
    """The last state of the plain (skip = 0) or residual (skip = 1) network that begins in the state x."""
    return reduce(lambda state, w: add(scale(skip, state), multiply(w, state)), weights, x)


def _jacobian(weights: Weights, skip: int = 0) -> Matrix:
    """d(last state)/d(first state) by differences from the state 0, exact for linear layers: a column for each unit."""
    return transpose(tuple(tuple(x for (x,) in _forward(weights, column(e), skip)) for e in IDENTITY))


def _extremes(a: Matrix) -> tuple[Value, Value]:
    """The larger and the smaller singular value, by the eigenvalues of A'A."""
    gram = multiply(transpose(a), a)
    middle, area = trace(gram) / 2, determinant(gram)
    largest = square_root(middle + square_root(middle**2 - area))
    return largest, square_root(area) * (1 / largest)  # in this order: mpmath divides no Fraction by its own numbers


def _norm(a: Matrix) -> Value:
    return MP.convert(_extremes(a)[0])  # a rational one too: norms are multiplied, and mpmath multiplies no Fraction


def _least(a: Matrix) -> Value:
    return MP.convert(_extremes(a)[1])


def _branch(random: Random) -> Matrix:
    """A domain: 2x2 matrices of spectral norm below 1."""
    a, b, c, d = (Fraction(random.choice((-1, 1)) * random.randint(1, 7), 16) for _ in range(4))
    return ((a, b), (c, d))


def _matrix(random: Random) -> Matrix:
    """A domain: 2x2 matrices of whatever norm."""
    return scale(4, _branch(random))


def _network(random: Random) -> tuple[Matrix, ...]:
    """A domain: W_{l+1}, ..., W_n of three or four layers, each of spectral norm below 1."""
    return tuple(_branch(random) for _ in range(random.randint(3, 4)))


def _state(random: Random) -> Matrix:
    """A domain: states of a layer, none of them 0."""
    return column(Fraction(random.choice((-1, 1)) * random.randint(1, 9), 8) for _ in range(2))


def _of(name: str, printed: str, value: Callable[[Any], Value]) -> Named:
    """A name for what is computed from one symbol of the environment."""
    return Named(printed, printed, lambda env: value(env[name]))


def _size(x: Term) -> Term:
    """The Euclidean norm of a vector, written |x|."""
    return Bars(x, "|", "|", "norm")


def _by_entries(factors: Weights) -> Matrix:
    """The product with the last factor at the left, each entry as the sum over all ways through the units."""

    def entry(row: int, col: int) -> Any:
        inner = itertools.product(range(2), repeat=len(factors) - 1)
        return sum(prod(f[b][a] for f, a, b in zip(factors, (col, *way), (*way, row), strict=True)) for way in inner)

    return tuple(tuple(entry(row, col) for col in range(2)) for row in range(2))


EYE, V, W = called("I", IDENTITY), Sym("v"), Sym("W", "W_i")
NORM = _of("W", "\\|W_i\\|", _norm)


@cache
def _general() -> dict[str, Derivation]:
    """The statements about all weights."""
    return _chain_rule() | _estimates() | _deep()


def _chain_rule() -> dict[str, Derivation]:
    """dh_n/dh_l by the chain rule; a residual layer as a plain one with the weights I + W_i."""

    def jacobian(above: str, below: str, layers: slice) -> Named:
        printed = f"\\frac{{\\partial h_{{{above}}}}}{{\\partial h_{{{below}}}}}"
        return _of("net", printed, lambda net: _jacobian(net[layers]))

    last, before = _of("net", "W_n", lambda net: net[-1]), _of("net", "W_{n-1}", lambda net: net[-2])
    residual = _of("net", "\\frac{\\partial h'_n}{\\partial h'_l}", lambda net: _jacobian(net, skip=1))
    factors = _of(
        "net",
        "(I + W_n)(I + W_{n-1}) \\cdots (I + W_{l+1})",
        lambda net: _by_entries([add(IDENTITY, w) for w in net]),
    )
    weights = _of("net", "W_n W_{n-1} \\cdots W_{l+1}", _by_entries)
    plain_j = _of("net", "J", _jacobian)
    residual_j = _of("net", "J'", lambda net: _jacobian(net, skip=1))
    state = Named("h'_i", "h'_i", lambda env: _forward([env["W"]], env["v"], skip=1))
    earlier = Sym("v", "h'_{i-1}")
    return {
        "chain": derive(jacobian("n", "l", slice(None)), net=_network)
        .eq(jacobian("n", "n-1", slice(-1, None)) * jacobian("n-1", "l", slice(-1)), "chain")
        .eq(last * jacobian("n-1", "l", slice(-1)), "layer")
        .eq(last * before * jacobian("n-2", "l", slice(-2)), "again")
        .eq(weights, "induction"),
        "absorb": derive(state, W=_branch, v=_state).eq(earlier + W * earlier, "definition").eq((EYE + W) * earlier),
        "residual_chain": derive(residual, net=_network).eq(factors, "same"),
        "plain_product": derive(plain_j, net=_network).eq(weights),
        "residual_product": derive(residual_j, net=_network).eq(factors),
        "carried": _carried(),
    }


def _carried() -> Derivation:
    """The gradient of a squared error at the start, from that at the end."""

    def start(env: Env) -> Value:
        net = [tuple(tuple(map(MP.convert, row)) for row in w) for w in env["net"]]
        target = [MP.convert(t) for (t,) in env["t"]]

        def loss(x: tuple[Value, ...]) -> Value:
            end = _forward(net, tuple((a,) for a in x))
            return sum((a - t) ** 2 for (a,), t in zip(end, target, strict=True)) / 2

        return tuple((d,) for d in slope(loss, tuple(a for (a,) in env["v"])))

    end = Named("\\partial\\ell/\\partial h_n", "end", lambda env: subtract(_forward(env["net"], env["v"]), env["t"]))
    begin = Named("\\partial\\ell/\\partial h_l", "begin", start)
    return derive(begin, net=_network, v=_state, t=_state).eq(transposed(_of("net", "J", _jacobian)) * end)


def _estimates() -> dict[str, Derivation]:
    """Singular values of 2x2 matrices; how much a layer, and a whole network, can stretch or shrink a vector."""

    def bound(body: str, factor: Callable[[Matrix], Value]) -> Named:
        return _of("net", f"\\prod_{{i=l+1}}^{{n}} {body}", lambda net: prod(map(factor, net)))

    large, small = _of("A", "\\sigma_{\\max}", _norm), _of("A", "\\sigma_{\\min}", _least)
    square = _of("A", "\\|A\\|_F^2", lambda a: trace(multiply(transpose(a), a)))
    a = Sym("A")
    product_norm = Named("\\|AB\\|", "norm of AB", lambda env: _norm(multiply(env["A"], env["B"])))
    norms = (_of("A", "\\|A\\|", _norm), _of("B", "\\|B\\|", _norm))
    j_norm = _of("net", "\\|J\\|", lambda net: _norm(_jacobian(net)))
    least = _of("net", "\\sigma_{\\min}(J')", lambda net: _least(_jacobian(net, skip=1)))
    largest = _of("net", "\\|J'\\|", lambda net: _norm(_jacobian(net, skip=1)))
    below, above = bound("(1 - \\|W_i\\|)", lambda w: 1 - _norm(w)), bound("(1 + \\|W_i\\|)", lambda w: 1 + _norm(w))
    last, layer = _of("net", "\\|W_n\\|", lambda net: _norm(net[-1])), _of("net", "W_n", lambda net: net[-1])
    state = Named("v_{n-1}", "v_{n-1}", lambda env: _forward(env["net"][:-1], env["v"], skip=1))
    return {
        "singular": derive((large + small) ** 2, A=_branch)
        .eq(large**2 + small**2 + 2 * large * small)
        .eq(square + 2 * absolute(det(a)), "invariants"),
        "difference": derive((large - small) ** 2, A=_branch).eq(square - 2 * absolute(det(a))),
        "gram": derive(det(transposed(a) * a), A=_branch).eq(det(a) ** 2),
        "submultiplicative": derive(product_norm, A=_matrix, B=_matrix).then("<=", norms[0] * norms[1]),
        "stretched": derive(_size(W * V), W=_branch, v=_state).then("<=", NORM * _size(V)),
        "smallest": derive(least, net=_network).then(">=", below).then(">", 0),
        "plain_bound": derive(j_norm, net=_network).then("<=", bound("\\|W_i\\|", _norm)),
        "bounds": derive(below, net=_network).then("<=", least).then("<=", largest).then("<=", above),
        "plain_estimate": derive(j_norm, net=_network)
        .then("<=", bound("\\|W_i\\|", _norm), "submultiplicative")
        .then("<=", _of("net", "c^{n-l}", lambda net: max(map(_norm, net)) ** len(net)), "largest"),
        "below": derive(_size((EYE + W) * V), W=_branch, v=_state)
        .then(">=", _size(V) - _size(W * V), "triangle")
        .then(">=", (1 - NORM) * _size(V), "norm"),
        "all_below": derive(_size(_of("net", "J'", lambda net: _jacobian(net, skip=1)) * V), net=_network, v=_state)
        .eq(_size((EYE + layer) * state))
        .then(">=", (1 - last) * _size(state), "layer")
        .then(">=", below * _size(V), "induction"),
        "all_above": derive(largest, net=_network)
        .then("<=", bound("\\|I + W_i\\|", lambda w: _norm(add(IDENTITY, w))), "submultiplicative")
        .then("<=", above, "triangle"),
    }


def _deep() -> dict[str, Derivation]:
    """Branches scaled by 1/L, and branches with random signs."""
    c, depth, x = Sym("c"), Sym("L"), Sym("x")
    domain = {"c": unit, "L": lambda random: Fraction(random.randint(2, 50))}

    def mean_square(env: Env) -> Value:
        ends = (_forward([scale(sign, env["W"])], env["v"], skip=1) for sign in (-1, 1))
        return sum(x * x for end in ends for (x,) in end) / 2

    return {
        "log_below": derive(log(1 + x), x=positive).then("<", x),
        "signs_above": derive((1 + c**2 / depth) ** depth, **domain).then("<", exp(c**2)),
        "scaled_above": derive((1 + c / depth) ** depth, **domain)
        .eq(exp(depth * log(1 + c / depth)))
        .then("<", exp(c), "tangent"),
        "scaled_below": derive((1 - c / depth) ** depth, **domain).then(">=", 1 - c, "bernoulli"),
        "signs": derive(Named("\\mathbb{E}\\,|v + \\varepsilon W_i v|^2", "E", mean_square), W=_branch, v=_state)
        .eq(_size(V) ** 2 + _size(W * V) ** 2, "mixed")
        .then("<=", (1 + NORM**2) * _size(V) ** 2, "norm"),
    }


@dataclass(frozen=True)
class Scientific(Rounded):
    """A positive value with four digits and a power of ten; `places` is 3 minus the exponent."""

    def write(self, w: Writer) -> str:
        exponent = 3 - self.places
        mantissa = w.decimal(self.value() / Fraction(10) ** exponent, 3)
        return w.times([(mantissa, True), (w.power("10", str(exponent)), True)])

    def level(self, w: Writer) -> int:
        return PRODUCT


def _with_decimal(chain: Derivation) -> Derivation:
    """One more step: the decimal value, exactly where it is short, or with a power of ten where it is far from 1."""
    exact = chain.steps[-1].term
    value, exponent = exact.value(), _exponent(exact)
    short = isinstance(value, Fraction) and (value * 10**4).denominator == 1
    if short or -5 < exponent < 4:
        return chain.approx(_places(exact))
    return chain.then("~", Scientific(exact, 3 - exponent))


def _rounded(exact: Term) -> Rounded:
    return rounded_to(exact, _places(exact))


def _about(rounded: Rounded) -> str:
    """The relation between a value and its decimals."""
    return "=" if rounded.value() == rounded.exact.value() else "~"


def _places(exact: Term) -> int:
    """Decimals for at least four digits."""
    return max(4, 3 - _exponent(exact))


def _exponent(exact: Term) -> int:
    """k for a positive value of about 10^k, as scientific notation with four digits has it."""
    value = exact.value()
    shown = Decimal(value.numerator) / value.denominator if isinstance(value, Fraction) else float(value)
    return int(f"{shown:.3e}".partition("e")[2])


def _both(params: Params) -> tuple[tuple[str, str, list[Matrix]], ...]:
    """For the plain and the residual network: its key, its prime, and the integer factors A_i or qI + A_i."""
    stretched = scale(params.denominator, IDENTITY)
    plain = list(map(matrix, params.layers))
    return (("plain", "", plain), ("residual", "'", [add(stretched, a) for a in plain]))


def _products(params: Params, solution: Solution) -> dict[str, Derivation]:
    """J and J', multiplied from the left; and J e, J' e for the first unit vector e, multiplied from the right."""
    k, common, e = len(params.layers), params.denominator ** len(params.layers), column((1, 0))
    names = [called(f"W_{{{params.first + i}}}", w) for i, w in enumerate(params.weights, 1)]

    def scaled(factors: Weights) -> Term:
        return number(Fraction(1, common)) * product(map(matrix_term, factors))

    weights = Named("W_i", "W_i", lambda env: scale(Fraction(1, params.denominator), env["A"]))
    over = number(Fraction(1, params.denominator))
    common_factor = derive(EYE + weights, A=_branch).eq(over * (number(params.denominator) * EYE + Sym("A", "A_i")))
    result: dict[str, Derivation] = {"common": common_factor}
    for skip, (key, prime, factors) in enumerate(_both(params)):
        jacobian = called(f"J{prime}", _jacobian(params.weights, skip))
        chain = derive(jacobian).eq(product(EYE + w if skip else w for w in reversed(names)), "order")
        sent = derive(called(f"h{prime}_{{{params.last}}}", _forward(params.weights, e, skip)))
        for i in range(1, k + 1):
            chain = chain.eq(scaled([_chain(factors[k - i :]), *reversed(factors[: k - i])]))
            sent = sent.eq(scaled([*reversed(factors[i:]), _chain([e, *factors[:i]])]))
        result |= {key: chain, f"{key}_pass": sent.eq(jacobian * matrix_term(e))}
    return result


def _paths(params: Params, solution: Solution) -> dict[str, Derivation]:
    """q^j S_j as a sum over paths in whole numbers, for each length j; and q^k J' from these sums."""
    q, k = params.denominator, len(params.layers)
    names = [called(f"A_{{{params.first + i}}}", matrix(a)) for i, a in enumerate(params.layers, 1)]
    sums = [called(f"S_{j}", s) for j, s in enumerate(solution.lengths, 1)]
    whole = [matrix_term(scale(q**j, s)) for j, s in enumerate(solution.lengths, 1)]
    result = {}
    for j in range(1, k + 1):
        paths = [product(path) for path in itertools.combinations(reversed(names), j)]
        chain = derive(number(q**j) * sums[j - 1]).eq(total(paths))
        if j < k:
            chain = chain.eq(total(matrix_term(path.value()) for path in paths))
        result[f"length_{j}"] = chain.eq(whole[j - 1])
    longest, plain = called(f"S_{k}", solution.lengths[-1]), called("J", _jacobian(params.weights))
    result["longest"] = derive(longest).eq(plain)
    parts = [number(q**k) * EYE, *(number(q ** (k - j)) * whole[j - 1] for j in range(1, k)), whole[-1]]
    result["whole"] = (
        derive(number(q**k) * total([EYE, *sums]))
        .eq(total(parts))
        .eq(matrix_term(scale(q**k, solution.residual)))
        .eq(number(q**k) * called("J'", _jacobian(params.weights, skip=1)))
    )
    return result


def _norms(params: Params, solution: Solution) -> dict[str, Derivation]:
    """The singular values of both Jacobian matrices, the bound on the plain one, and their comparison."""
    result, names = {}, {}
    for skip, key in enumerate(("plain", "residual")):
        j, singular = "J" + "'" * skip, getattr(solution, f"{key}_singular")
        computed = _jacobian(params.weights, skip)
        result[f"{key}_whole"] = derive(called(j, computed)).eq(_over(getattr(solution, key), singular.scale))
        printed = ((f"\\|{j}\\|", "norm", 1), (f"\\sigma_{{\\min}}({j})", "least", -1))
        for (name, end, sign), value in zip(printed, _extremes(computed), strict=True):
            names[f"{key}_{end}"] = called(name, value)
            chain = derive(called(name, value)).eq(singular.inserted(sign)).eq(singular.written(sign))
            result[f"{key}_{end}"] = _with_decimal(chain)
    norm, least = names["plain_norm"], names["residual_least"]
    factors = product(map(number, solution.layer_norms))
    result["bound"] = _with_decimal(derive(norm).then("<=", factors).eq(solution.plain_bounds[1]))
    larger, smaller = solution.plain_singular.decimal(1), solution.residual_singular.decimal(-1)
    order = derive(norm).then(_about(larger), larger).then("<", least)
    result["order"] = order.then(_about(smaller), smaller)
    return result


def _powers(params: Params, solution: Solution) -> dict[str, Derivation]:
    """The growth over all layers with W_i = c I: plain, residual, and with branches scaled by 1/L."""
    c, depth = params.factor, params.depth

    def grown(printed: str, base: Fraction) -> Derivation:
        value = Named(printed, printed, lambda _: MP.exp(depth * MP.log(MP.convert(base))))
        return _with_decimal(derive(value).eq(number(base) ** depth))

    return {
        "plain_power": grown(SYMBOLS["plain_power"], c),
        "residual_power": grown(SYMBOLS["residual_power"], 1 + c),
        "scaled_power": grown(SYMBOLS["scaled_power"], 1 + c / depth),
        "exponential": derive(exp(c)).then("~", _rounded(exp(c))),
        "limit": _with_decimal(derive(number(1 + c / depth) ** depth).then("<", exp(c))),
    }


def by_autograd(params: Params, solution: Solution) -> Iterator[Comparison]:
    """Oracle: Jacobian matrices by torch's automatic differentiation, singular values by its SVD."""
    import torch

    def jacobian(layers: Sequence[torch.Tensor], skip: int) -> torch.Tensor:
        def run(x: torch.Tensor) -> torch.Tensor:
            for w in layers:
                x = skip * x + w @ x
            return x

        start = torch.ones(layers[0].shape[1], dtype=torch.float64)
        jacobian: torch.Tensor = torch.autograd.functional.jacobian(run, start)
        return jacobian

    weights = [torch.tensor(w, dtype=torch.float64) / params.denominator for w in params.layers]
    plain, residual = jacobian(weights, 0), jacobian(weights, 1)
    scaled = jacobian([w / len(weights) for w in weights], 1)
    yield all_close("plain", solution.plain, plain)
    yield all_close("residual", solution.residual, residual)
    yield all_close("layer_norms", solution.layer_norms, [torch.linalg.svdvals(w)[0].item() for w in weights])
    yield from _spectra(solution, [torch.linalg.svdvals(a).tolist() for a in (*weights, plain, residual, scaled)])
    for name, branch, skip in _scalar_nets(params):
        slope = jacobian([torch.full((1, 1), float(branch), dtype=torch.float64)] * params.depth, skip)
        yield close(name, getattr(solution, name) / Fraction(slope.item()), 1.0)


def _spectra(solution: Solution, found: Sequence[Sequence[float]]) -> Iterator[Comparison]:
    """The singular values of the layers, J, J' and the scaled J' against those found, in this order."""
    names = [*(f"layer_{i}" for i, _ in enumerate(solution.layer_singular, 1)), "plain", "residual", "scaled"]
    networks = (solution.plain_singular, solution.residual_singular, solution.scaled_singular)
    for name, singular, (large, small) in zip(names, solution.layer_singular + networks, found, strict=True):
        yield close(f"{name}_norm", singular.written(1), large)
        yield close(f"{name}_least", singular.written(-1), small)


def _scalar_nets(params: Params) -> tuple[tuple[str, Fraction, int], ...]:
    """The networks with W_i = c I: the name of the result, the factor of each branch, and whether there is a skip."""
    c = params.factor
    return (("plain_power", c, 0), ("residual_power", c, 1), ("scaled_power", c / params.depth, 1))


def by_paths(params: Params, solution: Solution) -> Iterator[Comparison]:
    """Oracle: every path by itself, exactly: unit gradients sent backwards through the layers of the path."""
    k = len(params.layers)
    sums, lengths = [scale(0, IDENTITY)] * (k + 1), []
    for path in itertools.product((False, True), repeat=k):
        layers = (tuple(tuple(Fraction(x, params.denominator) for x in row) for row in w) for w in params.layers)
        taken = [w for w, through in zip(layers, path, strict=True) if through]
        lengths.append(len(taken))
        sums[len(taken)] = add(sums[len(taken)], tuple(_backwards(taken, e) for e in IDENTITY))
    yield equal("counts", solution.counts, tuple(map(lengths.count, range(k + 1))))
    for j in range(1, k + 1):
        yield equal(f"length_{j}", solution.lengths[j - 1], sums[j])
    yield equal("plain", solution.plain, sums[k])
    yield equal("residual", solution.residual, reduce(add, sums))
    scaled = reduce(add, (scale(Fraction(1, k**j), s) for j, s in enumerate(sums)))
    for name, a in (("plain", sums[k]), ("residual", reduce(add, sums)), ("scaled", scaled)):
        singular = getattr(solution, f"{name}_singular")
        parts = (Fraction(part, singular.scale**2) for part in (singular.minus, singular.plus))
        yield equal(f"{name}_singular", list(parts), sorted(_turn_and_flip(a)))
        if name != "scaled":
            most, least = _largest_and_least(a)
            yield close(f"{name}_norm", singular.written(1), most)
            yield close(f"{name}_least", singular.written(-1), least)
    norms = [_largest_and_least(scale(Fraction(1, params.denominator), layer))[0] for layer in params.layers]
    yield all_close("layer_norms", [x.written(1).value() for x in solution.layer_singular], norms)
    for name, branch, skip in _scalar_nets(params):
        gradient = Fraction(1)
        for _ in range(params.depth):
            gradient = skip * gradient + branch * gradient
        yield equal(name, getattr(solution, name), gradient)


def _turn_and_flip(a: Matrix) -> tuple[Fraction, Fraction]:
    """(r + s)^2 and (r - s)^2 for singular values r, s: every A is a scaled rotation plus a scaled reflection."""
    (a11, a12), (a21, a22) = a
    return (a11 + a22) ** 2 + (a12 - a21) ** 2, (a11 - a22) ** 2 + (a12 + a21) ** 2


def _largest_and_least(a: Matrix) -> tuple[float, float]:
    """r and s, from r + s and |r - s|."""
    low, high = (float(x) ** 0.5 for x in sorted(_turn_and_flip(a)))
    return (high + low) / 2, (high - low) / 2


def _backwards(layers: Weights, gradient: Sequence[Fraction]) -> tuple[Fraction, ...]:
    """The row g W_n ... W_{l+1}, one layer at a time."""
    for w in reversed(layers):
        gradient = [gradient[0] * w[0][j] + gradient[1] * w[1][j] for j in range(2)]
    return tuple(gradient)


def by_arrays(params: Params, solution: Solution) -> Iterator[Comparison]:
    """Oracle: S_j as the coefficients of prod(I + t W_i) by interpolation, singular values by eigenvalues of A'A."""
    import numpy as np

    weights, k = np.array(params.layers, dtype=float) / params.denominator, len(params.layers)
    nodes = np.arange(k + 1.0)
    values = [np.linalg.multi_dot([np.eye(2) + t * w for w in weights[::-1]]) for t in (*nodes, 1 / k)]
    coefficients = np.linalg.solve(np.vander(nodes, increasing=True), np.reshape(values[:-1], (k + 1, 4)))
    for j in range(1, k + 1):
        yield all_close(f"length_{j}", solution.lengths[j - 1], coefficients[j].reshape(2, 2))
    yield all_close("counts", solution.counts, np.polynomial.polynomial.polypow((1, 1), k))
    plain = np.linalg.multi_dot(weights[::-1])
    yield all_close("plain", solution.plain, plain)
    yield all_close("residual", solution.residual, values[1])
    found = np.sqrt([np.linalg.eigvalsh(a.T @ a)[::-1] for a in (*weights, plain, values[1], values[-1])])
    yield from _spectra(solution, found.tolist())
    large, small = found[:k].T
    yield all_close("layer_norms", solution.layer_norms, large)
    yield all_close("plain_bounds", solution.plain_bounds, (np.prod(small), np.prod(large)))
    yield all_close("residual_bounds", solution.residual_bounds, (np.prod(1 - large), np.prod(1 + large)))
    yield all_close("scaled_bounds", solution.scaled_bounds, (np.prod(1 - large / k), np.prod(1 + large / k)))
    for name, (most, least) in zip(("plain", "residual", "scaled"), found[k:], strict=True):
        low, high = map(float, getattr(solution, f"{name}_bounds"))
        yield holds(f"{name} within its bounds", low <= least + 1e-9 and most <= high + 1e-9)
    for name, branch, skip in _scalar_nets(params):  # all states at once, as the solution of h_i - a h_{i-1} = 0
        system = np.eye(params.depth + 1) - (skip + float(branch)) * np.eye(params.depth + 1, k=-1)
        last = np.linalg.solve(system, np.eye(params.depth + 1)[0])[-1]
        yield close(name, getattr(solution, name) / Fraction(float(last)), 1.0)


oracles = (by_autograd, by_paths, by_arrays)
