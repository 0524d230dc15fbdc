"""One step of SGD: an example worked out by hand, torch's own modules, planted errors, and what the draws promise."""

from dataclasses import replace
from fractions import Fraction

import pytest

from blattwerk.build.drawing.figures import pdf
from blattwerk.errors import ProofFailure
from blattwerk.solvers.train_from_scratch import Layers, Params, answers, claims, derivations, figures, oracles, solve
from blattwerk.vocabulary.derivation import derive, verify
from blattwerk.vocabulary.elementwise import Hadamard
from blattwerk.vocabulary.exercise import DIFFICULTIES, Difficulty
from blattwerk.vocabulary.functions import matrix_term
from blattwerk.vocabulary.matrices import column, matrix, transpose
from blattwerk.vocabulary.mistakes import Slip
from blattwerk.vocabulary.terms import MP
from tests.instances import instance

BY_HAND = Params(((1, -1), (2, 1)), (1, -6), ((-1, 2),), (1,), x=(2, 1), y=(2,), rate=Fraction(1, 10))


def test_two_hidden_units_by_hand() -> None:
    """z = (2, -1), so only the first unit is on; all values worked out on paper."""
    s = solve(BY_HAND)
    assert (s.z, s.h, s.u, s.loss) == (column((2, -1)), column((2, 0)), column((-1,)), Fraction(9, 2))
    assert s.back == column((3, -6))
    assert s.gradient == Layers(matrix(((6, 3), (0, 0))), column((3, 0)), matrix(((-6, 0),)), column((-3,)))
    tenths = [[Fraction(k, 10) for k in row] for row in ((4, -13), (20, 10))]
    assert s.updated.w1 == matrix(tenths)
    assert s.updated.b1 == column((Fraction(7, 10), -6))
    assert (s.updated.w2, s.updated.b2) == (((Fraction(-2, 5), 2),), ((Fraction(13, 10),),))
    assert s.new_loss == Fraction(1521, 5000)  # z = (0.2, -1), u = 1.22
    assert s.relu_delta == ((0,),)


def test_positive_outputs_by_hand() -> None:
    """At u = -1 and y = 2: (0.31326 - 2) 0.26894 and (0.36788 - 2) 0.36788."""
    shown = {a.name: a.value.value() for a in answers(BY_HAND, solve(BY_HAND))}
    assert MP.nstr(shown["softplus_delta"][0][0], 5) == "-0.45363"
    assert MP.nstr(shown["exp_delta"][0][0], 5) == "-0.60042"


@pytest.mark.parametrize("difficulty", DIFFICULTIES)
def test_shapes_are_those_of_a_torch_module(difficulty: Difficulty) -> None:
    """Gradients and new parameters have the shapes of the parameters of torch's Sequential."""
    from torch import nn

    one = instance("train_from_scratch", 3, difficulty)
    inputs, hidden, outputs = len(one.params.x), len(one.params.b1), len(one.params.y)
    module = nn.Sequential(nn.Linear(inputs, hidden), nn.ReLU(), nn.Linear(hidden, outputs))
    shapes = [(*p.shape, 1)[:2] for p in module.parameters()]
    for layers in (one.params.layers, one.solution.gradient, one.solution.updated):
        ours = (layers.w1, layers.b1, layers.w2, layers.b2)
        assert [(len(rows), len(rows[0])) for rows in ours] == shapes


def _objections(params: Params, **wrong: object) -> set[str]:
    solution = replace(solve(params), **wrong)
    return {c.what for oracle in oracles for c in oracle(params, solution) if not c.agrees}


def test_the_usual_mistakes_are_found() -> None:
    """Outer products the wrong way round, a ReLU without its slope, and a gradient added."""
    params = instance("train_from_scratch", 1, "easy").params
    s = solve(params)
    turned = replace(s.gradient, w2=transpose(s.gradient.w2))
    assert _objections(params, gradient=turned) == {"grad_w2"}
    assert _objections(params, gradient=replace(s.gradient, b1=s.back)) == {"delta1"}
    added = tuple(
        tuple(2 * w - v for w, v in zip(*rows, strict=True)) for rows in zip(params.w2, s.updated.w2, strict=True)
    )
    assert _objections(params, updated=replace(s.updated, w2=added)) == {"new_w2"}
    assert _objections(params) == set()


def test_a_planted_error_in_a_displayed_step_is_found() -> None:
    """The gradient by differences does not agree with the transposed outer product."""
    shown = derivations(BY_HAND, solve(BY_HAND))["grad_w1"]
    wrong = derive(shown.start).eq(matrix_term(transpose(solve(BY_HAND).gradient.w1)))
    with pytest.raises(ProofFailure, match="does not hold"):
        verify("grad_w1", wrong)


def test_the_entrywise_product() -> None:
    """Its value, and brackets around a product or a sum in it."""
    a, b = matrix_term([[1, 2], [3, 4]]), matrix_term([[5, 6], [7, 8]])
    assert Hadamard(a, b).value() == ((5, 12), (21, 32))
    assert str(Hadamard(a, b)).startswith("hadamard_product(Matrix(")
    assert Hadamard(a * b, b).tex("en").startswith("\\left(")
    assert "\\left(" not in Hadamard(a, b).tex("en")


@pytest.mark.parametrize("difficulty", DIFFICULTIES)
def test_what_the_draws_promise(difficulty: Difficulty) -> None:
    """Units on and off, none at 0; an output below 0; no error 0; a loss that falls."""
    for seed in range(30):
        one = instance("train_from_scratch", seed, difficulty)
        s = one.solution
        z, u = ([v for (v,) in values] for values in (s.z, s.u))
        assert all(z) and all(u)
        assert min(z) < 0 < max(z) and min(u) < 0 < min(one.params.y)
        assert all(d for (d,) in (*s.gradient.b2, *s.back))
        assert s.new_loss < s.loss


def test_every_shape_can_be_drawn_as_a_figure() -> None:
    """A PDF for each shape, with all weights in the alternative text; equal figures are equal bytes."""
    for seed in range(4):
        one = instance("train_from_scratch", seed, "hard")
        figure = figures(one.params, one.solution)["network"]
        assert pdf(figure).startswith(b"%PDF") and pdf(figure) == pdf(figure)
        assert str(one.params.w1) in figure.alt.en and str(one.params.w2) in figure.alt.de


def test_mistakes_by_hand() -> None:
    """On paper: without the ReLU u = -3; with one at the output u = 0; 2 * 9/2; gradients turned; a step uphill."""
    by = {key: solve(BY_HAND, Slip(key)) for key in ("relu", "output", "mean", "outer", "off", "sign")}
    assert (by["relu"].u, by["relu"].loss) == (column((-3,)), Fraction(25, 2))
    assert (by["output"].u, by["output"].loss) == (column((0,)), 2)
    assert by["mean"].loss == 9
    assert (by["outer"].gradient.w2, by["outer"].gradient.w1) == (column((-6, 0)), matrix(((6, 0), (3, 0))))
    assert by["outer"].updated.w2 == solve(BY_HAND).updated.w2
    assert by["off"].gradient.b1 == column((3, -6))
    assert by["sign"].updated.b2 == ((Fraction(7, 10),),)
    forgotten = {a.name: a.value.value() for a in answers(BY_HAND, solve(BY_HAND, Slip("slope")))}
    assert forgotten["relu_delta"] == ((-2,),)
    assert MP.nstr(forgotten["softplus_delta"][0][0], 5) == "-1.6867"


def test_rows_for_columns_by_hand() -> None:
    """W2 = (1 2 3; 4 5 6) gives W2' = (1 2; 3 4; 5 6) to who fills it row by row; one output leaves no choice."""
    one = instance("train_from_scratch", 1, "standard")
    params = replace(one.params, w2=((1, 2, 3), (4, 5, 6)))
    (e,), (f,) = solve(params).gradient.b2
    assert solve(params, Slip("transposed")).back == column((e + 2 * f, 3 * e + 4 * f, 5 * e + 6 * f))
    assert instance("train_from_scratch", 1, "easy").slips["transposed"] is None


def test_claims() -> None:
    """True of the example; false where the loss has risen, or where the output that is off is right."""
    solution = solve(BY_HAND)
    assert claims(BY_HAND, solution) == {"fallen": True, "dead_output": True}
    assert claims(BY_HAND, replace(solution, new_loss=solution.loss))["fallen"] is False
    assert claims(replace(BY_HAND, y=(0,)), solution)["dead_output"] is False
