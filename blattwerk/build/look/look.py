"""An instance with all that follows from it: what the live page shows, and what Python's users get."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from blattwerk.build.job import Kind
from blattwerk.build.look.lights import Lights, SeenAnswer, SeenMistake, lights, seen_mistakes
from blattwerk.build.look.pages import fragment, in_notebook, whole_page
from blattwerk.build.numbers import DrawnExercise, sample
from blattwerk.build.order import options
from blattwerk.build.order.catalogue import catalogue
from blattwerk.build.order.stopping import stopping_its_sheet
from blattwerk.build.page.view import Item
from blattwerk.errors import InputError
from blattwerk.vocabulary.demo import Findings
from blattwerk.vocabulary.exercise import DIFFICULTIES, Difficulty, Instance
from blattwerk.vocabulary.language import LANGUAGES, Lang, Localised
from blattwerk.vocabulary.oracles import Comparison

LARGEST_SEED = 10**18


@dataclass(frozen=True)
class Topic:
    """What the catalogue says of a topic.

    parts         the ids of its parts
    difficulties  those at which it is drawn
    demo          the id of its training demo, or empty
    """

    id: str
    title: Mapping[Lang, str]
    parts: tuple[str, ...]
    difficulties: tuple[Difficulty, ...]
    demo: str


def topics() -> tuple[Topic, ...]:
    """All topics that can be drawn, in alphabetical order."""
    return tuple(
        Topic(
            one.id,
            {lang: one.title[lang] for lang in LANGUAGES},
            tuple(part.id for part in one.parts),
            DIFFICULTIES,
            one.demo or "",
        )
        for one in catalogue().values()
    )


@dataclass(frozen=True)
class DrawnInstance:
    """An exercise with the numbers of one seed.

    id, seed, difficulty  what was asked for
    lang                  the language in which it shows itself
    params                the numbers that were drawn, with the names of the topic's `Params`
    """

    id: str
    seed: int
    difficulty: Difficulty
    lang: Lang
    _drawn: DrawnExercise = field(repr=False)
    _findings: Findings | None = field(default=None, repr=False)
    _number: int = field(default=1, repr=False)
    _wording: Mapping[str, Localised] = field(default_factory=dict, repr=False)

    @cached_property
    def _instance(self) -> Instance:
        instance = self._drawn.instance()
        with stopping_its_sheet(instance.exercise, "the solver"):
            _ = instance.answers
        return instance

    @cached_property
    def _lights(self) -> Lights:
        return lights(self._instance)

    @property
    def params(self) -> Any:
        """The numbers that were drawn: a frozen value of the topic's class `Params`."""
        return self._drawn.params

    @property
    def title(self) -> str:
        """What the exercise is called, in the language of the instance."""
        return self.exercise_title(self.lang)

    def exercise_title(self, lang: Lang) -> str:
        """What the exercise is called."""
        return self._instance.exercise.title[lang]

    @property
    def answers(self) -> Mapping[str, SeenAnswer]:
        """The answers by name: exact and decimal, and who confirms each."""
        return {answer.name: answer for answer in self._lights.answers}

    @property
    def proofs(self) -> Mapping[str, tuple[Comparison, ...]]:
        """By the oracle's name, what it compared: `what`, `agrees`, `detail`."""
        return self._lights.oracles

    @property
    def claims(self) -> Mapping[str, bool]:
        """By name, whether a sentence of the solution that depends on the numbers holds."""
        return self._lights.claims

    @property
    def relations(self) -> Mapping[str, int]:
        """How many displayed relations were checked, and how many are cited from a source."""
        found = self._lights.relations
        return {"checked": found.checked, "cited": found.cited} if found else {}

    @property
    def why_unproven(self) -> str:
        """Why nobody should rely on the solution; empty where it is proven."""
        return self._lights.why

    @property
    def proven(self) -> bool:
        """Whether all oracles, derivations and claims agree, as they have to before a sheet is printed."""
        return not self._lights.why

    @cached_property
    def mistakes(self) -> Mapping[str, SeenMistake]:
        """The usual mistakes by name, each with the answers that it leads to on these numbers."""
        with stopping_its_sheet(self._instance.exercise, "the solver"):
            return {mistake.name: mistake for mistake in seen_mistakes(self._instance)}

    @property
    def question(self) -> str:
        """The question as a fragment of HTML with MathML."""
        return self.html("questions")

    @property
    def solution(self) -> str:
        """The solution as a fragment of HTML with MathML."""
        return self.html("solutions")

    @property
    def marking(self) -> str:
        """The solution with points and usual mistakes, as a tutor gets it, as a fragment of HTML with MathML."""
        return self.html("marking")

    def html(self, kind: Kind = "questions", lang: Lang | None = None) -> str:
        """The questions, solutions or marking as a fragment of HTML, in this language or in the instance's own."""
        item = Item(self._instance, self._drawn.parts, self._drawn.hints, self._findings, self._wording)
        return fragment(self._number, item, lang or self.lang, kind)

    def page(self, kind: Kind = "questions", lang: Lang | None = None) -> str:
        """The same as a whole page of HTML, to be written into a file."""
        wanted = lang or self.lang
        return whole_page(self.exercise_title(wanted), self.html(kind, wanted), wanted)

    def _repr_html_(self) -> str:
        """How a notebook shows it: the question, and the solution folded away below it."""
        return in_notebook(self.question, self.solution, self.lang)


def draw(id: str, *, seed: int, difficulty: Difficulty = "standard", lang: Lang = "en") -> DrawnInstance:
    """Draw an exercise: the numbers that `blattwerk show` and a build without a class list have for this seed.

    Raises InputError for a seed, difficulty or language that there is not, UnknownExercise for an id that there is not,
    and a SheetFailure where the topic's own code breaks down.
    """
    if isinstance(seed, bool) or not isinstance(seed, int) or not 0 <= seed <= LARGEST_SEED:
        raise InputError(f"seed={seed!r} is not allowed; use a whole number from 0 to {LARGEST_SEED}")
    return looked_at(sample(id, seed, options.difficulty(difficulty)), seed, options.languages(lang)[0])


def looked_at(
    drawn: DrawnExercise,
    seed: int,
    lang: Lang = "en",
    findings: Findings | None = None,
    number: int = 1,
    wording: Mapping[str, Localised] = {},
) -> DrawnInstance:
    """The look at numbers that were drawn elsewhere, for a sheet, say; `wording` are other questions, by part."""
    return DrawnInstance(drawn.exercise, seed, drawn.difficulty, lang, drawn, findings, number, wording)
