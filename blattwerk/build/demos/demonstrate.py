"""One demo by itself, for the terminal: trained, read out, and drawn."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from blattwerk.build.demos.training import PATIENCE, demo_of, on_one_thread, setting_of
from blattwerk.build.drawing import figures
from blattwerk.build.files import write_whole
from blattwerk.build.numbers import DrawnExercise, sample
from blattwerk.build.order.catalogue import broken_topics, catalogue, find
from blattwerk.build.order.stopping import stopping_its_sheet
from blattwerk.build.page.plain import plain
from blattwerk.build.page.view import Item, exercise_view
from blattwerk.errors import UnknownExercise
from blattwerk.vocabulary.demo import Demo, trained
from blattwerk.vocabulary.exercise import Difficulty
from blattwerk.vocabulary.language import DECIMAL_MARK, Lang


@dataclass(frozen=True)
class Demonstration:
    """A demo on the numbers that a build with this seed and without a class list has."""

    drawn: DrawnExercise
    mnist: str

    @property
    def name(self) -> str:
        """The demo's id."""
        return self._demo.id

    @property
    def steps(self) -> int:
        """How many steps the training reports."""
        return self._demo.steps

    @property
    def _demo(self) -> Demo[Any, Any]:
        return demo_of(find(self.drawn.exercise))

    def run(self, advance: Callable[[int], None] = lambda steps: None) -> Item:
        """Train; the exercise with its findings."""
        demo, setting = self._demo, setting_of(self.drawn, self.mnist)
        on_one_thread()
        with stopping_its_sheet(find(self.drawn.exercise), "its demo's training", PATIENCE):
            (findings,) = trained(demo, [setting], advance)
        return Item(self.drawn.instance(), self.drawn.parts, findings=findings)


def demonstration(name: str, seed: int, difficulty: Difficulty, mnist: str = "") -> Demonstration:
    """The demo with this id, or of the exercise with this id; raises UnknownExercise, with those that there are."""
    known = {exercise.demo: exercise for exercise in catalogue().values() if exercise.demo}
    for demo, exercise in known.items():
        if name.lower() in (str(demo).lower(), exercise.id):
            return Demonstration(sample(exercise.id, seed, difficulty), mnist)
    if any(broken.name == name for broken in broken_topics()):
        find(name)  # says what is wrong with it
    there = ", ".join(f"{demo} ({exercise.id})" for demo, exercise in sorted(known.items(), key=lambda e: str(e[0])))
    raise UnknownExercise(f"there is no demo '{name}'; there are {there}")


def as_text(item: Item, lang: Lang) -> str:
    """What was trained, the numbers by name, and the reading."""
    assert item.findings is not None
    view = exercise_view(1, item, lang, dict.fromkeys(item.figures(lang), "")).demo
    assert view is not None
    mark = DECIMAL_MARK[lang].strip("{}")
    width = max(map(len, item.findings.numbers))
    numbers = [f"{name:<{width}}  {str(value).replace('.', mark)}" for name, value in item.findings.numbers.items()]
    return "\n\n".join([plain(view.about, lang), "\n".join(numbers), plain(view.reading, lang)])


def write_figure(item: Item, lang: Lang, path: Path) -> Path:
    """The figure as a picture of 160 dots an inch, with its text alternative in the picture's data."""
    figure = item.figures(lang)["demo"]
    write_whole(path, figures.png(figure))
    return path
