"""The notebook on a training step from scratch: its checks, and the numbers of the sheet in it."""

import numpy as np
import pytest

from blattwerk.vocabulary.exercise import DIFFICULTIES, Difficulty
from tests.instances import instance
from tests.notebooks.course import code, objection, run, solved

CELLS = solved("train_from_scratch")


@pytest.mark.parametrize("difficulty", DIFFICULTIES)
def test_the_notebook_makes_the_step_of_the_sheet(difficulty: Difficulty) -> None:
    """Its numpy functions give the parameters and the losses of the sheet's own solution, and torch's."""
    one = instance("train_from_scratch", 7, difficulty)
    names = run(code(solved("train_from_scratch", difficulty=difficulty)))
    for name in ("w1", "b1", "w2", "b2"):
        exact = np.array(getattr(one.solution.updated, name), dtype=float)
        assert np.allclose(names["ours"][name.upper() if name[0] == "w" else name], exact)
    losses = names["run"](2, names["RATE"])[1]
    assert np.allclose(losses, [float(one.solution.loss), float(one.solution.new_loss)])


@pytest.mark.parametrize(
    ("task", "old", "new", "message"),
    [
        ("forward-task", '+ p["b1"]', "", "z differs"),
        ("forward-task", "np.maximum(z, 0)", "z", "h is z where"),
        ("forward-task", "np.maximum(z, 0)", "np.abs(z)", "h is z where"),
        ("forward-task", '@ h + p["b2"]', '@ z + p["b2"]', "u differs"),
        ("forward-task", '@ h + p["b2"]', "@ h", "u differs"),
        ("forward-task", 'p["W1"] @ x + p["b1"]', '(p["W1"] @ x + p["b1"]).ravel()', "columns"),
        ("loss-task", ".sum() / 2", ".mean() / 2", "not their mean"),
        ("loss-task", ".sum() / 2", ".sum()", "half the sum"),
        ("loss-task", "((u - y) ** 2)", "abs(u - y)", "quadratic"),
        ("loss-task", ".sum() / 2", "/ 2", "one number"),
        ("loss-task", ".sum() / 2", ".sum(keepdims=True) / 2", "not an array"),
        ("loss-task", "((u - y) ** 2).sum() / 2", "(u - y).T @ (u - y) / 2", "not an array"),
        ("clear-task", "gradient[...] = 0", "gradient = 0", "is not 0"),
        ("clear-task", "gradient[...] = 0", "gradients.clear(); break", "names and shapes"),
        (
            "clear-task",
            "gradient[...] = 0",
            "gradients.update(W=0, b=0)",
            "names and shapes must stay: an array of zeros",
        ),
        ("backward-task", "delta2 = u - y", "delta2 = y - u", "torch has another gradient"),
        ("backward-task", "delta2 @ h.T", "h @ delta2.T", "ValueError"),
        ("backward-task", "delta2 @ h.T", "delta2 @ z.T", "gradient for W2"),
        ("backward-task", "* (z > 0)", "", "gradient for"),
        ("backward-task", "(z > 0)", "(h >= 0)", "gradient for"),
        ("backward-task", '(p["W2"].T @ delta2)', '(p["W2"].T @ y)', "gradient for"),
        ("backward-task", '(p["W2"].T @ delta2)', '(p["W2"] @ delta2)', "ValueError"),
        ("backward-task", "delta1 @ x.T", "x @ delta1.T", "ValueError"),
        ("backward-task", '["b2"] += delta2', '["b2"] = delta2', "second pass"),
        ("backward-task", '["W1"] += delta1 @ x.T', '["W1"] = delta1 @ x.T', "second pass"),
        ("backward-task", '["b1"] += delta1', '["b1"] = gradients["b1"] + delta1.ravel()', "wrong shape"),
        ("update-task", "p[name] - rate", "p[name] + rate", "subtract"),
        ("update-task", "rate * gradients[name]", "gradients[name]", "subtract"),
        ("update-task", "rate * gradients[name]", "gradients[name].__imul__(rate)", "must not change"),
    ],
)
def test_a_usual_mistake_meets_an_objection(task: str, old: str, new: str, message: str) -> None:
    """And one that tells where to look."""
    said = objection(CELLS, task, old, new)
    assert message in said, said
