"""From a proven exercise to its questions: each part one, and where mistakes have values, one more to choose from."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from blattwerk.build.export.phrases import Phrase, phrases_in
from blattwerk.build.export.questions import (
    FULL,
    NONE,
    Answering,
    ChoiceField,
    Cloze,
    Essay,
    MultipleChoice,
    NumberField,
    Numerical,
    Option,
    Question,
    place,
)
from blattwerk.build.export.scoring import FINEST, entries, exact, finite, number_field
from blattwerk.build.export.texts import Text, Writer, marked
from blattwerk.build.html.markup import Html, element, together
from blattwerk.build.order.stopping import of_exercise, stopping_its_sheet
from blattwerk.build.page.view import ExerciseView, Item, PartView, exercise_view, told_mistakes
from blattwerk.build.proof.prove import ProvenExercise
from blattwerk.errors import ProofFailure
from blattwerk.vocabulary.exercise import Answer, Part
from blattwerk.vocabulary.figures import file_name
from blattwerk.vocabulary.language import Lang, Localised, decimal_tex
from blattwerk.vocabulary.slips import on_paper

FEWEST = 2  # wrong ones to choose from


@dataclass(frozen=True)
class Place:
    """Where the questions of an exercise stand in the bank, and by what they are called.

    category  from the sheet down to the exercise
    id        of the sheet, the language, the student or variant, and the entry
    name      what stands before the letter of a part
    tags      of all of them
    """

    category: tuple[str, ...]
    id: str
    name: str
    tags: tuple[str, ...]


def questions(
    one: ProvenExercise, number: int, lang: Lang, where: Place, wording: Mapping[str, Localised] = {}
) -> tuple[Question, ...]:
    """The questions of an exercise, `wording` other words for some; raises a SheetFailure where one cannot be made."""
    item = Item(one.instance, one.drawn.parts, one.drawn.hints, wording=wording)
    exercise = one.instance.exercise
    with of_exercise(one.drawn.key, one.drawn.difficulty), stopping_its_sheet(exercise, "its export"):
        figures = {file_name(figure): figure for figure in item.figures(lang).values()}
        view = exercise_view(number, item, lang, {name: file_name(f) for name, f in item.figures(lang).items()})
        writer = Writer(lang, figures, f"{exercise.id}, {lang}")
        asked = [
            _Asked(item, part.part, shown, view, writer, where, lang)
            for part, shown in zip(item.parts, view.parts, strict=True)
        ]
        return tuple(question for part in asked for question in part.questions())


@dataclass(frozen=True)
class _Asked:
    """One part on its way."""

    item: Item
    part: Part
    shown: PartView
    view: ExerciseView
    writer: Writer
    where: Place
    lang: Lang

    @property
    def phrase(self) -> Phrase:
        return phrases_in(self.lang)

    @property
    def answers(self) -> tuple[Answer, ...]:
        return tuple(answer for answer in self.item.instance.answers if answer.part == self.part.id)

    def questions(self) -> Iterator[Question]:
        """The question of the part, and one to choose from."""
        computed = self.part.kind == "compute" and bool(self.answers)
        if computed and all(answer.places <= FINEST for answer in self.answers):
            yield self._question(*self._typed(), "")
        else:
            yield self._question(Essay(marked(self.writer, self.shown.rubric)), Text(), "")
        if computed and (chosen := self._to_choose()):
            yield self._question(*chosen, "choice")

    def _question(self, answering: Answering, below: Text, kind: str) -> Question:
        category = (*self.where.category, self.phrase.choice) if kind else self.where.category
        points = next(placed.points for placed in self.item.parts if placed.part.id == self.part.id)
        name = f"{self.where.name}{self.shown.letter}) {self.view.title}"
        asked = self.writer.text(self.view.intro) + self.writer.text(self.shown.question) + below
        return Question(
            category,
            "-".join(filter(None, (self.where.id, self.part.id, kind))),
            f"{name} ({self.phrase.choice})" if kind else name,
            asked,
            answering,
            points,
            self.writer.text(self.shown.solution),
            (*self.where.tags, self.part.id, self.phrase.choice if kind else self.phrase.kinds[self.part.kind]),
            (self.writer.text(self.shown.hint),) if self.shown.hint and not isinstance(answering, Essay) else (),
        )

    def _typed(self) -> tuple[Numerical | Cloze, Text]:
        """The fields of the part's answers, and what stands around them."""
        places = sorted({answer.places for answer in self.answers if not _whole(answer)})
        advice = self.phrase.type_numbers(places)
        alone = self.answers[0]
        if len(self.answers) == 1 and not isinstance(alone.value.value(), tuple) and finite(alone.value.value()):
            (field,) = self._fields(alone)
            assert isinstance(field, NumberField)
            wanted = together(self.writer.formula(f"{alone.symbol} ={{}}"), " …") if alone.symbol else Html("")
            return Numerical(field), _paragraphs(wanted, together(advice))
        fields: list[NumberField | ChoiceField] = []
        blocks = []
        for answer in self.answers:
            own = self._fields(answer)
            blocks.append(self._around(answer, len(fields)))
            fields += own
        return Cloze(tuple(fields)), Text(Html("\n".join((*blocks, element("p", advice)))))

    def _fields(self, answer: Answer) -> tuple[NumberField | ChoiceField, ...]:
        """A field for each number of an answer."""
        wrong = [(entries(other.value.value()), told) for other, told in self._mistakes(answer)]
        right = entries(answer.value.value())
        return tuple(
            number_field(
                number,
                answer.places,
                [(numbers[i], told) for numbers, told in wrong if len(numbers) == len(right)],
                Text(together(self.phrase.nearly)),
            )
            if finite(number)
            else self._infinite(number)
            for i, number in enumerate(right)
        )

    def _infinite(self, number: Any) -> ChoiceField:
        sign = "-" if number < 0 else ""
        return ChoiceField(
            (
                Option(Text(self.writer.formula(f"{sign}\\infty")), FULL),
                Option(Text(together(self.phrase.finite)), NONE),
            )
        )

    def _around(self, answer: Answer, first: int) -> Html:
        """The places of an answer's fields: behind its symbol, as a list or as a table."""
        value = answer.value.value()
        name = together(self.writer.formula(f"{answer.symbol} ={{}}"), " ") if answer.symbol else Html("")
        if not isinstance(value, tuple):
            return element("p", name, place(first))
        if not any(isinstance(entry, tuple) for entry in value):
            marks = [Html(place(first + i)) for i in range(len(value))]
            return element("p", name, "( ", Html(" ;  ".join(marks)), " )")
        rows, at = [], first
        for entry in value:
            row = entries(entry)
            rows.append(element("tr", *(element("td", place(at + i)) for i in range(len(row)))))
            at += len(row)
        return Html(f"{element('p', name)}\n{element('table', element('tbody', *rows))}")

    def _mistakes(self, answer: Answer) -> Iterator[tuple[Answer, Text]]:
        """What usual mistakes make of an answer, with their words."""
        for key, wrong in self.item.instance.slips.items():
            for other in wrong.changed if wrong and key in self._words else ():
                if other.name == answer.name and other.part == self.part.id:
                    yield other, self._words[key]

    @cached_property
    def _words(self) -> Mapping[str, Text]:
        """The words for each usual mistake of the part."""
        told = told_mistakes(self.item, self.part.id, self.lang)
        return {key: self._said(words) for key, words in told.items()}

    def _said(self, words: str) -> Text:
        return replace(self.writer.line(words), html=together(self.phrase.mistake, " ", self.writer.line(words).html))

    def _to_choose(self) -> tuple[MultipleChoice, Text] | None:
        """The answer that most mistakes change, with what they make of it; None where there are too few."""
        found = [(answer, tuple(self._distractors(answer))) for answer in self.answers]
        answer, wrong = max(found, key=lambda pair: len(pair[1]))
        if len(wrong) < FEWEST:
            return None
        right = Option(Text(self._formula(answer)), FULL)
        shown = [on_paper(answer), *(on_paper(other) for other, _ in wrong)]
        if len(set(shown)) < len(shown):
            raise ProofFailure(f"{self.part.id}: two of the values to choose from look the same: {shown}")
        options = (right, *(Option(Text(self._formula(other)), NONE, told) for other, told in wrong))
        return MultipleChoice(options), _paragraphs(self.writer.formula(f"{answer.symbol} ={{}}"), Html(""))

    def _distractors(self, answer: Answer) -> Iterator[tuple[Answer, Text]]:
        """Wrong values that differ from the right one and from each other by more than the last place."""
        unit = 10**-answer.places
        seen = [answer]
        for other, told in self._mistakes(answer):
            if all(_apart(other, known, unit) for known in seen):
                seen.append(other)
                yield other, told

    def _formula(self, answer: Answer) -> Html:
        value = answer.value.value()
        shown = isinstance(value, tuple) or not finite(value) or _whole(answer)
        tex = answer.value.tex(self.lang) if shown else decimal_tex(value, answer.places, self.lang)
        return self.writer.formula(tex)


def _whole(answer: Answer) -> bool:
    """Whether an answer is made of whole numbers, which are not rounded."""
    return all(finite(one) and exact(one, answer.places) % 1 == 0 for one in entries(answer.value.value()))


def _apart(one: Answer, other: Answer, unit: float) -> bool:
    """Whether two values look different, at whatever place they are cut off."""
    these, those = entries(one.value.value()), entries(other.value.value())
    if len(these) != len(those):
        return True
    return any(
        finite(a) != finite(b) or (finite(a) and abs(exact(a, one.places) - exact(b, one.places)) > unit)
        for a, b in zip(these, those, strict=True)
    )


def _paragraphs(*lines: Html) -> Text:
    return Text(Html("\n".join(element("p", line) for line in lines if line)))
