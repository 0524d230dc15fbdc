"""The draws of every topic are pinned: what was handed out is drawn again the same, or the topic has a new version.

`tests/data/pins.json` holds, for each version of a topic and each difficulty, its parts with their points, and a few
digits of a digest of the numbers for each of 25 seeds. What stands there of a version stays there.
"""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from blattwerk.build.codec import to_json
from blattwerk.build.order.catalogue import catalogue, find, find_topic
from blattwerk.build.topicfile.topic import compiled
from blattwerk.vocabulary.draws import SCHEME, Draws
from blattwerk.vocabulary.exercise import DIFFICULTIES, Difficulty, Exercise

FILE = Path(__file__).parent / "data" / "pins.json"
SEEDS = range(25)
WHAT_TO_DO = (
    "Sheets that were handed out would come back with other numbers or points. Undo the change; or, if it is meant, "
    "raise `version` in the topic's EXERCISE, keep its solver true for the old numbers, and pin the new version with "
    "pytest tests/test_pins.py --update-golden -n 0"
)


def drawn(exercise_id: str, difficulty: Difficulty) -> str:
    """Eight digits for each seed, one student behind the other."""
    return numbers(find(exercise_id), difficulty)


def numbers(exercise: Exercise[Any, Any], difficulty: Difficulty) -> str:
    """The same of any exercise."""
    return " ".join(
        sha256(
            json.dumps(
                to_json(exercise.draw(Draws(b"a secret", seed, "a student", exercise.id), difficulty)), sort_keys=True
            ).encode()
        ).hexdigest()[:8]
        for seed in SEEDS
    )


def parts(exercise_id: str, difficulty: Difficulty) -> str:
    """The parts with their points, in order."""
    return ", ".join(f"{part.id} {part.points}" for part in find(exercise_id).parts_at(difficulty))


def pinned() -> dict[str, dict[str, dict[str, dict[str, str]]]]:
    """By topic, version and difficulty."""
    data: dict[str, dict[str, dict[str, dict[str, str]]]] = json.loads(FILE.read_text())
    return data


@pytest.mark.parametrize("exercise_id", tuple(catalogue()))
def test_draws_and_parts_are_those_of_the_version(exercise_id: str, request: pytest.FixtureRequest) -> None:
    """For every difficulty and 25 seeds, with a secret and a student."""
    version = str(find(exercise_id).version)
    today = {d: {"parts": parts(exercise_id, d), "numbers": drawn(exercise_id, d)} for d in DIFFICULTIES}
    pins = pinned()
    if request.config.getoption("--update-golden") and version not in pins.get(exercise_id, {}):
        pins.setdefault(exercise_id, {})[version] = today
        FILE.write_text(json.dumps(pins, indent=1, sort_keys=True) + "\n")
    known = pins.get(exercise_id, {}).get(version)
    assert known, f"{exercise_id} has a version {version} that is not pinned. {WHAT_TO_DO}"
    for difficulty in DIFFICULTIES:
        for what, was in known[difficulty].items():
            assert today[difficulty][what] == was, f"{exercise_id}, {difficulty}: other {what}. {WHAT_TO_DO}"


def test_every_version_up_to_today_s_is_pinned() -> None:
    """What was drawn once is known for ever, and no topic vanishes that was handed out."""
    for exercise_id, versions in pinned().items():
        assert sorted(map(int, versions)) == list(range(1, find(exercise_id).version + 1))


def test_the_scheme_of_the_draws() -> None:
    """All pins are of this scheme; a new one needs new pins, and a reader of old manifests."""
    assert SCHEME == 1


def test_a_changed_range_is_noticed(tmp_path: Path) -> None:
    """Twenty-five seeds are enough for that."""
    known = pinned()["kl_normal_1d"]["2"]
    text = Path(find_topic("kl_normal_1d").place.page or "").read_text(encoding="utf-8")
    wider = tmp_path / "kl_normal_1d.md"
    wider.write_text(text.replace("(9, 1)", "(10, 1)").replace("(60, 10)", "(61, 10)"), encoding="utf-8")
    changed = compiled(str(wider)).exercise
    for difficulty in DIFFICULTIES:
        assert numbers(changed, difficulty) != known[difficulty]["numbers"]
