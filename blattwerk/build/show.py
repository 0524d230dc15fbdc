"""One exercise for the terminal and for machines."""

import re
from functools import cache
from itertools import accumulate
from typing import Any

from pylatexenc.latex2text import LatexNodes2Text, MacroTextSpec, get_default_latex_context_db
from pylatexenc.latexwalker import LatexWalker
from pylatexenc.latexwalker import get_default_latex_context_db as get_walker_db
from pylatexenc.macrospec import MacroSpec

from blattwerk.build.codec import to_json
from blattwerk.build.notebooks.cells import has_notebook
from blattwerk.build.page.view import ExerciseView, Item, counted_points, exercise_view, placed
from blattwerk.build.page.words import words
from blattwerk.build.proof.prove import comparisons, drawn
from blattwerk.build.store.manifest import answer_record
from blattwerk.generators import catalogue, find
from blattwerk.vocabulary.derivation import verify_all
from blattwerk.vocabulary.draws import Draws
from blattwerk.vocabulary.exercise import DIFFICULTIES, Difficulty, Instance, Lang


def listing() -> list[dict[str, Any]]:
    """The catalogue as JSON values."""
    return [
        {
            "id": exercise.id,
            "title": {"en": exercise.title.en, "de": exercise.title.de},
            "parts": [
                {"id": p.id, "kind": p.kind, "points": p.points, "difficulties": list(p.difficulties)}
                for p in exercise.parts
            ],
            "difficulties": list(DIFFICULTIES),
            "demo": exercise.demo,
            "notebook": has_notebook(exercise.id),
            "offers": exercise.offers,
        }
        for exercise in catalogue().values()
    ]


def instance(exercise_id: str, seed: int, difficulty: Difficulty) -> Instance:
    """The instance that a build with this seed and without a class list has."""
    return drawn(find(exercise_id), Draws(b"", seed, f"seed-{seed}", exercise_id), difficulty)


def as_json(one: Instance) -> dict[str, Any]:
    """Params, answers and checks of an instance."""
    relations = verify_all(one.derivations)
    return {
        "exercise": one.exercise.id,
        "difficulty": one.difficulty,
        "params": to_json(one.params),
        "answers": {a.name: answer_record(a).model_dump(include={"part", "exact", "decimal"}) for a in one.answers},
        "checks": {
            "oracles": {
                oracle: [{"what": c.what, "agrees": c.agrees, "detail": c.detail} for c in said]
                for oracle, said in comparisons(one).items()
            },
            "relations": {"checked": relations.checked, "cited": relations.cited},
        },
    }


def as_text(one: Instance, lang: Lang, solution: bool) -> str:
    """The exercise as plain text with Unicode for the mathematics."""
    item = Item(one, placed(one), hints=True)
    view = exercise_view(1, item, lang, dict.fromkeys(one.figures, ""))
    pieces = [f"{view.title} ({plain(counted_points(item.points, lang), lang)})", plain(view.intro, lang)]
    pieces += [f"[{words(lang).figure}: {figure.alt[lang]}]" for figure in one.figures.values()]
    pieces += _parts(view, lang, solution)
    return "\n\n".join(piece for piece in pieces if piece)


def _parts(view: ExerciseView, lang: Lang, solution: bool) -> list[str]:
    pieces = []
    for part in view.parts:
        pieces.append(f"{part.letter}) {plain(part.question, lang)} ({plain(part.points, lang)})")
        if solution:
            pieces += [f"{words(lang).solution}:", plain(part.solution, lang), plain(part.rubric, lang)]
        else:
            pieces.append(f"{words(lang).hint} {plain(part.hint, lang)}")
    return pieces


def plain(tex: str, lang: Lang) -> str:
    """TeX as text; displayed equations keep a line for each step."""
    text = _converter().latex_to_text(_prepared(tex, lang))
    lines = [" ".join(line.split()) for line in text.splitlines()]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


# What the converter does not know, in words that it does.
REPLACEMENTS = (
    (r"\\begin\{marking\}\{(.*?)\}", r"\n\n\1"),
    (r"\\end\{marking\}|\\spaciousrows|\\!|\\includegraphics\{[^}]*\}|\\displaystyle", ""),
    (r"\\item\[\\\((.*?)\\\)\]", r"\n[\1] "),
    (r"\\tag\*\{\\reason\{(.*)\}\}", r"\\quad [\1]"),
    (r"\\\\\*", r"\\\\"),
    (r"\\\|", "‖"),
    (r"\\ne(?![a-z])", r"\\neq"),
    (r"\{,\}", ","),
    (r"\\[dt]frac(?![a-z])", r"\\frac"),
    (r"\\colon(?![a-z])", ":"),
    (r"\\binom\{([^{}]*)\}\{([^{}]*)\}", r"(\1 choose \2)"),
    (r"([_^])\{(?!\\[a-z]+\})([^{}]*[^\w{}][^{}]*)\}", r"\1{(\2)}"),  # h_(i-1), not h_i-1
    (r"(?<=[\w)}]) *\\(log|exp|det|frac)(?![a-z])", r"\\ \\\1"),
    (r"\\(log|exp|det)\\", r"\\\1 \\"),
    (r"\\,", " "),
    (r"(\\(?:log|det|exp)(?:_\{?\d\}?)?) *\\frac", r"\1\\bracketedfrac"),
)


QUOTED: dict[Lang, str] = {"en": r"“\1”", "de": r"„\1“"}


def _prepared(tex: str, lang: Lang) -> str:
    tex = _unboxed(tex)
    for pattern, replacement in ((r"\\enquote\{([^{}]*)\}", QUOTED[lang]), *REPLACEMENTS):
        tex = re.sub(pattern, replacement, tex)
    return tex


def _unboxed(tex: str) -> str:
    """Boxed results as paragraphs of their own, behind an arrow."""
    start = tex.find("\\result{")
    if start < 0:
        return tex
    opening = start + len("\\result")
    depths = accumulate({"{": 1, "}": -1}.get(character, 0) for character in tex[opening:])
    end = opening + next(i for i, depth in enumerate(depths) if depth == 0)
    inner = tex[opening + 1 : end]
    return f"{tex[:start]}\n\n=> {inner}\n\n{_unboxed(tex[end + 1 :])}"


@cache
def _converter() -> LatexNodes2Text:
    reading, writing = get_walker_db(), get_default_latex_context_db()
    reading.add_context_category("blattwerk", macros=[MacroSpec("bracketedfrac", "{{")], prepend=True)
    macros = [
        MacroTextSpec("frac", simplify_repl=_fraction),
        MacroTextSpec("det", simplify_repl="det "),
        MacroTextSpec("bracketedfrac", simplify_repl=lambda node, l2tobj: f"({_fraction(node, l2tobj)})"),
        MacroTextSpec("sqrt", simplify_repl=lambda node, l2tobj: f"√({l2tobj.nodelist_to_text([node.nodeargs[-1]])})"),
    ]
    writing.add_context_category("blattwerk", macros=macros, prepend=True)
    return _Converter(latex_context=writing, math_mode="text", walker_context=reading)


class _Converter(LatexNodes2Text):  # type: ignore[misc]  # the library has no types
    """The library's converter, with a reader that knows our macros."""

    def __init__(self, walker_context: Any, **options: Any) -> None:
        super().__init__(**options)
        self._walker_context = walker_context

    def latex_to_text(self, latex: str, **parse_flags: Any) -> str:
        nodes = LatexWalker(latex, latex_context=self._walker_context, **parse_flags).get_latex_nodes()[0]
        return str(self.nodelist_to_text(nodes))


def _fraction(node: Any, l2tobj: Any) -> str:
    """a/b, with brackets around what is more than one number or name."""
    over, under = (l2tobj.nodelist_to_text([argument]).strip() for argument in node.nodeargs)
    return "/".join(text if re.fullmatch(r"[\w.,‖]+|\([^()]*\)", text) else f"({text})" for text in (over, under))
