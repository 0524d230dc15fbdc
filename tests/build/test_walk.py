"""A walk from the order to the written file: a sheet enters each room of `build` once, in the order of the stages."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

import blattwerk.build
from blattwerk.build import batch, make
from blattwerk.build.order.sheet_file import checked_sheet
from blattwerk.build.store.cache import Cache
from tests.build.classes import built, german

BUILD = Path(blattwerk.build.__file__).parent
WALKERS = {batch.__file__, make.__file__}
ROOMS = ("numbers", "demos", "notebooks", "proof", "page", "drawing", "press", "store")


@contextmanager
def rooms_entered() -> Iterator[list[str]]:
    """The rooms whose functions `batch` and `make` call, in order, stays told once.

    To make a value of a room's type is no visit: what a dataclass writes for itself has no file.
    """
    entered: list[str] = []

    def note(frame: FrameType, event: str, argument: Any) -> None:
        caller = frame.f_back
        if event == "call" and caller and caller.f_code.co_filename in WALKERS:
            entered.extend(_room(frame.f_code.co_filename))

    sys.setprofile(note)
    try:
        yield entered
    finally:
        sys.setprofile(None)
        entered[:] = [room for room, _ in groupby(entered)]


def _room(file: str) -> tuple[str, ...]:
    """The room that a file stands in, if it is in one; the file that is written in the end belongs to the store."""
    path = Path(file)
    room = path.relative_to(BUILD).parts[0].removesuffix(".py") if path.is_relative_to(BUILD) else ""
    return ("store",) if room == "files" else (room,) * (room in ROOMS)


@pytest.mark.parametrize("cached", [False, True])
@pytest.mark.parametrize(
    "entry",
    [
        {"id": "kl_normal_1d"},
        pytest.param({"id": "inpainting", "demo": True, "notebook": True}, marks=pytest.mark.long),
    ],
)
def test_each_room_is_entered_once(tmp_path: Path, entry: dict[str, Any], cached: bool) -> None:
    """One student's sheet in one process, nothing replaced; who has no demo and no notebook is asked for them too.

    Before it all, the build looks into the store: what the cache holds is not made again, and the place of the records
    is chosen. Inside of demos, notebooks, proof and press, what was made of the same before is taken from the cache
    too; that is the business of these rooms, and no way back of the walk.
    """
    sheet = checked_sheet({"course": {"title": "ML"}, "sheet": {"title": "S"}, "exercises": [entry]}, "sheet")
    cache = Cache(tmp_path / "cache") if cached else None
    with rooms_entered() as rooms:
        report, _ = built(german(sheet, "a"), tmp_path / "out", cache=cache)
    assert report.written and not report.failures
    assert rooms == ["store", *ROOMS]
