"""Exercises of other packages: in every command, beside topics that are broken, and never stale.

A second package is built, and installed together with ours into a clean environment; nothing of the checkout is used.
"""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.environments import FOREIGN, OURS, ROOT, THEIRS, Installed, installed, project, wheel

SHEET = """
course.title = "C"
sheet.title = "S"
[[exercises]]
id = "{id}"
demo = {demo}
"""


def write_sheet(folder: Path, topic: str = "fair_die", demo: bool = False) -> Path:
    """A sheet of one exercise, and beside it folders that are named like packages and must not be imported."""
    for decoy in ("extra_topics", "blattwerk", "numpy"):
        (folder / decoy).mkdir(exist_ok=True)
        (folder / decoy / "__init__.py").write_text(f"raise SystemExit('{decoy} of the current folder was imported')\n")
    sheet = folder / "sheet.toml"
    sheet.write_text(SHEET.format(id=topic, demo=str(demo).lower()))
    return sheet


def write_class(folder: Path, *students: str) -> Path:
    """A class list."""
    roster = folder / "class.csv"
    roster.write_text("id,name,email\n" + "".join(f"{one},Name {one},{one}@example.org\n" for one in students))
    return roster


def text_of(path: Path) -> str:
    """The words of a PDF, without spaces."""
    return "".join(subprocess.run(["pdftotext", path, "-"], capture_output=True, check=True).stdout.decode().split())


def manifest_of(out: Path) -> Any:
    """What was recorded."""
    return json.loads((out / "manifest.json").read_text())


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Our wheel and the other package's."""
    folder = tmp_path_factory.mktemp("wheels")
    return wheel(project(ROOT, OURS, folder / "ours")), wheel(project(FOREIGN, THEIRS, folder / "theirs"))


@pytest.fixture(scope="module")
def clean(wheels: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """An environment that holds both, and is not changed."""
    return installed(tmp_path_factory.mktemp("clean") / "env", *wheels)


LOADED = """
import sys
from blattwerk.build import batch, make
from blattwerk.build.demos.training import demo_of
from blattwerk.build.order.catalogue import find, find_topic
topic = find_topic("fair_die")
demo_of(topic.exercise)
print(topic.templates)
print(*(getattr(module, "__file__", "") for module in sys.modules.values()), sep="\\n")
"""


def test_nothing_of_the_checkout_is_used(clean: Installed, tmp_path: Path) -> None:
    """Both packages, the demo and the templates come from the environment."""
    run = [clean.python, "-c", LOADED]
    files = subprocess.run(run, cwd=tmp_path, capture_output=True, text=True, check=True).stdout.splitlines()
    for package in ("blattwerk", "extra_topics"):
        own = [file for file in files if f"/{package}/" in file]
        assert own
        assert all(Path(file).is_relative_to(clean.site) for file in own)
    assert not [file for file in files if Path(file).is_relative_to(ROOT / "tests")]
    assert files[0] == str(clean.site / "extra_topics/templates/fair_die")


def test_it_is_listed_and_shown(clean: Installed, tmp_path: Path) -> None:
    """With its demo and its notebook; its solution has words of its own templates."""
    listed = clean.run("list", "--json", cwd=tmp_path)
    rows = {row["id"]: row for row in json.loads(listed.stdout)}
    assert rows["weighted_coin"]["title"]["de"] == "Eine gewichtete Münze"
    row = rows["fair_die"]
    assert (row["demo"], row["notebook"], row["title"]["de"]) == ("X1", True, "Ein fairer Würfel")
    assert listed.stderr == ""
    shown = clean.run("show", "fair_die", "--seed", "3", "--solution", "--lang", "de", cwd=tmp_path)
    assert "[gleich wahrscheinliche Seiten]" in shown.stdout, shown.stderr
    assert clean.run("show", "fair_die", "--seed", "3", "--json", cwd=tmp_path).returncode == 0


def test_it_is_verified(clean: Installed, tmp_path: Path) -> None:
    """By worker processes, at all difficulties."""
    run = clean.run("verify", "fair_die", "--seeds", "3", "--jobs", "2", "--json", cwd=tmp_path)
    assert run.returncode == 0, run.stderr
    assert [(trial["distinct"], trial["failures"]) for trial in json.loads(run.stdout)] == [(3, [])] * 3


def test_it_is_built_and_solved_again(clean: Installed, tmp_path: Path) -> None:
    """By worker processes that import it from where it is installed; the manifest says whose it is.

    The solutions come from the manifest alone.
    """
    sheet, roster = write_sheet(tmp_path, demo=True), write_class(tmp_path, "a", "b")
    arguments = ("build", sheet, "--seed", "7", "--roster", roster, "--lang", "en", "--jobs", "2")
    run = clean.run(*arguments, cwd=tmp_path)
    assert run.returncode == 0, run.stderr
    out = tmp_path / "out"
    assert "Thedieisthrown200times" in text_of(out / "questions" / "a.en.pdf")
    record = manifest_of(out)["students"][1]["exercises"][0]
    (answer,) = [answer for answer in record["answers"] if answer["name"] == "variance"]
    digest = record["topic"].pop("digest")
    assert record["topic"] == {"version": 4, "package": "extra-topics", "package_version": "2.3"}
    assert len(digest) == 64
    assert all(part in text_of(out / "solutions" / "b.en.pdf") for part in answer["exact"].split("/"))
    again = clean.run("solutions", out / "manifest.json", "--jobs", "2", cwd=tmp_path)
    assert (again.returncode, again.stderr.count("warning")) == (0, 1), again.stderr
    assert "warning: UNCHECKED: built without a secret" in again.stderr
    for name in ("a.en.pdf", "b.en.pdf"):
        assert (tmp_path / "out-solutions/solutions" / name).read_bytes() == (out / "solutions" / name).read_bytes()


def test_its_topic_on_one_page_is_used_like_any_other(clean: Installed, tmp_path: Path) -> None:
    """The package offers a folder of them; the record says whose it is, and no copy is kept of what is installed."""
    sheet = write_sheet(tmp_path, "weighted_coin")
    run = clean.run("build", sheet, "--seed", "7", "--lang", "de", "--jobs", "1", cwd=tmp_path)
    assert run.returncode == 0, run.stderr
    out = tmp_path / "out"
    assert "EineMünzezeigtx=1mitWahrscheinlichkeit" in text_of(out / "questions" / "seed-7.de.pdf")
    record = manifest_of(out)["students"][0]["exercises"][0]
    assert (record["topic"]["package"], record["topic"]["package_version"]) == ("extra-topics", "2.3")
    assert not (out / "topics").exists()


def test_its_demo_is_trained(clean: Installed, tmp_path: Path) -> None:
    """By the demo's id."""
    run = clean.run("demo", "x1", "--seed", "7", "--lang", "de", cwd=tmp_path)
    assert "Gesetz der großen Zahlen" in run.stdout, run.stderr
    assert (tmp_path / "out/X1.seed-7.de.png").is_file()


def test_what_is_edited_is_made_anew(wheels: tuple[Path, Path], tmp_path: Path) -> None:
    """A template, a helper, a table, another version; and nothing is delivered of a topic that cannot be imported."""
    environment = installed(tmp_path / "env", *wheels)
    package, sheet = environment.site / "extra_topics", write_sheet(tmp_path)
    digests: list[str] = []

    def built(name: str) -> "subprocess.CompletedProcess[str]":
        done = environment.run("build", sheet, "--seed", "7", "--lang", "en", "--out", name, cwd=tmp_path)
        if done.returncode == 0:
            digests.append(manifest_of(tmp_path / name)["students"][0]["exercises"][0]["topic"]["digest"])
        return done

    def edit(file: str, old: str, new: str) -> None:
        path = package / file
        path.write_text(path.read_text().replace(old, new))

    assert built("first").returncode == 0
    edit("templates/fair_die/en.tex.j2", "A fair die", "An honest die")
    assert built("template").returncode == 0
    assert "Anhonestdie" in text_of(tmp_path / "template/questions/seed-7.en.pdf")
    (package / "table.csv").write_text("1,2\n")
    assert built("table").returncode == 0
    assert len(set(digests)) == 3

    edit("moments.py", "** 2 for", "** 4 for")
    wrong = built("wrong")
    assert (wrong.returncode, "derivation 'variance', step 2" in wrong.stderr) == (1, True), wrong.stderr
    edit("moments.py", "** 4 for", "** 2 for 2")
    broken = built("broken")
    assert broken.returncode == 2
    assert "exercises[1].id: the topic 'fair_die' of extra-topics 2.3 cannot be used: " in broken.stderr
    assert f"{package / 'moments.py'}:13: SyntaxError" in broken.stderr
    assert not list(tmp_path.glob("broken/*/*"))

    shutil.rmtree(package)
    gone = built("gone")
    assert (gone.returncode, "entry point fair_die = extra_topics.generators" in gone.stderr) == (2, True), gone.stderr
    environment.install(wheels[1])
    (info,) = environment.site.glob("extra_topics-*.dist-info")
    (info / "METADATA").write_text((info / "METADATA").read_text().replace("Version: 2.3", "Version: 2.4"))
    assert built("newer").returncode == 0
    assert manifest_of(tmp_path / "newer")["students"][0]["exercises"][0]["topic"]["package_version"] == "2.4"


TWIN = """
from dataclasses import replace
from extra_topics.generators.fair_die import EXERCISE as FIRST
print("this is printed on import")
EXERCISE = replace(FIRST, id="{id}")
"""
MOODY = """
from dataclasses import replace
from blattwerk.vocabulary.figures import Figure
from blattwerk.vocabulary import Localised
from extra_topics.generators.fair_die import EXERCISE as FIRST
from extra_topics.solvers.fair_die import Params

MOODS = ("good", "solve", "print", "figure", "train")


def draw(draws, difficulty):
    if draws.student == "draw":
        raise RuntimeError("no numbers today")
    mood = MOODS.index(draws.student) if draws.student in MOODS else 0
    return replace(FIRST.draw(draws, difficulty), faces=(-mood, 1, 2, 3, 4, draws.integer("last", 5, 99)))


def solve(params):
    if params.faces[0] == -1:
        raise LookupError("no solution today")
    return FIRST.solve(params)


def figures(params, solution):
    return {"wild": Figure(Localised("x", "x"))} if params.faces[0] == -3 else {}


EXERCISE = replace(FIRST, id="moody", draw=draw, solve=solve, figures=figures)
"""
MOODY_DEMO = """
from dataclasses import replace
from extra_topics.solvers.demos.fair_die import DEMO as FIRST


def train(settings, advance):
    if any(setting.faces[0] == -4 for setting in settings):
        return settings[99]
    return FIRST.train(settings, advance)


DEMO = replace(FIRST, train=train)
"""
MORE = {
    "__init__.py": "",
    "raises.py": "from fractions import Fraction\n\nEXERCISE = Fraction(1, 0)\n",
    "syntax.py": "\nEXERCISE = 1 +\n",
    "leaning.py": "from more_topics import helper\n",
    "helper.py": '"""A helper."""\n\nraise ValueError("first line\\nsecond line")\n',
    "leaves.py": "import sys\n\nsys.exit(5)\n",
    "nothing.py": "EXERCISE = 'no exercise'\n",
    "twin.py": TWIN.format(id="fair_die"),
    "moody.py": MOODY,
    "demos/moody.py": MOODY_DEMO,
}
MORE_POINTS = {
    "raises": "raises:EXERCISE",
    "syntax": "syntax:EXERCISE",
    "leaning": "leaning:EXERCISE",
    "leaves": "leaves:EXERCISE",
    "nothing": "nothing:EXERCISE",
    "nameless": "nothing:NAME",
    "absent": "absent:EXERCISE",
    "fair_die": "twin:EXERCISE",
    "misnamed": "twin:EXERCISE",
    "moody": "moody:EXERCISE",
}


@pytest.fixture(scope="module")
def more(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for Python's path that holds a package in which nearly everything is broken, as if it were installed."""
    root = tmp_path_factory.mktemp("more")
    for name, source in MORE.items():
        path = root / "more_topics" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(source)
    templates = root / "more_topics/templates/moody"
    shutil.copytree(FOREIGN / "extra_topics/templates/fair_die", templates)
    for file in templates.glob("e?.tex.j2"):
        wild = (
            "<% if params.faces[0] == -3 %><< figure('wild') >><% elif params.faces[0] == -2 %><< 1 / 0 >><% endif %>"
        )
        file.write_text(file.read_text().replace("<% block intro %>", f"<% block intro %>\n{wild}"))
    info = root / "more_topics-0.1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: more-topics\nVersion: 0.1\n")
    points = "".join(f"{name} = more_topics.{value}\n" for name, value in MORE_POINTS.items())
    (info / "entry_points.txt").write_text(f"[blattwerk.exercises]\n{points}")
    return root


def warnings(more: Path) -> dict[str, str]:
    """What must be said of each broken topic: where it is wrong, and what it is."""
    package = more / "more_topics"
    wrong = {
        "raises": f"{package}/raises.py:3: ZeroDivisionError: Fraction(1, 0)",
        "syntax": f"{package}/syntax.py:2: SyntaxError: invalid syntax",
        "leaning": f"{package}/helper.py:3: ValueError: first line second line",
        "leaves": f"{package}/leaves.py:3: SystemExit: 5",
        "nothing": "it is no Exercise but of the type str; a topic's module has the constant EXERCISE",
        "nameless": "AttributeError: module 'more_topics.nothing' has no attribute 'NAME'",
        "absent": "ModuleNotFoundError: No module named 'more_topics.absent'",
        "fair_die": "extra-topics 2.3 offers a topic of this id already; choose another one",
        "misnamed": "the exercise has the id 'fair_die', and is offered as 'misnamed'; give it one name",
    }
    # Where no line is known, it is said where the topic is offered.
    return {
        name: what if what.startswith("/") else f"entry point {name} = more_topics.{MORE_POINTS[name]}: {what}"
        for name, what in wrong.items()
    }


def said(more: Path) -> list[str]:
    """The lines that every command prints on stderr."""
    begin = "warning: the topic '{}' of more-topics 0.1 cannot be used: {}"
    return sorted(begin.format(name, what) for name, what in warnings(more).items())


def complaints(run: "subprocess.CompletedProcess[str]") -> list[str]:
    """The warnings of a command."""
    return sorted(line for line in run.stderr.splitlines() if line.startswith("warning: the topic"))


def test_broken_topics_are_named_and_stop_no_other(clean: Installed, more: Path, tmp_path: Path) -> None:
    """One line each, in every command that goes over the catalogue; standard output stays what it is."""
    listed = clean.run("list", "--json", cwd=tmp_path, PYTHONPATH=str(more))
    assert (listed.returncode, complaints(listed)) == (0, said(more))
    assert {"fair_die", "moody", "kl_normal_1d"} <= {row["id"] for row in json.loads(listed.stdout)}
    sheet = write_sheet(tmp_path)
    shown = clean.run("show", "fair_die", "--seed", "3", cwd=tmp_path, PYTHONPATH=str(more))
    assert (shown.returncode, complaints(shown)) == (0, []), "it loads one topic, and does not know of the others"
    for arguments in (
        ("build", sheet, "--seed", "7", "--lang", "en"),
        ("solutions", "out/manifest.json"),
        ("demo", "moody", "--seed", "3"),
        ("verify", "fair_die", "--seeds", "1", "--jobs", "1"),
    ):
        run = clean.run(*arguments, cwd=tmp_path, PYTHONPATH=str(more))
        assert (run.returncode, complaints(run)) == (0, said(more)), run.stderr


def test_a_broken_topic_that_is_asked_for_is_wrong_input(clean: Installed, more: Path, tmp_path: Path) -> None:
    """By show, demo, verify and the sheet file, with its mistake."""
    mistake = f"the topic 'leaning' of more-topics 0.1 cannot be used: {warnings(more)['leaning']}"
    for arguments in (
        ("show", "leaning", "--seed", "3"),
        ("demo", "leaning", "--seed", "3"),
        ("verify", "leaning", "--seeds", "1"),
        ("build", write_sheet(tmp_path, "leaning"), "--seed", "7"),
    ):
        run = clean.run(*arguments, cwd=tmp_path, PYTHONPATH=str(more))
        said = 1 if arguments[0] == "show" else 2  # the error, and before it the warning of those who look at all
        assert (run.returncode, run.stderr.count(mistake)) == (2, said), run.stderr


def test_what_breaks_down_for_a_student_stops_that_student(clean: Installed, more: Path, tmp_path: Path) -> None:
    """Draw, solver, template, figure and training: with the line of the topic, and the class goes on."""
    sheet = write_sheet(tmp_path, "moody", demo=True)
    roster = write_class(tmp_path, "draw", "solve", "print", "figure", "train", "good", "better")
    arguments = ("build", sheet, "--seed", "7", "--roster", roster, "--lang", "en", "--jobs", "2")
    run = clean.run(*arguments, cwd=tmp_path, PYTHONPATH=str(more))
    assert run.returncode == 1
    package = more / "more_topics"
    for student, what in {
        "draw": f"moody: the draw broke down: {package}/moody.py:13: RuntimeError: no numbers today",
        "solve": f"{package}/moody.py:20: LookupError: no solution today",
        "print": "division by zero",
        "figure": "a Figure cannot be drawn",
        "train": f"moody: its demo's training broke down: {package}/demos/moody.py:8: IndexError",
    }.items():
        (line,) = [line for line in run.stderr.splitlines() if line.startswith(f"failed: student '{student}'")]
        assert what in line
    assert sorted(path.name for path in (tmp_path / "out/questions").iterdir()) == ["better.en.pdf", "good.en.pdf"]
    assert [record["id"] for record in manifest_of(tmp_path / "out")["students"]] == ["good", "better"]
    assert "Traceback" not in run.stderr
