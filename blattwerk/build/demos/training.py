"""Training the demos of a class before its sheets are made: the same demo of all students together, in full chunks."""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor, as_completed
from dataclasses import dataclass, replace
from importlib import import_module
from types import ModuleType
from typing import Any

from blattwerk.build.libraries import TORCH, check_extra, for_want_of_torch, torch_is_there
from blattwerk.build.numbers import Drawn, DrawnExercise
from blattwerk.build.order.catalogue import find, find_topic
from blattwerk.build.order.stopping import stopping_its_sheet
from blattwerk.build.store.cache import Cache
from blattwerk.build.store.keys import demo_key
from blattwerk.build.store.records import DemoRecord, demo_record
from blattwerk.errors import CatalogueError, SheetFailure
from blattwerk.vocabulary.demo import Demo, Findings, Start, trained
from blattwerk.vocabulary.exercise import Exercise

Key = tuple[str, str]  # student, entry
PATIENCE = 10  # a training is of a whole chunk, and may take so many times what one student's exercise may


@dataclass(frozen=True)
class Chunk:
    """Settings of one exercise's demo, at most as many as it has lanes, and whose they are. It can be sent anywhere."""

    exercise: str
    owners: tuple[Key, ...]
    settings: tuple[Any, ...]


@dataclass(frozen=True)
class Wanted:
    """A demo that is to be trained: whose it is, the exercise, and what it depends on; or why it cannot be trained."""

    owner: Key
    exercise: str
    setting: Any
    failure: str = ""


def demo_of(exercise: Exercise[Any, Any]) -> Demo[Any, Any]:
    """The demo of an exercise: DEMO in the module of the same stem, in the room solvers/demos of the topic's package.

    It is imported here and not by the exercise, because it takes torch, which takes seconds.
    """
    module = find_topic(exercise.id).place.demo
    if not module:
        raise CatalogueError(
            f"the exercise '{exercise.id}' has no module solvers/demos/{exercise.id}.py in its package"
        )
    with stopping_its_sheet(exercise, "its demo's module"):
        demo = _imported(module).DEMO
    if not isinstance(demo, Demo) or demo.id != exercise.demo:
        raise CatalogueError(f"the exercise '{exercise.id}' has the demo {exercise.demo!r}, its module another")
    return demo


def _imported(module: str) -> ModuleType:
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        if for_want_of_torch(error):
            check_extra(TORCH, "training demos")
        raise


def setting_of(one: DrawnExercise, mnist: str = "") -> Any:
    """What the training of an exercise's demo depends on."""
    assert one.demo is not None, "a demo has a seed"
    exercise = find(one.exercise)
    demo = demo_of(exercise)
    with stopping_its_sheet(exercise, "its demo's setting"):
        return demo.setting(one.params, Start(one.demo, mnist))


def wanted(students: Iterable[Drawn]) -> tuple[Wanted, ...]:
    """Each demo that stands on a sheet and whose findings are not known yet."""
    return tuple(
        _wanted((drawn.order.student.id, one.key), one, drawn.order.mnist)
        for drawn in students
        for one in drawn.exercises
        if one.demo is not None
    )


def _wanted(owner: Key, one: DrawnExercise, mnist: str) -> Wanted:
    try:
        return Wanted(owner, one.exercise, setting_of(one, mnist))
    except SheetFailure as error:
        return Wanted(owner, one.exercise, None, str(error))


def train(
    demos: Sequence[Wanted],
    executor: Executor | None = None,
    advance: Callable[[int], None] = lambda count: None,
    cache: Cache | None = None,
) -> dict[Key, Findings | str]:
    """The findings of each demo, or why there are none; what the cache holds is not trained again."""
    findings: dict[Key, Findings | str] = {demo.owner: demo.failure for demo in demos if demo.failure}
    advance(len(findings))
    demos = [demo for demo in demos if not demo.failure]
    keys = {demo.owner: demo_key(demo.exercise, demo.setting) for demo in demos} if cache else {}
    for demo in demos:
        held = cache.piece_as(DemoRecord, keys[demo.owner]) if cache else None
        if held:
            findings[demo.owner] = held.findings()
            advance(1)
    for chunk, found in _trained(_chunks([demo for demo in demos if demo.owner not in findings]), executor):
        for owner, one in zip(chunk.owners, found, strict=True):
            findings[owner] = one
            if cache and isinstance(one, Findings):
                record = demo_record(find(chunk.exercise).demo or "", one)
                cache.keep_piece(keys[owner], record.model_dump_json().encode())
        advance(len(found))
    return findings


def _chunks(demos: Sequence[Wanted]) -> list[Chunk]:
    chunks = []
    for exercise in dict.fromkeys(demo.exercise for demo in demos):
        lanes = demo_of(find(exercise)).lanes
        own = [(demo.owner, demo.setting) for demo in demos if demo.exercise == exercise]
        for start in range(0, len(own), lanes):
            owners, values = zip(*own[start : start + lanes], strict=True)
            chunks.append(Chunk(exercise, owners, values))
    return chunks


def _trained(chunks: Sequence[Chunk], executor: Executor | None) -> Any:
    """Each chunk with its findings, as they are there."""
    if executor is None:
        yield from ((chunk, train_chunk(chunk)) for chunk in chunks)
        return
    futures = {executor.submit(train_chunk, chunk): chunk for chunk in chunks}
    yield from ((futures[future], future.result()) for future in as_completed(futures))


def on_one_thread() -> None:
    """Let torch use one thread in this process: chunks are trained side by side, one on each core.

    Threads that wait for each other lose far more than their share as soon as something else wants a core.
    """
    if torch_is_there():  # a demo of another package may do without
        import torch

        torch.set_num_threads(1)


def train_chunk(chunk: Chunk) -> tuple[Findings | str, ...]:
    """The findings of a chunk; where one training goes wrong, each is tried by itself, so that the others go on."""
    exercise = find(chunk.exercise)
    on_one_thread()
    try:
        with stopping_its_sheet(exercise, "its demo's training", PATIENCE):
            return trained(demo_of(exercise), chunk.settings)
    except SheetFailure as error:
        if len(chunk.settings) == 1:
            return (f"the demo of '{chunk.exercise}': {error}",)
    singles = (replace(chunk, owners=(o,), settings=(v,)) for o, v in zip(chunk.owners, chunk.settings, strict=True))
    return tuple(found for single in singles for found in train_chunk(single))
