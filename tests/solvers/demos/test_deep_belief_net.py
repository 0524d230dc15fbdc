"""D6: what must hold over many seeds; CD-1 and the padded nets by other means."""

from itertools import pairwise, product

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from blattwerk.solvers.demos import deep_belief_net as demo
from blattwerk.solvers.demos import digits
from blattwerk.solvers.demos.deep_belief_net import (
    CD_RATE,
    DEMO,
    LABELLED,
    RESTARTS,
    Setting,
    accuracy,
    layers,
    pretrained,
    random_start,
    sample,
    setting,
)
from blattwerk.solvers.demos.stacks import OFF, Classifier, contrast
from blattwerk.vocabulary.demo import Start
from blattwerk.vocabulary.exercise import Difficulty
from tests.instances import instance
from tests.solvers.demos.findings import every_difficulty, findings, margin

SHALLOW, DEEP = Setting((16, 9), 4, 5, ""), Setting((12, 16, 10, 8), 10, 6, "")


@every_difficulty
def test_pretraining_helps_where_labels_are_few(difficulty: Difficulty) -> None:
    """On average over 40 students, each with four restarts, by far more than the standard error."""
    found = [f.numbers for f in findings("deep_belief_net", 40, difficulty)]
    assert margin([float(n["stack_mean"] - n["random_mean"]) for n in found]) > 4
    assert margin([float(n["better"]) - RESTARTS / 2 for n in found]) > 4


@every_difficulty
def test_the_comparison_is_fair(difficulty: Difficulty) -> None:
    """The random start learns the labelled images too: what it lacks is not only time."""
    fits = [float(f.numbers["random_fit"]) for f in findings("deep_belief_net", 40, difficulty)]
    assert np.mean(fits) > 0.98


def test_the_numbers_fit_together() -> None:
    for found in findings("deep_belief_net", 40):
        n = found.numbers
        for start in ("stack", "random"):
            assert n[f"{start}_low"] <= n[f"{start}_mean"] <= n[f"{start}_high"]
        assert n["gain"] == n["stack_mean"] - n["random_mean"]


def test_a_step_of_cd_follows_the_enumerated_free_energy() -> None:
    """For each state h0: the step is eta times the gradient of F(v1) - F(v0), F and v1 from sums over all states.

    F(v) = -log sum_h exp(-E(v, h)) with E = -v'Wh - a'v - b'h, and v1 = E[v|h0].
    """
    source = torch.Generator().manual_seed(1)
    W, a, b = (torch.randn(*size, generator=source, dtype=torch.float64) for size in ((4, 3), (4,), (3,)))
    v0 = torch.rand(4, generator=source, dtype=torch.float64)
    all_h, all_v = (torch.tensor(list(product((0.0, 1.0), repeat=n)), dtype=torch.float64) for n in (3, 4))

    def free_energy(v: Tensor, W: Tensor, a: Tensor, b: Tensor) -> Tensor:
        return -torch.logsumexp(all_h @ (W.T @ v) + v @ a + all_h @ b, 0)

    for h0 in all_h:
        v1 = torch.softmax(all_v @ (W @ h0 + a), 0) @ all_v
        wanted = torch.func.grad(lambda *p, v1=v1: free_energy(v1, *p) - free_energy(v0, *p), (0, 1, 2))(W, a, b)
        machine = {"W": W[None].clone(), "a": a[None, None].clone(), "b": b[None, None].clone()}
        contrast(machine, v0[None, None], 1 - h0[None, None], CD_RATE)  # h = 1 iff 0 < p, h = 0 iff 1 >= p
        for name, before, step in zip("Wab", (W, a, b), wanted, strict=True):
            assert torch.allclose(machine[name].squeeze() - before, CD_RATE * step, atol=1e-14)


def test_a_step_takes_the_mean_over_its_rows() -> None:
    source = torch.Generator().manual_seed(2)
    first = {
        name: torch.randn(1, *size, generator=source, dtype=torch.float64)
        for name, size in {"W": (5, 4), "a": (1, 5), "b": (1, 4)}.items()
    }
    v0, uniforms = (torch.rand(1, 3, n, generator=source, dtype=torch.float64) for n in (5, 4))
    together = {name: value.clone() for name, value in first.items()}
    contrast(together, v0, uniforms, CD_RATE)
    alone = [{name: value.clone() for name, value in first.items()} for _ in range(3)]
    for i, machine in enumerate(alone):
        contrast(machine, v0[:, i : i + 1], uniforms[:, i : i + 1], CD_RATE)
    for name in first:
        assert torch.allclose(together[name], sum(m[name] for m in alone) / 3, atol=1e-14)


def test_hidden_states_are_drawn_with_their_probabilities() -> None:
    """The mean of v1, read off the steps of a, is E[p(v|h0)] over the enumerated q(h0|v0)."""
    source, rows = torch.Generator().manual_seed(3), 200_000
    W, v0 = torch.randn(2, 2, generator=source, dtype=torch.float64), torch.tensor([[0.3, 0.9]], dtype=torch.float64)
    zeros = torch.zeros(1, 1, 2, dtype=torch.float64)
    machine = {"W": W[None].clone(), "a": zeros.clone(), "b": zeros.clone()}
    contrast(machine, v0.expand(1, rows, 2), torch.rand(1, rows, 2, generator=source, dtype=torch.float64), CD_RATE)
    states = torch.tensor(list(product((0.0, 1.0), repeat=2)), dtype=torch.float64)
    q = torch.softmax(states @ (W.T @ v0[0]), 0)
    wanted = v0[0] - q @ torch.sigmoid(states @ W.T)
    assert torch.allclose(machine["a"][0, 0] / CD_RATE, wanted, atol=4 * 0.5 / rows**0.5)


def plain(classifier: Classifier, lane: int, s: Setting) -> nn.Sequential:
    """A lane's net without any padding, from torch's modules."""
    sizes, modules = (demo.PIXELS, *s.sizes), list[nn.Module]()
    for i, (n, m) in enumerate(pairwise((*sizes, s.classes))):
        weights = classifier.weights[i if i < len(s.sizes) else -1]
        linear = nn.Linear(n, m).double()
        linear.weight.data, linear.bias.data = weights["W"][lane, :n, :m].T.clone(), weights["b"][lane, 0, :m].clone()
        modules += [linear, nn.Sigmoid()]
    return nn.Sequential(*modules[:-1])


def test_a_padded_net_is_the_net_without_padding() -> None:
    """Outputs, and the gradients of all weights: those of the plain net, and 0 elsewhere."""
    settings = [SHALLOW, DEEP]
    classifier, data = Classifier(layers(settings), random_start(settings)), sample(settings)
    last, source = classifier.weights[-1], torch.Generator().manual_seed(4)
    last["W"] = torch.randn(last["W"].shape, generator=source, dtype=torch.float64)
    parameters = [w.requires_grad_() for weights in classifier.weights for w in weights.values()]
    scores = classifier(data.test)
    torch.logsumexp(scores, 2).sum().backward()
    assert all(p.grad is not None for p in parameters)
    for lane, s in ((0, SHALLOW), (RESTARTS, DEEP)):
        net = plain(classifier, lane, s)
        wanted = net(data.test[lane])
        assert torch.allclose(scores[lane, :, : s.classes], wanted, atol=1e-12)
        assert bool((scores[lane, :, s.classes :] < OFF / 2).all())
        torch.logsumexp(wanted, 1).sum().backward()
        linears = [module for module in net if isinstance(module, nn.Linear)]
        used = [*classifier.weights[: len(s.sizes)], classifier.weights[-1]]
        for weights, linear in zip(used, linears, strict=True):
            m, n = linear.weight.shape
            got = weights["W"].grad[lane]
            assert torch.allclose(got[:n, :m], linear.weight.grad.T, atol=1e-10)
            assert torch.allclose(weights["b"].grad[lane, 0, :m], linear.bias.grad, atol=1e-10)
            assert torch.count_nonzero(got) == torch.count_nonzero(got[:n, :m])
        for weights in classifier.weights[len(s.sizes) : -1]:
            assert not weights["W"].grad[lane].any() and not weights["b"].grad[lane].any()


def test_pretraining_leaves_alone_what_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = [SHALLOW, DEEP]
    pool = sample(settings).pool
    monkeypatch.setattr(demo, "CD_STEPS", 0)
    first = pretrained(pool, settings, lambda steps: None)
    monkeypatch.setattr(demo, "CD_STEPS", 5)
    stack = pretrained(pool, settings, lambda steps: None)
    for lane, s in ((0, SHALLOW), (RESTARTS, DEEP)):
        for machine, before, (n, m) in zip(stack, first, pairwise((demo.PIXELS, *s.sizes)), strict=False):
            changed = machine["W"][lane] != before["W"][lane]
            assert changed[:n, :m].all() and changed.sum() == n * m
            for name, units in (("a", n), ("b", m)):
                assert (machine[name][lane, 0, :units] > OFF / 2).all()
                assert (machine[name][lane, 0, units:] == OFF).all()


def test_a_student_does_not_depend_on_deeper_stacks_beside(monkeypatch: pytest.MonkeyPatch) -> None:
    """To the last bit, whatever the depth of the others."""
    monkeypatch.setattr(demo, "CD_STEPS", 40)
    alone = DEMO.train([SHALLOW] * 2, lambda steps: None)
    assert DEMO.train([SHALLOW, DEEP], lambda steps: None)[0] == alone[0]


def test_random_weights_have_the_scale_of_glorot_and_bengio() -> None:
    """Var = (4 sqrt(6 / (n + m)))^2 / 3 for the true sizes of the layers."""
    first, second = random_start([SHALLOW])
    for weights, n, m in ((first["W"], 64, 16), (second["W"][:, :, :9], 16, 9)):
        limit = 4 * (6 / (n + m)) ** 0.5
        assert weights.abs().max() <= limit
        assert weights.var().item() == pytest.approx(limit**2 / 3, rel=4 * (0.8 / weights.numel()) ** 0.5)


@pytest.mark.parametrize("classes", [3, 10])
def test_no_test_image_is_trained_on(classes: int) -> None:
    """Neither with its label nor without; and each class has its labels."""
    data = sample([Setting((16, 16), classes, 8, "")])
    for i in range(RESTARTS):
        pool, test = ({tuple(row) for row in rows[i].tolist()} for rows in (data.pool, data.test))
        assert len(pool) == demo.POOL and len(test) == demo.TEST and not pool & test
        assert {tuple(row) for row in data.images[i][data.labels[i] >= 0].tolist()} <= pool
        counts = torch.bincount(data.labels[i][data.labels[i] >= 0], minlength=10).tolist()
        assert counts == [LABELLED] * classes + [0] * (10 - classes)
        assert set(data.truth[i].tolist()) == set(range(classes))


def test_accuracy_is_the_share_of_right_answers() -> None:
    """A net that always answers 2 is right as often as the digit is a 2, from either start."""
    s = Setting((16, 16), 5, 8, "")
    data, classifier = sample([s]), Classifier(layers([s, s]), random_start([s, s]))
    classifier.weights[-1]["b"][:, 0, 2] = 1
    share = (data.truth == 2).double().mean(1)
    assert torch.equal(accuracy(classifier, data.test, data.truth), share[None, :, None].expand(2, -1, -1))
    assert accuracy(classifier, data.images, data.labels).flatten().tolist() == [0.2] * 8


def test_the_setting_is_the_students_stack_cut_down() -> None:
    """No layer is wider than 16, and there are only ten digits."""
    for seed in range(20):
        params = instance("deep_belief_net", seed).params
        s = setting(params, Start(seed))
        assert [min(16, n) for n in params.sizes[1:]] == list(s.sizes)
        assert s.classes == min(params.classes, 10)


def test_digits_of_mnist_become_small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small digits blown up to 28 x 28 pixels come back as they were; the edge is left out."""
    small = digits.digits()
    large = np.pad(np.kron(small.images, np.ones((1, 3, 3))), ((0, 0), (2, 2), (2, 2)), constant_values=1.0)
    monkeypatch.setattr(digits, "digits", lambda folder: digits.Digits(large, small.labels))
    again = digits.small_digits("a folder with MNIST")
    assert np.allclose(again.images, small.images, atol=1e-15) and (again.labels == small.labels).all()
    assert DEMO.train([Setting((10, 10), 4, 1, "a folder with MNIST")], lambda steps: None)[0].mnist
