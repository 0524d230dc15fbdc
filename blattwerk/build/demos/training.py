"""Training the demos of a class before its sheets are made: the same demo of all students together, in full chunks."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, as_completed
from dataclasses import dataclass, replace
from typing import Any

from blattwerk.build.plan import Job, demo_of, setting
from blattwerk.build.store.cache import Cache
from blattwerk.build.store.keys import demo_key
from blattwerk.build.store.manifest import DemoRecord, demo_record
from blattwerk.errors import SheetFailure
from blattwerk.generators import find
from blattwerk.vocabulary.demo import Findings, trained

Key = tuple[str, str]  # student, exercise


@dataclass(frozen=True)
class Chunk:
    """Settings of one demo, at most as many as it has lanes, and whose they are. It can be sent anywhere."""

    exercise: str
    students: tuple[str, ...]
    settings: tuple[Any, ...]


def wanted(jobs: Sequence[Job]) -> dict[Key, Any]:
    """The setting of each demo that stands on a sheet and whose findings are not known yet.

    A student whose numbers cannot be drawn has none; the sheet will fail for the same reason.
    """
    settings = {}
    for job in jobs:
        for entry in job.sheet.exercises:
            if entry.demo and entry.id not in job.findings:
                try:
                    settings[job.student.id, entry.id] = setting(job, entry)
                except SheetFailure:
                    continue
    return settings


def train(
    settings: Mapping[Key, Any],
    executor: Executor | None = None,
    advance: Callable[[int], None] = lambda count: None,
    cache: Cache | None = None,
) -> dict[Key, Findings | str]:
    """The findings of each demo, or why there are none; what the cache holds is not trained again."""
    keys = {key: demo_key(key[1], value) for key, value in settings.items()} if cache else {}
    findings: dict[Key, Findings | str] = {}
    for key in settings:
        held = cache.piece_as(DemoRecord, keys[key]) if cache else None
        if held:
            findings[key] = held.findings()
            advance(1)
    for chunk, found in _trained(_chunks({k: v for k, v in settings.items() if k not in findings}), executor):
        for student, one in zip(chunk.students, found, strict=True):
            key = student, chunk.exercise
            findings[key] = one
            if cache and isinstance(one, Findings):
                record = demo_record(find(chunk.exercise).demo or "", one)
                cache.keep_piece(keys[key], record.model_dump_json().encode())
        advance(len(found))
    return findings


def with_findings(job: Job, findings: Mapping[Key, Findings | str]) -> Job:
    """The job with what its demos brought."""
    keys = [(job.student.id, entry.id) for entry in job.sheet.exercises]
    return replace(job, findings={**job.findings, **{key[1]: findings[key] for key in keys if key in findings}})


def _chunks(settings: Mapping[Key, Any]) -> list[Chunk]:
    chunks = []
    for exercise in dict.fromkeys(exercise for _, exercise in settings):
        lanes = demo_of(find(exercise)).lanes
        own = [(student, value) for (student, other), value in settings.items() if other == exercise]
        for start in range(0, len(own), lanes):
            students, values = zip(*own[start : start + lanes], strict=True)
            chunks.append(Chunk(exercise, students, values))
    return chunks


def _trained(chunks: Sequence[Chunk], executor: Executor | None) -> Any:
    """Each chunk with its findings, as they are there."""
    if executor is None:
        yield from ((chunk, train_chunk(chunk)) for chunk in chunks)
        return
    futures = {executor.submit(train_chunk, chunk): chunk for chunk in chunks}
    yield from ((futures[future], future.result()) for future in as_completed(futures))


def train_chunk(chunk: Chunk) -> tuple[Findings | str, ...]:
    """The findings of a chunk; where one training goes wrong, each is tried by itself, so that the others go on."""
    demo = demo_of(find(chunk.exercise))
    try:
        return trained(demo, chunk.settings)
    except SheetFailure as error:
        if len(chunk.settings) == 1:
            return (f"the demo of '{chunk.exercise}': {error}",)
    singles = (
        replace(chunk, students=(s,), settings=(v,)) for s, v in zip(chunk.students, chunk.settings, strict=True)
    )
    return tuple(found for single in singles for found in train_chunk(single))
