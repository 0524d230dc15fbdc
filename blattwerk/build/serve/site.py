"""What the server knows and does: looks, work that takes long, and what becomes of a saved file. No HTTP here."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from threading import Lock, Thread
from typing import Any

from blattwerk.build.demos.demonstrate import Demonstration
from blattwerk.build.limits import TimeUp
from blattwerk.build.look.look import looked_at
from blattwerk.build.make import Task, make
from blattwerk.build.numbers import DrawnExercise, draw
from blattwerk.build.order import options
from blattwerk.build.order.catalogue import find
from blattwerk.build.page.printing import printed
from blattwerk.build.proof.prove import proven
from blattwerk.build.serve import pieces, spread
from blattwerk.build.serve.events import Events
from blattwerk.build.serve.reloading import forget
from blattwerk.build.serve.subject import Subject, drawn_one, files, names, ordered, overview, wording
from blattwerk.build.serve.watching import Watch
from blattwerk.build.serve.work import Piece, Work
from blattwerk.errors import BlattwerkError, InputError
from blattwerk.vocabulary.demo import Findings
from blattwerk.vocabulary.exercise import Difficulty
from blattwerk.vocabulary.language import LANGUAGES, Lang

LARGEST_SEED = 10**18
DEMO, PDF, SPREAD = "demo", "pdf", "spread"
KINDS = (DEMO, PDF, SPREAD)
WHOLE_SHEET = "*"
PDF_STEPS = 2  # printed, set


@dataclass(frozen=True)
class Asked:
    """What a page asks about: an exercise by its name (empty for a whole sheet), a seed, a difficulty, languages.

    difficulty  None where the exercise's own is meant
    """

    name: str
    seed: int
    difficulty: Difficulty | None
    langs: tuple[Lang, ...]


def asked(query: Mapping[str, str]) -> Asked:
    """The query of an address, read; raises InputError for what there is not."""
    said = query.get("seed", "1")
    if not (said.isascii() and said.isdigit() and len(said) <= 19 and int(said) <= LARGEST_SEED):
        raise InputError(f"the seed {said[:30]!r} is not allowed; write a whole number from 0 to {LARGEST_SEED}")
    lang, difficulty = query.get("lang", "en"), query.get("difficulty", "")
    return Asked(
        query.get("name", "")[:200],
        int(said),
        options.difficulty(difficulty[:30]) if difficulty else None,
        LANGUAGES if lang == "both" else options.languages(lang[:30]),
    )


class Site:
    """One subject, shown to whoever has its page open."""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        self.events = Events()
        self.work = Work(self.events.tell)
        self.restart: tuple[str, ...] = ()  # modules that were changed and cannot be loaded again
        self._version = 0
        self._good: dict[str, dict[str, Any]] = {}
        self._findings: dict[tuple[str, int, Difficulty], Findings] = {}
        self._computing = Lock()  # a topic's code, and the precision that it computes with, are one at a time
        self._waiting = 0
        self._watch = Watch(lambda: files(subject), self._saved)

    def start(self) -> None:
        """Begin to watch the files."""
        self._watch.start()

    def load_libraries(self) -> None:
        """Load meanwhile what most checks ask, so that the first look is quick too. Nothing else is loaded beside."""

        def load() -> None:
            with self._at_once():
                import_module("blattwerk.build.serve.libraries")

        Thread(target=load, name="libraries", daemon=True).start()

    def stop(self) -> None:
        """Watch no longer, and let all work end."""
        self._watch.stop()
        self.work.cancel()

    @contextmanager
    def _at_once(self) -> Iterator[None]:
        """Compute for somebody who waits: work in the background lets us in at its next step."""
        self._waiting += 1
        try:
            with self._computing:
                yield
        finally:
            self._waiting -= 1

    @contextmanager
    def _when_idle(self) -> Iterator[None]:
        """Compute in the background."""
        while self._waiting:
            time.sleep(0.005)
        with self._computing:
            yield
        time.sleep(0.0005)  # who waits for the lock gets it

    def overview(self) -> dict[str, Any]:
        """What there is to choose from, or why that cannot be told."""
        with self._at_once():
            return self._told(lambda: overview(self.subject))

    def mistake(self) -> str:
        """What is wrong with the topic or the sheet, as it is now; the catalogue has its broken topics on the page."""
        told = self.overview() if self.subject.kind != "catalogue" else {}
        if "error" not in told:
            return ""
        place, message = told["error"]["place"], told["error"]["message"]
        return message if place in message else f"{place}: {message}"

    def look(self, wanted: Asked) -> dict[str, Any]:
        """One exercise; where it cannot be made, the mistake, and the last look that could be."""
        with self._at_once():
            said = self._told(lambda: {"look": self._look(wanted)})
        if "look" in said:
            self._good[wanted.name] = said["look"]
        else:
            said["look"] = self._good.get(wanted.name)
        return said

    def sheet(self, wanted: Asked) -> dict[str, Any]:
        """The whole sheet as it is handed out, texts and exercises of one's own among the others; else the mistake."""
        with self._at_once():
            said = self._told(lambda: {"look": self._sheet(wanted)})
        if "look" in said:
            self._good[WHOLE_SHEET] = said["look"]
        else:
            said["look"] = self._good.get(WHOLE_SHEET)
        return said

    def _sheet(self, wanted: Asked) -> dict[str, Any]:
        drawn = draw(ordered(self.subject, "", wanted.seed, None, demo=True))
        known = {one.key: self._findings.get(_key(one, wanted.seed)) for one in drawn.exercises}
        findings = {key: found for key, found in known.items() if found}
        if any(one.demo is not None and one.key not in findings for one in drawn.exercises):
            drawn, findings = draw(ordered(self.subject, "", wanted.seed, None, demo=False)), {}
        return pieces.sheet(printed(proven(drawn, findings)), wanted.langs)

    def glance(self, wanted: Asked) -> dict[str, Any]:
        """The question of an exercise alone, or the mistake."""
        with self._at_once():
            return self._told(lambda: {"look": pieces.glance(self._drawn_now(wanted), wanted.seed, wanted.langs[0])})

    def _told(self, make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        state = {"version": self._version, "restart": list(self.restart)}
        try:
            return state | make()
        except BlattwerkError as error:
            return state | {"error": pieces.mistake_told(error)}
        except (Exception, TimeUp) as error:  # noqa: BLE001  # the page says it, and the server goes on
            what = {"message": f"a mistake in Blattwerk itself: {type(error).__name__}: {error}; please report it"}
            return state | {"error": {"place": "", "every": [], **what}}

    def _look(self, wanted: Asked) -> dict[str, Any]:
        drawn = self._drawn_now(wanted)
        number = names(self.subject).index(wanted.name) + 1 if self.subject.sheet else 1
        findings, words = self._findings.get(_key(drawn, wanted.seed)), wording(self.subject, wanted.name)
        one = looked_at(drawn, wanted.seed, wanted.langs[0], findings, number, words)
        return pieces.look(one, drawn, wanted.langs)

    def begin(self, kind: str, wanted: Asked) -> Piece:
        """Begin work that takes long; raises InputError for a kind that there is not."""
        if kind == SPREAD:
            drawn = self._drawn(wanted)
            return self.work.begin(kind, spread.SEEDS, lambda advance: self._spread(drawn, advance))
        if kind == DEMO:
            drawn = self._drawn(wanted)
            planned = Demonstration(drawn, "")
            if not find(drawn.exercise).demo or drawn.demo is None:
                raise InputError(f"{drawn.key} has no demo here")
            return self.work.begin(kind, planned.steps, lambda advance: self._train(planned, wanted.seed, advance))
        if kind == PDF:
            return self.work.begin(kind, PDF_STEPS, lambda advance: self._pdf(wanted, advance))
        raise InputError(f"there is no work {kind[:30]!r}; there are {', '.join(KINDS)}")

    def _drawn(self, wanted: Asked) -> DrawnExercise:
        with self._at_once():
            return self._drawn_now(wanted)

    def _drawn_now(self, wanted: Asked) -> DrawnExercise:
        return drawn_one(self.subject, wanted.name, wanted.seed, wanted.difficulty)

    def _spread(self, drawn: DrawnExercise, advance: Callable[[int], None]) -> dict[str, Any]:
        found = spread.spread(drawn.exercise, drawn.difficulty, advance, self._when_idle)
        return {"name": drawn.key, "difficulty": drawn.difficulty, **spread.told(found)}

    def _train(self, planned: Demonstration, seed: int, advance: Callable[[int], None]) -> dict[str, Any]:
        findings = planned.run(advance).findings
        assert findings is not None
        self._findings[_key(planned.drawn, seed)] = findings
        return {"name": planned.drawn.key}

    def _pdf(self, wanted: Asked, advance: Callable[[int], None]) -> dict[str, Any]:
        with self._when_idle():
            drawn = draw(ordered(self.subject, wanted.name, wanted.seed, wanted.difficulty, self._with_demo(wanted)))
        findings: dict[str, Findings | str] = {}
        for one in drawn.exercises:
            if one.demo is not None:
                known = self._findings.get(_key(one, wanted.seed))
                findings[one.key] = known or _trained(one, advance)
        advance(1)
        (made,) = make((Task(drawn, findings),))
        advance(1)
        pdfs = {path: content for path, content in made.files.items() if path.endswith(".pdf")}
        return {"failure": made.failure, "overfull": list(made.overfull), "note": made.note, "files": pdfs}

    def _with_demo(self, wanted: Asked) -> bool:
        """A sheet's PDF has the demos that the sheet asks for; that of a topic by itself one that was trained."""
        if self.subject.sheet:
            return True
        difficulty = wanted.difficulty or "standard"
        return (wanted.name, wanted.seed, difficulty) in self._findings

    def _saved(self, saved: frozenset[Path]) -> None:
        with self._at_once():
            self.restart = (*self.restart, *(name for name in forget(saved) if name not in self.restart))
            self._findings.clear()
            self._version += 1
        self.work.cancel()
        self.events.tell("saved", {"version": self._version, "files": sorted(path.name for path in saved)})


def _key(drawn: DrawnExercise, seed: int) -> tuple[str, int, Difficulty]:
    return drawn.key, seed, drawn.difficulty


def _trained(one: DrawnExercise, advance: Callable[[int], None]) -> Findings:
    def step(steps: int) -> None:
        advance(0)  # ends here where it has been cancelled

    findings = Demonstration(one, "").run(step).findings
    assert findings is not None
    return findings
