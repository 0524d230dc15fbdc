"""Deep belief nets: the parameters of a stack of RBMs, its training, its samples, and what else it can do.

For layers of n_0, ..., n_L units with w = sum_l n_{l-1} n_l weights, the L machines have w + sum_l (n_{l-1} + n_l)
parameters; the generative model, with one bias for each unit, has w + sum_{l>=0} n_l; and a feed-forward net with K
outputs has w + sum_{l>=1} n_l + (n_L + 1) K (the models of Hinton, Osindero and Teh, Neural Computation 18, 2006).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from itertools import accumulate, pairwise

from blattwerk.vocabulary import (
    MP,
    Answer,
    Comparison,
    Derivation,
    Env,
    Named,
    Step,
    Term,
    Value,
    derive,
    equal,
    log,
    matrix_term,
    number,
    real,
    rightly,
    simplex,
    total,
    vector,
)
from blattwerk.vocabulary.exact.binary import Enumerated, bit, enumerated_rbm, states

METHODS = ("PCA", "t-SNE", "DBN")
# Whether the three methods, in their standard form, have a property; "open" where that depends on how it is read.
# What only a variant has (parametric t-SNE maps new data) does not count.
VERDICTS: Mapping[str, tuple[str, str, str]] = {
    "unsupervised": ("yes", "yes", "yes"),
    "unseen": ("yes", "no", "yes"),
    "neighbours": ("no", "yes", "no"),
    "hierarchical": ("no", "no", "yes"),
    "distribution": ("open", "open", "yes"),
    "generates": ("open", "no", "yes"),
    "initialises": ("open", "no", "yes"),
}


@dataclass(frozen=True)
class Params:
    """A stack of L >= 2 RBMs, a classifier on it, and a comparison with other methods."""

    sizes: tuple[int, ...]
    """n_0 (the visible units), ..., n_L."""
    classes: int
    """K."""
    sweeps: int
    """Of the Gibbs chain in the top RBM, for one sample."""
    properties: tuple[str, ...]
    """The rows of the comparison, keys of VERDICTS."""


@dataclass(frozen=True)
class Solution:
    """Counts of parameters (weights and biases), and the verdicts on the methods."""

    weights: int
    """w, which all three readings of the stack share."""
    rbms: int
    dbn: int
    network: int
    """All parameters of the L machines, of the generative model, and of the net with its output layer."""
    trained: tuple[int, ...]
    frozen: tuple[int, ...]
    """Parameters of the machine that a step of the training fits, and of those below it; one entry a step."""
    draws: int
    """Binary random numbers for one sample."""
    kept: int
    dropped: int
    """Parameters of the machines that a classifier takes over, or not."""
    fresh: int
    """Parameters of the classifier's output layer."""
    verdicts: tuple[tuple[str, str, str], ...]
    """For each property "yes", "no" or "open" in the order of METHODS."""


def solve(params: Params, step: Step = rightly) -> Solution:
    """All counts from the formulas at the top."""
    sizes, inner = params.sizes, sum(params.sizes[1:-1])
    weights, hidden, lower = sum(n * m for n, m in pairwise(sizes)), sum(sizes[1:]), sum(sizes[:-1])
    trained = tuple(n * m + n + m for n, m in pairwise(sizes))
    fresh = (sizes[-1] + 1) * params.classes
    return Solution(
        weights,
        rbms=step("rbms", lambda: sum(trained), inner_once=lambda: sum(trained) - inner),
        dbn=step("dbn", lambda: weights + sum(sizes), no_visible=lambda: weights + hidden),
        network=step("network", lambda: weights + hidden + fresh, output=lambda: weights + hidden),
        trained=trained,
        frozen=(0, *accumulate(trained[:-1])),
        draws=params.sweeps * (sizes[-2] + sizes[-1]) + sum(sizes[:-2]),
        kept=weights + hidden,
        dropped=lower,
        fresh=fresh,
        verdicts=tuple(VERDICTS[name] for name in params.properties),
    )


SYMBOLS = {
    "rbms": "P_{\\text{RBM}}",
    "dbn": "P_{\\text{DBN}}",
    "network": "P_{\\text{NN}}",
    "trained": "(T_\\ell)_\\ell",
    "frozen": "(F_\\ell)_\\ell",
    "draws": "N",
    "kept": "P_{+}",
    "dropped": "P_{-}",
    "fresh": "P_{*}",
}


def answers(params: Params, solution: Solution) -> tuple[Answer, ...]:
    """The counts, by part; the steps of the training as rows."""
    by_part = {
        "parameters": ("rbms", "dbn", "network"),
        "training": ("trained", "frozen"),
        "sampling": ("draws",),
        "classifier": ("kept", "dropped", "fresh"),
    }
    return tuple(
        Answer(name, part, _counts(getattr(solution, name)), symbol=SYMBOLS[name])
        for part, names in by_part.items()
        for name in names
    )


def _counts(value: int | tuple[int, ...]) -> Term:
    return matrix_term([value]) if isinstance(value, tuple) else number(value)


def derivations(params: Params, solution: Solution) -> Mapping[str, Derivation]:
    """The sums; a count's name gets its value from machines whose biases are weights of a unit that is always 1."""
    s, sizes, sweeps, classes = solution, params.sizes, number(params.sweeps), number(params.classes)
    weights, machines = number(s.weights), sum((n + 1) * (m + 1) - 1 for n, m in pairwise(sizes))
    layers = sum((n + 1) * m for n, m in pairwise((*sizes, params.classes)))
    shared, outputs = sum(sizes[1:-1]), (sizes[-1] + 1) * params.classes
    rbms, dbn, network = _count("RBM", machines), _count("DBN", machines - shared), _count("net", layers)
    kept, dropped, fresh = _count("kept", layers - outputs), _count("drop", sum(sizes[:-1])), _count("new", outputs)
    output_layer = (number(sizes[-1]) + 1) * classes
    return {
        **_general(),
        "weights": derive(_count("w", machines - sum(sizes) - shared))
        .eq(total(number(n) * number(m) for n, m in pairwise(sizes)))
        .eq(s.weights),
        "rbms": derive(rbms).eq(total([weights, *(number(n) + m for n, m in pairwise(sizes))])).eq(s.rbms),
        "dbn": derive(dbn).eq(total([weights, *sizes])).eq(s.dbn),
        "network": derive(network).eq(total([weights, *sizes[1:], output_layer])).eq(s.network),
        "twice": derive(rbms - dbn).eq(number(s.rbms) - s.dbn).eq(shared),
        "output": derive(network - dbn).eq(output_layer - sizes[0]).eq(s.network - s.dbn),
        "draws": derive(_count("draws", sum(sizes) + (params.sweeps - 1) * sum(sizes[-2:])))
        .eq(total([sweeps * (number(sizes[-2]) + sizes[-1]), *sizes[-3::-1]]))
        .eq(s.draws),
        "kept": derive(kept).eq(total([weights, *sizes[1:]])).eq(s.kept),
        "dropped": derive(dropped).eq(total(sizes[:-1])).eq(s.dropped),
        "fresh": derive(fresh).eq(output_layer).eq(s.fresh),
        "together": derive(kept + dropped).eq(number(s.kept) + s.dropped).eq(s.rbms),
    }


def _machine(env: Env) -> Enumerated:
    """An RBM with layers v and h, by brute force."""
    return enumerated_rbm(env["W"], env["a"], env["b"], lambda x: MP.exp(MP.convert(x)))


@cache
def _general() -> Mapping[str, Derivation]:
    """The bound on log p(v) of an RBM, for any distribution q of its hidden units; checked with two units a layer."""
    domain = {"W": vector(vector(real, 2), 2), "a": vector(real, 2), "b": vector(real, 2), "v": vector(bit, 2)}
    p_v = Named("p(v)", "p(v)", lambda env: _machine(env).mass(v=env["v"]) / _machine(env).mass())

    def summed_out(env: Env) -> Value:
        model = _machine(env)
        masses = [model.mass(h=h) for h in states(2)]
        return sum(
            model.weights[env["v"], h] / mass * (mass / sum(masses)) for h, mass in zip(states(2), masses, strict=True)
        )

    def mean_log(env: Env) -> Value:
        model = _machine(env)
        logs = (MP.log(model.weights[env["v"], h] / model.mass(h=h)) + MP.log(model.mass(h=h)) for h in states(2))
        return sum(q * (x - MP.log(model.mass())) for q, x in zip(env["q"], logs, strict=True))

    mean = "\\mathbb{E}_{q(h_1\\mid v)}\\bigl[\\log p(v\\mid h_1) + \\log p(h_1)\\bigr]"
    entropy = Named(
        "H\\bigl(q(h_1\\mid v)\\bigr)", "H(q)", lambda env: -sum(q * MP.log(MP.convert(q)) for q in env["q"])
    )
    return {
        "marginal": derive(p_v, **domain).eq(Named("\\sum_{h_1} p(v\\mid h_1)\\,p(h_1)", "p(v)", summed_out)),
        "bound": derive(log(p_v), q=simplex(4), **domain).then(">=", Named(mean, "E[log p]", mean_log) + entropy),
    }


_PRINTED = {"w": "w", "draws": "N", "kept": "P_{+}", "drop": "P_{-}", "new": "P_{*}", "net": "P_{\\text{NN}}"}


def _count(name: str, value: int) -> Named:
    """A count under its name."""
    printed = _PRINTED.get(name, f"P_{{\\text{{{name}}}}}")
    return Named(printed, f"P_{name}", lambda env: Fraction(value))


def by_torch(params: Params, solution: Solution) -> Iterator[Comparison]:
    """Oracle: the machines and nets as torch modules without storage, trained and frozen by requires_grad."""
    from torch import cat, empty, nn

    def count(*modules: nn.Module, trainable: bool = False) -> int:
        return sum(p.numel() for m in modules for p in m.parameters() if p.requires_grad or not trainable)

    sizes, pairs = params.sizes, list(pairwise(params.sizes))
    biases = [nn.Parameter(empty(n, device="meta")) for n in sizes]
    matrices = [nn.Parameter(empty(shape, device="meta")) for shape in pairs]
    machines = [
        nn.ParameterDict({"W": empty(n, m, device="meta"), "a": biases[i].clone(), "b": biases[i + 1].clone()})
        for i, (n, m) in enumerate(pairs)
    ]
    body = [nn.Linear(n, m, device="meta") for n, m in pairs]
    output = nn.Linear(sizes[-1], params.classes, device="meta")
    yield equal("weights", solution.weights, count(nn.ParameterList(matrices)))
    yield equal("rbms", solution.rbms, count(*machines))
    yield equal("dbn", solution.dbn, count(nn.ParameterList([*matrices, *biases])))
    yield equal("network", solution.network, count(nn.Sequential(*body, output)))
    yield equal("kept", solution.kept, count(*body))
    yield equal("dropped", solution.dropped, sum(machine["a"].numel() for machine in machines))
    yield equal("fresh", solution.fresh, count(output))
    trained, frozen = [], []
    for step, machine in enumerate(machines, 1):
        trained.append(count(*machines[:step], trainable=True))
        frozen.append(count(*machines[:step]) - trained[-1])
        machine.requires_grad_(False)
    yield equal("trained", solution.trained, tuple(trained))
    yield equal("frozen", solution.frozen, tuple(frozen))
    below, top = biases[-2:]
    yield equal("draws", solution.draws, cat([*[top, below] * params.sweeps, *biases[-3::-1]]).numel())


def by_arrays(params: Params, solution: Solution) -> Iterator[Comparison]:
    """Oracle: the machines and nets as tuples of arrays, views of one zero, whose entries are counted."""
    import numpy as np

    def arrays(*shapes: tuple[int, ...]) -> int:
        return sum(np.broadcast_to(0, shape).size for shape in shapes)

    sizes, pairs = params.sizes, list(pairwise(params.sizes))
    biases = [(n,) for n in sizes]
    machines = [arrays(pair, biases[i], biases[i + 1]) for i, pair in enumerate(pairs)]
    body, output = [(m, n + 1) for n, m in pairs], (params.classes, sizes[-1] + 1)  # biases as a column
    sampled = (sizes[-1] + sizes[-2]) * np.ones(params.sweeps, dtype=int)
    yield equal("weights", solution.weights, arrays(*pairs))
    yield equal("rbms", solution.rbms, sum(machines))
    yield equal("dbn", solution.dbn, arrays(*pairs, *biases))
    yield equal("network", solution.network, arrays(*body, output))
    yield equal("kept", solution.kept, arrays(*body))
    yield equal("dropped", solution.dropped, arrays(*biases[:-1]))
    yield equal("fresh", solution.fresh, arrays(output))
    yield equal("trained", solution.trained, tuple(machines))
    yield equal("frozen", solution.frozen, tuple(sum(machines[:step]) for step in range(len(machines))))
    yield equal("draws", solution.draws, int(sampled.sum()) + arrays(*biases[:-2]))


def by_units(params: Params, solution: Solution) -> Iterator[Comparison]:
    """Oracle: every unit and every connection counted one by one, in arrays over all units."""
    import numpy as np

    last = len(params.sizes) - 1
    layer = np.repeat(np.arange(last + 2), (*params.sizes, params.classes))
    connected = np.equal.outer(layer + 1, layer)
    outgoing, incoming = connected.sum(1), connected.sum(0)
    machines = [(layer == step - 1, layer == step) for step in range(1, last + 1)]
    trained = [int(outgoing[lower].sum() + np.sum(lower | upper)) for lower, upper in machines]
    inner, bottom, top, output = layer <= last, layer == 0, layer == last, layer == last + 1
    visits = np.where(layer >= last - 1, params.sweeps, 1)[inner]
    weights = int(incoming[inner].sum())
    yield equal("weights", solution.weights, weights)
    yield equal("rbms", solution.rbms, sum(trained))
    yield equal("dbn", solution.dbn, int((incoming + 1)[inner].sum()))
    yield equal("network", solution.network, int((incoming + 1)[~bottom].sum()))
    yield equal("trained", solution.trained, tuple(trained))
    yield equal("frozen", solution.frozen, tuple(sum(trained[:step]) for step in range(last)))
    yield equal("draws", solution.draws, int(visits.sum()))
    yield equal("kept", solution.kept, int((incoming + 1)[inner & ~bottom].sum()))
    yield equal("dropped", solution.dropped, int(np.sum(inner & ~top)))
    yield equal("fresh", solution.fresh, int((incoming + 1)[output].sum()))


# What each method is made of in its standard form, and what a generous reading adds.
_STANDARD = {
    "PCA": {"map to the code"},
    "t-SNE": {"loss on neighbours"},
    "DBN": {"map to the code", "several layers", "density", "sampler", "weights of a net"},
}
_ARGUABLE = {
    "PCA": {"density", "sampler", "weights of a net"},  # as moments; from given scores; as a linear layer
    "t-SNE": {"density"},  # over pairs of points
    "DBN": {"loss with labels"},  # after fine-tuning
}
_NEEDED = {
    "unseen": "map to the code",
    "neighbours": "loss on neighbours",
    "hierarchical": "several layers",
    "distribution": "density",
    "generates": "sampler",
    "initialises": "weights of a net",
}


def by_ingredients(params: Params, solution: Solution) -> Iterator[Comparison]:
    """Oracle: the verdicts from a second table, written by method instead of by property: what each is made of.

    It was written independently of the solver's, but no computation can decide such questions.
    """
    for name, verdicts in zip(params.properties, solution.verdicts, strict=True):
        found = []
        for method in METHODS:
            if name == "unsupervised":
                found.append("no" if "loss with labels" in _STANDARD[method] else "yes")
            else:
                arguable = "open" if _NEEDED[name] in _ARGUABLE[method] else "no"
                found.append("yes" if _NEEDED[name] in _STANDARD[method] else arguable)
        yield equal(name, verdicts, tuple(found))


oracles = (by_torch, by_arrays, by_units, by_ingredients)
