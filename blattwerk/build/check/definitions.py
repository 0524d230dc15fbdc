"""Definitions are no way round a check: a symbol has one, that of the question, and never one against a derivation."""

import re
from collections.abc import Iterator, Mapping

from blattwerk.build.check.complaint import Case, Objection, of_one_instance
from blattwerk.build.check.pieces import view_of
from blattwerk.build.check.places import place_of_block
from blattwerk.build.check.signs import signs
from blattwerk.build.order.parts import placed
from blattwerk.build.page.accounts import accounting, regions
from blattwerk.vocabulary.language import LANGUAGES

_FORMULA = re.compile(r"\\\((.*?)\\\)|\\\[(.*?)\\\]|\\begin\{align\*\}(.*?)\\end\{align\*\}", re.DOTALL)
_UNSEEN = re.compile(r"\s|&|\\displaystyle|\\left(?![a-z])|\\right(?![a-z])|\\[,;:! ]|\\\\\*?|\\tag\*\{.*?\}$")
_SEPARATED = re.compile(r"[.,;]?\s*\\q?quad\b")
_END = re.compile(r"[.,;]\s*$")


@of_one_instance
def definitions_agree(case: Case) -> Iterator[Objection]:
    """What is marked as a definition is the symbol's only one, agrees with the question and with every derivation."""
    one, parts = case.instance(), placed(case.topic.exercise, case.difficulty)
    for lang in LANGUAGES:
        with accounting() as ledger:
            view = view_of(one, parts, lang)
        for part in view.parts:
            given = _equations(view.intro + "\n" + part.question)
            found: dict[str, set[str]] = {}
            proven: dict[str, set[str]] = {}
            for region in regions(part.solution, ledger):
                kind = region.entry.kind if region.entry else "typed"
                into = found if kind == "defined" else proven if kind in ("chain", "answer") else {}
                for symbol, values in _equations(region.text).items():
                    into.setdefault(symbol, set()).update(values)
            for symbol, message in _disagreements(found, given, proven):
                place = place_of_block(case.topic, lang, f"{part.id}_solution")
                yield place, f"the definition of '{symbol}' {message}"


def _disagreements(
    found: Mapping[str, set[str]], given: Mapping[str, set[str]], proven: Mapping[str, set[str]]
) -> Iterator[tuple[str, str]]:
    for symbol, values in found.items():
        if len(values) > 1:
            yield symbol, f"is not the only one: {' and '.join(sorted(values))}; give each value a name of its own"
        elif symbol in given and not values <= given[symbol]:
            yield symbol, f"says {', '.join(values)}, the question {' or '.join(sorted(given[symbol]))}"
        elif symbol in proven and not values <= proven[symbol]:
            yield symbol, f"says {', '.join(values)}, a derivation {' or '.join(sorted(proven[symbol]))}"


def _equations(tex: str) -> dict[str, set[str]]:
    """What stands at the left of an equals sign in any formula, and all that stands behind it."""
    result: dict[str, set[str]] = {}
    for formula in _FORMULA.finditer(tex):
        for equation in _SEPARATED.split(next(filter(None, formula.groups()))):
            left, *values = _sides(f"\\({equation}\\)")
            if values:
                result.setdefault(left, set()).update(values)
    return result


def _sides(formula: str) -> Iterator[str]:
    """The terms of an equation, without what is not seen on paper; of what is none, the first alone."""
    found = list(signs(formula))
    if any(sign.sign != "=" for sign in found[:1]):
        found = []
    at = 2
    for sign in found:
        yield _bare(formula[at : sign.position])
        at = sign.position + len(sign.sign)
    yield _bare(formula[at:-2])


def _bare(tex: str) -> str:
    return _UNSEEN.sub("", _END.sub("", tex))
