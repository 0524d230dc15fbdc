"""All demands on a topic, in the order in which its author would mend things."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from itertools import groupby

from blattwerk.build.check.alone import parts_alone_set_by_tex, same_numbers_alone
from blattwerk.build.check.claims import claims_in_both_languages, claims_used
from blattwerk.build.check.complaint import Complaint, Demand
from blattwerk.build.check.decimals import decimals_tell
from blattwerk.build.check.definitions import definitions_agree
from blattwerk.build.check.displayed import answers_displayed, parameters_given
from blattwerk.build.check.draws import different_in_a_class, drawn_the_same_twice, exact, names_drawn_once
from blattwerk.build.check.figures import figures_described
from blattwerk.build.check.independence import oracles_independent
from blattwerk.build.check.mistakes import mistakes_known
from blattwerk.build.check.naming import named
from blattwerk.build.check.on_page import (
    both_languages,
    checks_independent,
    drawn_the_same_elsewhere,
    errors_in_lines_found,
)
from blattwerk.build.check.one_name import names_mean_one_value
from blattwerk.build.check.paper import set_by_tex
from blattwerk.build.check.parity import same_blocks, same_names, same_numbers
from blattwerk.build.check.planted import planted_errors_found
from blattwerk.build.check.proofs import answers_confirmed_twice, changes_found, proven
from blattwerk.build.check.relations import relations_accounted
from blattwerk.build.check.typed_numbers import numbers_not_typed
from blattwerk.build.order.catalogue import Topic, find_topic

SEEDS = 8
DEMANDS: tuple[Demand, ...] = (
    named,
    drawn_the_same_twice,
    drawn_the_same_elsewhere,
    names_drawn_once,
    exact,
    different_in_a_class,
    proven,
    answers_confirmed_twice,
    changes_found,
    oracles_independent,
    checks_independent,
    planted_errors_found,
    errors_in_lines_found,
    mistakes_known,
    figures_described,
    both_languages,
    same_blocks,
    same_names,
    same_numbers,
    same_numbers_alone,
    answers_displayed,
    parameters_given,
    numbers_not_typed,
    claims_in_both_languages,
    claims_used,
    relations_accounted,
    definitions_agree,
    names_mean_one_value,
    decimals_tell,
    set_by_tex,
    parts_alone_set_by_tex,
)


def check(
    topic: Topic,
    seeds: int = SEEDS,
    advance: Callable[[], None] = lambda: None,
    executor: Executor | None = None,
) -> tuple[Complaint, ...]:
    """All complaints about a topic; what several demands object to in the same words is told once.

    An executor finds the topic by its id, so it must be in the catalogue.
    """
    found: dict[tuple[str, str], Complaint] = {}
    for said in _all(topic, seeds, advance, executor):
        for complaint in said:
            found.setdefault((complaint.place, complaint.message), complaint)
    return tuple(found.values())


def _all(
    topic: Topic, seeds: int, advance: Callable[[], None], executor: Executor | None
) -> Iterator[tuple[Complaint, ...]]:
    """What each demand finds, here or by an executor.

    There the longest one is begun first; the other one that needs TeX comes last, and finds TeX's format made.
    """
    if executor is None:
        for demand in DEMANDS:
            yield tuple(demand(topic, seeds))
            advance()
        return
    longest_first = sorted(DEMANDS, key=lambda demand: demand is not set_by_tex)
    begun = {demand: executor.submit(_found, demand, topic.exercise.id, seeds) for demand in longest_first}
    for future in begun.values():
        future.add_done_callback(lambda _: advance())
    for demand in DEMANDS:
        yield begun[demand].result()


def _found(demand: Demand, exercise_id: str, seeds: int) -> tuple[Complaint, ...]:
    return tuple(demand(find_topic(exercise_id), seeds))


def told(topic: str, complaints: Sequence[Complaint]) -> Iterator[str]:
    """The lines that an author reads: each demand that is not kept, below it the places, and a closing line."""
    sentences = {demand.__name__: (demand.__doc__ or "").partition("\n")[0] for demand in DEMANDS}
    for name, group in groupby(complaints, key=lambda complaint: complaint.demand):
        yield f"{sentences[name]} ({name})"
        yield from (f"  {complaint.place}: {complaint.message}" for complaint in group)
    broken = len({complaint.demand for complaint in complaints})
    many = "1 complaint" if len(complaints) == 1 else f"{len(complaints)} complaints; mend the first ones first"
    yield f"{topic} keeps {len(DEMANDS) - broken} of {len(DEMANDS)} demands{f': {many}' if complaints else ''}"
