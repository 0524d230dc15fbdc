"""What a topic file draws in another process, with another hash seed and another environment."""

import json
import os
import subprocess
import sys
from pathlib import Path

from blattwerk.build.codec import to_json
from blattwerk.build.numbers import sample_draws
from blattwerk.build.topicfile.topic import compiled
from blattwerk.vocabulary.exercise import DIFFICULTIES

SEEDS = range(3)
ASK = "import sys; from blattwerk.build.check.elsewhere import numbers; print(numbers(sys.argv[1]))"


def numbers(path: str) -> str:
    """The numbers of a few instances at every difficulty, as JSON."""
    exercise = compiled(path).exercise
    drawn = [
        to_json(exercise.draw(sample_draws(exercise.id, seed), difficulty))
        for difficulty in DIFFICULTIES
        for seed in SEEDS
    ]
    return json.dumps(drawn, sort_keys=True)


def numbers_elsewhere(path: Path) -> str:
    """The same, asked of another Python; empty where that breaks down."""
    ours = os.pathsep.join(entry or os.getcwd() for entry in sys.path)
    programs = os.environ.get("PATH", "")
    environment = {"PYTHONPATH": ours, "PYTHONSAFEPATH": "1", "PYTHONHASHSEED": "20231", "PATH": programs}
    command = [sys.executable, "-c", ASK, str(path)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    return done.stdout.strip()
