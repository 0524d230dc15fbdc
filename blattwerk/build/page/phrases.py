"""What a template can call: derivations, results, rubrics, figures and tables, for one exercise in one language."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from blattwerk.build.order.parts import Placed
from blattwerk.build.page.accounts import Kind, accounted, box, chain, formula_of, typed
from blattwerk.build.page.escape import Tex
from blattwerk.build.page.layout import displayed, in_line
from blattwerk.build.page.points import cost, points_tex, share
from blattwerk.build.page.templating import printed
from blattwerk.build.page.values import exact_and_decimal, symbol, wrong_values
from blattwerk.build.page.words import words
from blattwerk.errors import TemplateFailure
from blattwerk.vocabulary.derivation import Derivation
from blattwerk.vocabulary.exercise import Answer, Instance
from blattwerk.vocabulary.language import Lang
from blattwerk.vocabulary.slips import Wrong


class ByName(dict[str, Any]):
    """A mapping whose entries a template reads as attributes; an unknown name is an error that lists the known ones."""

    def __getattr__(self, name: str) -> Any:
        if name in self:
            return self[name]
        raise AttributeError(f"no '{name}' among {', '.join(sorted(self))}")


@dataclass(frozen=True)
class Phrases:
    """The functions that the templates of one exercise see, for one of its parts (or its introduction)."""

    instance: Instance
    lang: Lang
    placed: Mapping[str, Placed]
    figure_files: Mapping[str, str]
    current: Placed | None = None

    def context(self) -> dict[str, Any]:
        """Everything that stands in a template's name space."""
        functions: tuple[Callable[..., Any], ...] = (
            self.steps,
            self.inline,
            self.result,
            self.defined,
            self.assumed,
            self.mistaken,
            self.cited,
            self.claim,
            self.boxed,
            self.rubric,
            self.mistakes,
            self.figure,
            self.table,
            self.letter,
            self.shown,
        )
        return {
            "params": self.instance.params,
            "solution": self.instance.solution,
            "values": self.instance.values,
            "difficulty": self.instance.difficulty,
            "derivations": ByName(self.instance.derivations),
            "answers": ByName({answer.name: answer for answer in self.instance.answers}),
        } | {function.__name__: function for function in functions}

    def steps(self, derivation: Derivation, **reasons: str | tuple[Any, ...]) -> Tex:
        """A derivation, displayed; the keywords are the words for its reasons, or pieces of them."""
        common = words(self.lang).reasons
        used = {step.reason for step in derivation.steps if step.reason}
        _agree(f"steps from {derivation.start}", used - set(common), set(reasons) - (used & set(common)))
        pieces = {key: (text if isinstance(text, tuple) else (text,)) for key, text in (common | reasons).items()}
        told = {key: typed(self._joined(pieces[key])) for key in sorted(used)}
        return accounted(chain(derivation), displayed(derivation, told, self.lang))

    def inline(self, what: Derivation | Answer, big: bool = False) -> Tex:
        """A derivation, or an answer under its symbol, within a sentence; `big` as in a display."""
        style = "\\displaystyle " if big else ""
        if isinstance(what, Derivation):
            return accounted(chain(what), Tex(f"\\({style}{in_line(what, self.lang)}\\)"))
        return accounted(box(what.name), Tex(f"\\({style}{symbol(what)} = {exact_and_decimal(what, self.lang)}\\)"))

    def defined(self, *pieces: Any, display: bool = False) -> Tex:
        """Mathematics that says what a symbol stands for, or that repeats what the question gives."""
        return self._formula("defined", pieces, display)

    def assumed(self, *pieces: Any, display: bool = False) -> Tex:
        """Mathematics that is assumed: a condition, a case, a range."""
        return self._formula("assumed", pieces, display)

    def mistaken(self, *pieces: Any, display: bool = False) -> Tex:
        """Mathematics that is false on purpose: what a mistake would say."""
        return self._formula("mistaken", pieces, display)

    def cited(self, *pieces: Any, source: str = "", display: bool = False) -> Tex:
        """Mathematics that only a theorem gives; the source stands behind it."""
        if not source:
            raise TemplateFailure('a citation names its source: cited("...", source="Author, Title, year")')
        return Tex(f"{self._formula('cited', pieces, display)} ({source})")

    def _formula(self, kind: Kind, pieces: tuple[Any, ...], display: bool) -> Tex:
        formula = self._joined(pieces)
        tex = Tex(f"\\[\n  {formula}\n\\]" if display else f"\\({formula}\\)")
        return accounted(formula_of(kind, formula), tex)

    def _joined(self, pieces: tuple[Any, ...]) -> str:
        """Pieces of TeX (the strings of a template) and values side by side."""
        return "".join(piece if isinstance(piece, str) else printed(piece, self.lang) for piece in pieces)

    def result(self, answer: Answer) -> Tex:
        """An answer in a box: its symbol, its exact form, and its decimal value where that says more."""
        return Tex(f"\\result{{{self.inline(answer, big=True)}}}")

    def boxed(self, caller: Callable[[], str]) -> Tex:
        """A result in words, in a box: <% call boxed() %> ... <% endcall %>."""
        return Tex(f"\\result{{{caller().strip()}}}")

    def claim(self, name: str, caller: Callable[[], str]) -> Tex:
        """A sentence that is true of these numbers: <% call claim("falls") %> ... <% endcall %>."""
        claims = self.instance.claims
        if name not in claims:
            raise TemplateFailure(f"no claim '{name}' among {', '.join(sorted(claims)) or 'none'}")
        return Tex(caller())

    def rubric(self, **texts: str) -> Tex:
        """The marking scheme of the current part: the words for each step; the points come from the sheet."""
        placed = self._current()
        _agree(f"rubric of part '{placed.part.id}'", set(placed.part.rubric), set(texts))
        shares = share(placed.points, placed.part.rubric)
        return self._marking(words(self.lang).rubric, ((shares[key], texts[key]) for key in placed.part.rubric), "")

    def mistakes(self, **texts: str) -> Tex:
        """The usual mistakes of the current part, with what each costs, and the value that it leads to.

        A mistake that cannot be told from the right solution on these numbers is left out.
        """
        placed = self._current()
        _agree(f"mistakes of part '{placed.part.id}'", set(placed.part.mistakes), set(texts))
        wrong = self.instance.slips
        told = {key: texts[key] for key in placed.part.mistakes if wrong.get(key, True)}
        costs = (
            (cost(placed.points, placed.part.points, placed.part.mistakes[key]), text + self._gives(wrong.get(key)))
            for key, text in told.items()
        )
        return self._marking(words(self.lang).mistakes, costs, "-") if told else Tex("")

    def _gives(self, wrong: Wrong | None) -> str:
        """The values that a mistake leads to, in brackets, if it has any."""
        return f" ({words(self.lang).gives} {wrong_values(wrong, self.lang)})" if wrong else ""

    def _marking(self, title: str, items: Iterable[tuple[Fraction, str]], sign: str) -> Tex:
        rows = "\n".join(f"\\item[\\({sign}{points_tex(points, self.lang)}\\)] {text}" for points, text in items)
        return Tex(f"\\begin{{marking}}{{{title}}}\n{rows}\n\\end{{marking}}")

    def figure(self, name: str) -> Tex:
        """A figure of the exercise, centred, in its own size."""
        if name not in self.figure_files:
            raise TemplateFailure(f"no figure '{name}' among {', '.join(sorted(self.figure_files)) or 'none'}")
        return Tex(f"\\begin{{center}}\\includegraphics{{{self.figure_files[name]}}}\\end{{center}}")

    def table(self, columns: str, head: Sequence[Any], rows: Iterable[Sequence[Any]]) -> Tex:
        """A table with rules above, below, and under its head; `columns` as for tabular."""
        body = "\n".join(map(self._row, rows))
        return Tex(
            f"\\begin{{center}}\n\\begin{{tabular}}{{@{{}}{columns}@{{}}}}\n\\toprule\n{self._row(head)}\n\\midrule\n"
            f"{body}\n\\bottomrule\n\\end{{tabular}}\n\\end{{center}}"
        )

    def _row(self, cells: Sequence[Any]) -> str:
        return " & ".join(map(self._cell, cells)) + " \\\\"

    def _cell(self, value: Any) -> str:
        """A string of a template is TeX; a value, or what a filter has made of one, is a number in math mode."""
        plain = isinstance(value, str) and not isinstance(value, Tex)
        return str(value) if plain else f"\\({printed(value, self.lang)}\\)"

    def letter(self, part: str) -> Tex:
        """The letter under which another part stands on this sheet, with its bracket."""
        if part not in self.placed:
            there = ", ".join(self.placed)
            raise TemplateFailure(f"part '{part}' does not stand on this sheet, but {there}; ask shown(...) first")
        return Tex(f"{self.placed[part].letter})")

    def shown(self, part: str) -> bool:
        """Whether another part stands on this sheet."""
        return part in self.placed

    def _current(self) -> Placed:
        if self.current is None:
            raise TemplateFailure("marking schemes and usual mistakes stand in the blocks of a part, not in the intro")
        return self.current


def _agree(where: str, expected: set[str], given: set[str]) -> None:
    """Raise TemplateFailure unless the keys agree."""
    missing, surplus = sorted(expected - given), sorted(given - expected)
    if missing or surplus:
        texts = ((f"no words for {', '.join(missing)}", missing), (f"words without use: {', '.join(surplus)}", surplus))
        raise TemplateFailure(f"{where}: " + "; ".join(text for text, there in texts if there))
