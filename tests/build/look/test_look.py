"""What Python's users get: the public names, what is drawn, what is proven, and how a notebook shows it."""

import ast
import contextlib
import io
import re
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import pytest

import blattwerk
from blattwerk.build.numbers import sample
from blattwerk.build.order.catalogue import catalogue
from blattwerk.build.proof.prove import prove
from blattwerk.errors import InputError, UnknownExercise

DOCS = Path(__file__).parents[3] / "docs" / "python.md"
ROOT = Path(blattwerk.__file__).parent


@pytest.fixture(scope="module")
def one() -> "blattwerk.DrawnInstance":
    """An instance that several tests look at."""
    return blattwerk.draw("kl_normal_1d", seed=7, difficulty="easy")


def test_importing_the_package_loads_nothing_else() -> None:
    """The root's own imports are one light module of Python's; the public names are loaded when they are asked for."""
    outer = [node for node in ast.parse((ROOT / "__init__.py").read_text()).body if isinstance(node, ast.ImportFrom)]
    assert {node.module for node in outer} == {"importlib", "typing"}
    assert set(blattwerk.__all__) <= set(dir(blattwerk))
    with pytest.raises(AttributeError, match="public are DrawnInstance"):
        _ = blattwerk.no_such_name


def test_the_numbers_are_those_of_the_terminal(one: "blattwerk.DrawnInstance") -> None:
    """The same seed, the same draw, and the answers of the solver."""
    drawn = sample("kl_normal_1d", 7, "easy")
    assert one.params == drawn.params
    assert [(a.name, str(a.value)) for a in drawn.instance().answers] == [
        (a.name, a.exact) for a in one.answers.values()
    ]
    assert one == blattwerk.draw("kl_normal_1d", seed=7, difficulty="easy")
    assert one.params != blattwerk.draw("kl_normal_1d", seed=8, difficulty="easy").params


def test_every_answer_names_the_checks_that_found_it(one: "blattwerk.DrawnInstance") -> None:
    """Two at least, and all that is demanded before printing holds too."""
    assert one.proven
    for answer in one.answers.values():
        assert answer.proven
        assert len(answer.by) >= 2
        assert set(answer.by) <= set(one.proofs)
        assert float(answer.decimal) == pytest.approx(float(answer.value))
    relations = prove(sample("kl_normal_1d", 7, "easy").instance()).relations
    assert one.relations == {"checked": relations.checked, "cited": relations.cited}
    assert all(one.claims.values())


def test_a_mistake_has_the_values_that_it_leads_to(one: "blattwerk.DrawnInstance") -> None:
    """Those of the marker's copy: other ones than the answers, of the mistake's own part."""
    instance = sample("kl_normal_1d", 7, "easy").instance()
    known = {name: wrong for name, wrong in instance.slips.items() if wrong}
    assert known
    for name, wrong in known.items():
        assert {a.name: str(a.value) for a in wrong.changed} == {
            a.name: a.exact for a in one.mistakes[name].answers.values()
        }
        assert all(value.exact != one.answers[answer].exact for answer, value in one.mistakes[name].answers.items())
    assert list(one.mistakes) == [name for part in instance.parts for name in part.mistakes]


def test_it_shows_itself_in_both_languages(one: "blattwerk.DrawnInstance") -> None:
    """The question, and the solution folded away; mathematics is MathML, and nothing comes from a network."""
    german = blattwerk.draw("kl_normal_1d", seed=7, difficulty="easy", lang="de")
    for shown, word in ((one, "Sample solution"), (german, "Musterlösung")):
        html = shown._repr_html_()
        assert html.index("<math") < html.index(f"<details><summary>{word}</summary>")
        assert "<math" in html
        assert "<script" not in html
        assert not re.search(r"(src|href)=\"(?!#|data:)", html)
    assert one.title == "KL divergence of two normal distributions"
    assert german.title == "KL-Divergenz zweier Normalverteilungen"
    assert one.html("questions", "de") == german.question
    assert one.page().startswith("<!DOCTYPE html>")
    assert "Usual mistakes" in one.marking
    assert "Usual mistakes" not in one.solution


def test_topics_are_those_of_the_catalogue() -> None:
    """With both titles, their parts and demos."""
    there = blattwerk.topics()
    assert [topic.id for topic in there] == list(catalogue())
    vae = next(topic for topic in there if topic.id == "bernoulli_vae")
    assert vae.demo.startswith("D")
    assert vae.title["de"]
    assert vae.parts == tuple(part.id for part in catalogue()["bernoulli_vae"].parts)


@pytest.mark.parametrize("seed", [-1, 10**18 + 1, True, 1.0, "1", None])
def test_a_seed_that_there_is_not_is_told(seed: object) -> None:
    """With what is allowed."""
    with pytest.raises(InputError, match=r"seed=.* is not allowed; use a whole number from 0 to 1000000000000000000"):
        blattwerk.draw("kl_normal_1d", seed=seed)  # type: ignore[arg-type]


def test_what_else_there_is_not_is_told() -> None:
    """The nearest ids, the difficulties, the languages."""
    with pytest.raises(UnknownExercise, match="did you mean kl_normal_1d"):
        blattwerk.draw("kl_normal_2d", seed=1)
    with pytest.raises(InputError, match="allowed: easy, standard, hard"):
        blattwerk.draw("kl_normal_1d", seed=1, difficulty="brutal")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="allowed: en, de"):
        blattwerk.draw("kl_normal_1d", seed=1, lang="fr")  # type: ignore[arg-type]


def test_the_code_of_the_documentation_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All of it, one block after the other, as a reader would."""
    monkeypatch.chdir(tmp_path)
    space: dict[str, object] = {}
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        for block in re.findall(r"```python\n(.*?)```", DOCS.read_text(), re.DOTALL):
            exec(block, space)
    assert "found again by" in said.getvalue()
    assert re.search(r"^\d+ of 50$", said.getvalue(), re.MULTILINE)
    assert (tmp_path / "frage.html").read_text().startswith("<!DOCTYPE html>")


def test_every_public_name_of_an_instance_is_documented() -> None:
    """The table of the documentation has them all."""
    text = DOCS.read_text()
    public = [name for name in vars(blattwerk.DrawnInstance) if not name.startswith("_")]
    missing = [name for name in public if f"`{name}" not in text and f"`{name}(" not in text]
    assert not [name for name in missing if name not in ("id", "seed", "difficulty", "lang", "exercise_title")]


HEAVY = ("scipy", "sklearn", "torch", "sympy", "matplotlib", "babel", "pikepdf", "fontTools")


@pytest.mark.long
def test_show_loads_no_library_that_it_does_not_need() -> None:
    """Of a process by itself: what is shown is neither proven nor drawn as a picture, so its libraries stay away."""
    code = (
        "import sys; sys.argv = ['blattwerk', 'show', 'kl_normal_1d', '--seed', '1']\n"
        "from blattwerk.cli import app\n"
        "app(standalone_mode=False)\n"
        f"print([name for name in {HEAVY} if name in sys.modules], file=sys.stderr)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stderr.strip() == "[]"
    assert "KL divergence" in run.stdout


def test_one_topic_is_loaded_without_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who shows one exercise does not wait for all of them."""
    from blattwerk.build.order import catalogue as room

    loaded: list[str] = []
    real = room._loaded

    def noted(offer: room.Offer) -> "room.Topic | room.Broken":
        loaded.append(offer.name)
        return real(offer)

    monkeypatch.setattr(room, "_loaded", noted)
    room.whole_catalogue.cache_clear()
    try:
        sample("kl_normal_1d", 1, "standard")
        assert loaded == ["kl_normal_1d"]
        assert len(room.whole_catalogue().topics) == len(set(loaded)) - len({b.name for b in room.broken_topics()})
    finally:
        room.whole_catalogue.cache_clear()


def test_fractions_stay_exact(one: "blattwerk.DrawnInstance") -> None:
    """What was drawn is no float."""
    assert all(isinstance(value, int | Fraction) for value in vars(one.params).values())
