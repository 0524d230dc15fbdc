"""One exercise for the terminal and for machines."""

from typing import Any

from blattwerk.build.codec import to_json
from blattwerk.build.numbers import DrawnExercise
from blattwerk.build.order.catalogue import whole_catalogue
from blattwerk.build.order.stopping import stopping_its_sheet
from blattwerk.build.page.plain import plain
from blattwerk.build.page.view import ExerciseView, Item, counted_points, exercise_view
from blattwerk.build.page.words import words
from blattwerk.build.proof.hearing import comparisons
from blattwerk.build.proof.prove import prove
from blattwerk.errors import ProofFailure
from blattwerk.vocabulary.derivation import verify_all
from blattwerk.vocabulary.exercise import DIFFICULTIES, Instance
from blattwerk.vocabulary.language import Lang


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
            "notebook": topic.has_notebook(),
            "offers": exercise.offers,
        }
        for topic in whole_catalogue().topics.values()
        for exercise in (topic.exercise,)
    ]


def as_json(drawn: DrawnExercise) -> dict[str, Any]:
    """Params, answers and checks of an instance."""
    with stopping_its_sheet(drawn.instance().exercise, "the solver"):
        return _as_json(drawn)


def _as_json(drawn: DrawnExercise) -> dict[str, Any]:
    from blattwerk.build.store.records import answer_record  # brings the models of all records

    one = drawn.instance()
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


def as_text(drawn: DrawnExercise, lang: Lang, solution: bool) -> str:
    """The exercise as plain text with Unicode for the mathematics; a solution that is not proven says so first."""
    one = drawn.instance()
    unproven = _unproven(one, lang) if solution else ""
    item = Item(one, drawn.parts, drawn.hints)
    view = exercise_view(1, item, lang, dict.fromkeys(item.figures(lang), ""))
    pieces = [unproven, f"{view.title} ({plain(counted_points(item.points, lang), lang)})", plain(view.intro, lang)]
    pieces += [f"[{words(lang).figure}: {figure.alt[lang]}]" for figure in one.figures.values()]
    pieces += _parts(view, lang, solution)
    return "\n\n".join(piece for piece in pieces if piece)


def _unproven(one: Instance, lang: Lang) -> str:
    """What stands above a solution that nobody may rely on; nothing if it is proven."""
    try:
        prove(one)
    except ProofFailure as failure:
        return f"{words(lang).unproven}: {failure}"
    return ""


def _parts(view: ExerciseView, lang: Lang, solution: bool) -> list[str]:
    pieces = []
    for part in view.parts:
        pieces.append(f"{part.letter}) [{part.id}] {plain(part.question, lang)} ({plain(part.points, lang)})")
        if solution:
            pieces += [f"{words(lang).solution}:", plain(part.solution, lang), plain(part.rubric, lang)]
        else:
            pieces.append(f"{words(lang).hint} {plain(part.hint, lang)}")
    return pieces
