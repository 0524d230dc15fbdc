"""D4: what must hold over many seeds; CD-1 and the likelihood against the exercise's fractions and by enumeration."""

from fractions import Fraction
from math import exp, log

import numpy as np
import numpy.typing as npt
import pytest
import torch
from torch import Tensor

from blattwerk.solvers.demos import rbm_cd
from blattwerk.solvers.demos.boltzmann import (
    Weights,
    all_states,
    log_probability,
    log_weights,
    reconstruction,
    samples,
    surrogate,
    visible,
)
from blattwerk.solvers.demos.digits import Digits
from blattwerk.solvers.demos.lanes import seeded
from blattwerk.solvers.demos.rbm_cd import Plan, Setting, bars_and_stripes, binary_digits, fit, machines
from blattwerk.solvers.rbm_cd import Params, solve
from blattwerk.vocabulary.exact.binary import enumerated_rbm, states
from blattwerk.vocabulary.exercise import DIFFICULTIES, Difficulty
from tests.instances import instance
from tests.solvers.demos.findings import margin, numbers

Array = npt.NDArray[np.float64]


def differences(more: str, less: str) -> list[float]:
    return [a - b for a, b in zip(numbers("rbm_cd", more, 40), numbers("rbm_cd", less, 40), strict=True)]


@pytest.mark.parametrize("data", ["patterns", "digits"])
def test_the_log_likelihood_rises(data: str) -> None:
    """Over 40 seeds, until the end by far more than the standard error, and at its best for every one of them."""
    assert margin(differences(f"{data}_end", f"{data}_start")) > 10
    assert min(differences(f"{data}_best", f"{data}_start")) > 4


def test_on_the_patterns_it_falls_again() -> None:
    """On average; meanwhile the patterns become more probable altogether, and more of them are neglected."""
    assert margin(differences("patterns_best", "patterns_end")) > 4
    assert margin(differences("share_end", "share_best")) > 4
    assert margin(differences("rare_end", "rare_best")) > 4


def test_the_bias_of_cd_costs_likelihood(monkeypatch: pytest.MonkeyPatch) -> None:
    """With samples of the model in place of reconstructions, all else equal, the end beats the best of CD-1."""
    cd = _trained_on_patterns()
    monkeypatch.setattr(rbm_cd, "reconstruction", _from_the_model)
    assert margin((_trained_on_patterns()[-1] - cd.amax(0)).tolist()) > 4


def _trained_on_patterns() -> Tensor:
    """The log-likelihoods of eight machines, (reports + 1, 8)."""
    settings = [Setting(Fraction(1, 4), seed, "") for seed in range(8)]
    patterns, rates = bars_and_stripes().expand(8, -1, -1), torch.full((8,), 0.25, dtype=torch.float64)
    plan, sources = Plan(8, 5, 600, 50), [seeded(s.seed) for s in settings]
    start = machines(settings, plan, patterns)
    return fit(plan, start, patterns, patterns, rates, sources, lambda steps: None).likelihoods


@torch.no_grad()
def _from_the_model(weights: Weights, v0: Tensor, uniforms: Tensor) -> Tensor:
    """In place of reconstructions: h from the table of all p(h), then v."""
    steps = log_weights(weights).softmax(1).cumsum(1)
    drawn = torch.searchsorted(steps, uniforms[:, :, 0].contiguous())
    return (uniforms[:, :, -v0.shape[2] :] < visible(weights, all_states(weights["W"].shape[2])[drawn])).double()


def exercise(difficulty: Difficulty, seed: int) -> tuple[Params, dict[str, Tensor]]:
    """A student's machine, in fractions and as stacked weights of one lane."""
    params: Params = instance("rbm_cd", seed, difficulty).params
    exact = {"W": params.weights, "a": [params.visible_bias], "b": [params.hidden_bias]}
    return params, {name: log(2) * torch.tensor([rows], dtype=torch.float64) for name, rows in exact.items()}


def fractions(rows: object) -> Tensor:
    return torch.tensor(np.array(rows, dtype=np.float64))


@pytest.mark.parametrize("difficulty", DIFFICULTIES)
def test_a_step_is_that_of_the_exercise(difficulty: Difficulty) -> None:
    """The reconstruction by the numbers of the sheet, and SGD's updates against the solver's fractions."""
    for seed in range(20):
        params, weights = exercise(difficulty, seed)
        step = solve(params).step
        v0, uniforms = fractions([[params.v0]]), fractions([[params.hidden_uniforms + params.visible_uniforms]])
        v1 = reconstruction(weights, v0, uniforms)
        assert v1.tolist() == [[list(step.v1)]]
        for w in weights.values():
            w.requires_grad_()
        surrogate(weights, v0, v1, torch.tensor([float(params.rate)], dtype=torch.float64)).backward()
        for name, update in (("W", step.weights), ("a", [step.visible_bias]), ("b", [step.hidden_bias])):
            gradient = weights[name].grad
            assert gradient is not None
            torch.testing.assert_close(-gradient[0], fractions(update), rtol=0, atol=1e-12)


@pytest.mark.parametrize("difficulty", DIFFICULTIES)
def test_the_log_likelihood_is_the_enumerated_one(difficulty: Difficulty) -> None:
    """log p(v) of all v against a table of all states, and its gradient against the solver's fractions."""
    for seed in range(5):
        params, weights = exercise(difficulty, seed)
        table = enumerated_rbm(params.weights, params.visible_bias, params.hidden_bias, lambda m: exp(m * log(2)))
        expected = [log(table.mass(v=v) / table.mass()) for v in states(len(params.v0))]
        assert log_probability(weights, fractions([states(len(params.v0))]))[0].tolist() == pytest.approx(expected)
        step, free = 1e-5, torch.zeros_like(weights["W"])
        for i, j in np.ndindex(free.shape[1:]):
            moved = torch.zeros_like(free)
            moved[0, i, j] = step
            up, down = (
                log_probability({**weights, "W": weights["W"] + sign * moved}, fractions([[params.v0]])).item()
                for sign in (1, -1)
            )
            free[0, i, j] = (up - down) / (2 * step)
        torch.testing.assert_close(free[0], fractions(solve(params).gradient), rtol=0, atol=1e-8)


def test_samples_have_the_distribution_of_the_machine() -> None:
    """The frequencies of 40 000 samples against the enumerated probabilities, within five standard errors."""
    _, weights = exercise("standard", 3)
    drawn, _ = samples(weights, 40_000, seeded(1))
    p = log_probability(weights, fractions([states(3)]))[0].exp()
    found = torch.stack([(drawn == fractions(v)).all(1).double().mean() for v in states(3)])
    assert ((found - p).abs() < 5 * (p * (1 - p) / len(drawn)).sqrt()).all()


def test_training_is_a_loop_over_the_updates() -> None:
    """Two epochs for two lanes with rates of their own, against plain numpy."""
    settings, plan = [Setting(Fraction(1, 4), seed, "") for seed in (3, 4)], Plan(8, 5, 2, 1)
    patterns, rates = bars_and_stripes().expand(2, -1, -1), torch.tensor([0.5, 0.1], dtype=torch.float64)
    start = machines(settings, plan, patterns)
    before = start.snapshot()
    course = fit(plan, start, patterns, patterns, rates, [seeded(3), seeded(4)], lambda steps: None)
    for i, rate in enumerate(rates.tolist()):
        W, a, b = (before[name][i].numpy().copy() for name in "Wab")
        source = seeded(3 + i)
        for _ in range(plan.epochs):
            for v0, uniforms in rbm_cd._batches(plan, patterns[:1], [source]):
                _cd_step(W, a, b, v0[0].numpy(), uniforms[0].numpy(), rate)
        for name, expected in zip("Wab", (W, a, b), strict=True):
            np.testing.assert_allclose(course.last[name][i].numpy(), expected, rtol=0, atol=1e-12)


def _cd_step(W: Array, a: Array, b: Array, v0: Array, uniforms: Array, rate: float) -> None:
    """The mean of the updates of a mini-batch, added in place, and rounded."""

    def sigma(x: Array) -> Array:
        return 1 / (1 + np.exp(-x))

    up = sigma(v0 @ W + b)
    h0 = (uniforms[:, : W.shape[1]] < up).astype(float)
    v1 = (uniforms[:, W.shape[1] :] < sigma(h0 @ W.T + a)).astype(float)
    again = sigma(v1 @ W + b)
    W += rate * np.mean([np.outer(v, p) - np.outer(w, q) for v, p, w, q in zip(v0, up, v1, again, strict=True)], 0)
    a += rate * (v0 - v1).mean(0)
    b += rate * (up - again).mean(0)
    for w in (W, a, b):
        w.round(6, out=w)


def test_an_epoch_takes_every_example_once() -> None:
    """For each lane, in an order of its own."""
    examples, plan = torch.arange(30.0, dtype=torch.float64).reshape(1, 30, 1).expand(2, -1, -1), Plan(8, 5, 1, 1)
    seen = torch.cat([v0 for v0, _ in rbm_cd._batches(plan, examples, [seeded(0), seeded(1)])], 1)[..., 0]
    assert seen.sort(1).values.tolist() == [list(range(30))] * 2
    assert seen[0].tolist() != seen[1].tolist()


def test_the_patterns_are_all_with_equal_rows_or_columns() -> None:
    """Among all 65 536 pictures."""
    pictures = (np.arange(2**16)[:, None] >> np.arange(16) & 1).reshape(-1, 4, 4)
    rows = (pictures == pictures[:, :1]).all((1, 2))
    columns = (pictures == pictures[:, :, :1]).all((1, 2))
    expected = {tuple(p.ravel().tolist()) for p in pictures[rows | columns]}
    ours = {tuple(row) for row in bars_and_stripes().tolist()}
    assert len(bars_and_stripes()) == 30 and ours == expected


def test_digits_are_drawn_once_and_become_black_and_white(monkeypatch: pytest.MonkeyPatch) -> None:
    """Black from one half; no digit twice, in an order that depends on the source."""
    images = np.random.default_rng(5).random((1500, 8, 8))
    monkeypatch.setattr(rbm_cd, "small_digits", lambda folder: Digits(images, np.zeros(len(images), np.int64)))
    known = {tuple(row) for row in (images.reshape(-1, 64) >= 0.5).astype(float).tolist()}
    first, second = ([tuple(row) for row in binary_digits("", seeded(seed)).tolist()] for seed in (1, 2))
    assert len(set(first)) == len(first) == 1400 and set(first) <= known
    assert first != second
