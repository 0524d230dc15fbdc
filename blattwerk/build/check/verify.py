"""Trying an exercise many times: are all instances proven, how different are they, how long does it take?"""

import statistics
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from blattwerk.build.check.instances import instances
from blattwerk.build.check.relations import Relations, counted
from blattwerk.build.check.sizes import Size, quantiles, shown, size
from blattwerk.build.numbers import params_of, sample_draws
from blattwerk.build.order.catalogue import find
from blattwerk.build.order.parts import placed
from blattwerk.build.order.stopping import stopping_its_sheet
from blattwerk.build.proof.prove import prove
from blattwerk.errors import DrawExhausted, SheetFailure
from blattwerk.vocabulary.draws import Corners, Draws
from blattwerk.vocabulary.exercise import Difficulty, Instance
from blattwerk.vocabulary.language import LANGUAGES, Lang
from blattwerk.vocabulary.terms import MP

PAGE = 10  # the page is rendered and read for every tenth seed


@dataclass(frozen=True)
class Trial:
    """One exercise at one difficulty, tried with many seeds."""

    exercise: str
    difficulty: Difficulty
    runs: int
    corners: int  # of these runs, how many were made of the ends of the drawn ranges
    failures: tuple[str, ...]
    pages: int  # of these runs, on how many the relations of the solutions were counted, in each language
    relations: Relations  # on these pages together, in the first language
    unaccounted: Mapping[str, int]  # by language
    claims: int  # that were evaluated, in all runs
    distinct: int
    instances: str  # how many there are, as these runs show
    integers: tuple[
        int, ...
    ]  # the largest one that a student meets: its median over the runs, nine in ten, the largest
    denominators: tuple[int, ...]  # likewise
    mean_ms: float  # draw and solve, without oracles
    worst_ms: float
    proof_ms: float  # oracles and derivations, mean
    spread: dict[str, tuple[float, float]] = field(default_factory=dict)  # lowest and highest value of an answer

    def as_json(self) -> dict[str, Any]:
        """The trial as JSON values."""
        return {**self.__dict__, "relations": self.relations.as_json()}


def trial(exercise_id: str, difficulty: Difficulty, seeds: int) -> Trial:
    """Draw, solve and prove the exercise for the seeds 0..seeds-1, and at as many corners as a tenth of that.

    Failures are collected with the command that shows them. A corner that the draw does not admit is no failure.
    """
    exercise = find(exercise_id)
    failures: list[str] = []
    relations: dict[Lang, Relations] = dict.fromkeys(LANGUAGES, Relations())
    pages = claims = 0
    seen = set()
    drawn: list[Any] = []
    sizes: list[Size] = []
    displayed: set[str] = set()
    solving: list[float] = []
    proving: list[float] = []
    values: dict[str, list[float]] = {}
    for draws in _sources(exercise.id, seeds):
        start = time.perf_counter()
        try:
            instance = Instance(exercise, difficulty, params_of(exercise, draws, difficulty))
            with stopping_its_sheet(exercise, "the solver"):
                answers = instance.answers
            solved = time.perf_counter()
            prove(instance)
            proven = time.perf_counter()
            claims += len(instance.claims)
            if not isinstance(draws, Corners) and draws.seed % PAGE == 0:
                relations, pages = _with_page(relations, instance), pages + 1
                displayed |= shown(instance)
        except DrawExhausted as error:
            if not isinstance(draws, Corners):
                failures.append(str(error))
            continue
        except SheetFailure as error:
            where = "a corner" if isinstance(draws, Corners) else "show"
            failures.append(f"{error} ({where} {exercise_id} --seed {draws.seed} --difficulty {difficulty})")
            continue
        if isinstance(draws, Corners):
            seen.add((instance.params, draws.seed))
            continue
        solving.append(1000 * (solved - start))
        proving.append(1000 * (proven - solved))
        seen.add(instance.params)
        drawn.append(instance.params)
        sizes.append(size(instance, displayed))
        for answer in answers:
            value = answer.value.value()
            if not isinstance(value, tuple) and not MP.isinf(MP.convert(value)):
                values.setdefault(answer.name, []).append(float(MP.convert(value)))
    corners = sum(isinstance(one, tuple) for one in seen)
    return Trial(
        exercise_id,
        difficulty,
        seeds + corners,
        corners,
        tuple(failures),
        pages,
        relations[LANGUAGES[0]],
        {lang: counts.unaccounted for lang, counts in relations.items()},
        claims,
        len(seen) - corners,
        str(instances(drawn)) if drawn else "none",
        quantiles([one.integer for one in sizes]) if sizes else (),
        quantiles([one.denominator for one in sizes]) if sizes else (),
        statistics.fmean(solving) if solving else 0.0,
        max(solving, default=0.0),
        statistics.fmean(proving) if proving else 0.0,
        {name: (min(found), max(found)) for name, found in values.items()},
    )


def _with_page(relations: Mapping[Lang, Relations], one: Instance) -> dict[Lang, Relations]:
    parts = placed(one.exercise, one.difficulty)
    return {lang: counts + counted(one, parts, lang) for lang, counts in relations.items()}


def _sources(exercise_id: str, seeds: int) -> Iterator[Draws]:
    for seed in range(seeds):
        yield sample_draws(exercise_id, seed)
    for seed in range(max(1, seeds // 10)):
        yield Corners(b"", seed, "corner", exercise_id)


def trials(
    exercise_ids: Iterable[str],
    difficulties: Iterable[Difficulty],
    seeds: int,
    executor: Executor | None,
    advance: Callable[[], None] = lambda: None,
) -> tuple[Trial, ...]:
    """A trial of each exercise at each of the difficulties, here or by an executor."""
    wanted = list(product(exercise_ids, difficulties))
    if executor is None:
        results = []
        for exercise_id, difficulty in wanted:
            results.append(trial(exercise_id, difficulty, seeds))
            advance()
        return tuple(results)
    futures = [executor.submit(trial, exercise_id, difficulty, seeds) for exercise_id, difficulty in wanted]
    for future in futures:
        future.add_done_callback(lambda _: advance())
    return tuple(future.result() for future in futures)
