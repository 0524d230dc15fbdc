"""The relations on a page, counted by what they came from; what came from nothing is unaccounted."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields

from blattwerk.build.check.complaint import Case, Objection, of_one_instance
from blattwerk.build.check.pieces import view_of
from blattwerk.build.check.places import shown
from blattwerk.build.check.signs import signs
from blattwerk.build.order.parts import Placed, placed
from blattwerk.build.page.accounts import Entry, accounting, regions
from blattwerk.build.page.places import Source, unmarked
from blattwerk.build.page.templating import marked_environment, marking
from blattwerk.vocabulary.derivation import Verified
from blattwerk.vocabulary.exercise import Instance
from blattwerk.vocabulary.language import LANGUAGES, Lang


@dataclass(frozen=True)
class Relations:
    """How many relations of a page came from where; what stands there twice is counted once.

    checked      steps of a derivation that compare two terms
    answers      results, which the oracles have compared
    defined      what a symbol stands for, and names of values
    assumed      conditions and cases
    mistaken     false on purpose
    cited        by theorems that are named
    rounded      decimals of the term before them
    unaccounted  from nothing: typed into a template
    """

    checked: int = 0
    answers: int = 0
    defined: int = 0
    assumed: int = 0
    mistaken: int = 0
    cited: int = 0
    rounded: int = 0
    unaccounted: int = 0

    def __add__(self, other: "Relations") -> "Relations":
        return Relations(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))

    def as_json(self) -> Mapping[str, int]:
        """The counts by their names."""
        return asdict(self)


@dataclass(frozen=True)
class Found:
    """A relation on a page: its sign, what it came from, and where it stands, if that is known."""

    sign: str
    entry: Entry | None
    part: str
    near: str
    source: Source | None = None

    @property
    def accounted(self) -> bool:
        """Whether it came from something."""
        return self.entry is not None and self.entry.kind != "typed"


def found(
    one: Instance, parts: tuple[Placed, ...], lang: Lang, places: bool = False
) -> tuple[tuple[Found, ...], list[Entry]]:
    """The relations in the solutions of these parts, and the entries that they came from; places take longer."""
    with accounting() as ledger:
        if places:
            with marking():
                view = view_of(one, parts, lang)
        else:
            view = view_of(one, parts, lang)
    sources = marked_environment(lang).sources if places else []
    texts = ((part.id, part.solution) for part in view.parts)
    said = tuple(relation for part, text in texts for relation in _in_text(part, text, ledger, sources))
    shown_ones = {id(relation.entry) for relation in said}
    return said, [entry for entry in ledger if id(entry) in shown_ones]


def _in_text(part: str, text: str, ledger: list[Entry], sources: list[Source]) -> Iterator[Found]:
    marked = unmarked(text, sources)
    pieces = list(regions(marked.body, ledger))
    plain = "".join(piece.text for piece in pieces)
    ends, length = [], 0
    for piece in pieces:
        length += len(piece.text)
        ends.append(length)
    at = 0
    for sign in signs(plain):
        while ends[at] <= sign.position:
            at += 1
        piece = pieces[at]
        position = piece.start + sign.position - (ends[at] - len(piece.text))
        near = " ".join(plain[max(0, sign.position - 25) : sign.position + 25].split())
        yield Found(sign.sign, piece.entry, part, near, marked.source_at(position))


def counted(one: Instance, parts: tuple[Placed, ...], lang: Lang) -> Relations:
    """The relations in the solutions of these parts, each counted once."""
    said, entries = found(one, parts, lang)
    once = {(entry.kind, entry.what): entry for entry in entries}
    chains = sum((entry.relations for entry in once.values()), start=Verified())
    formulas = Counter(
        relation.entry.kind
        for relation in said
        if relation.entry is not None and once.get((relation.entry.kind, relation.entry.what)) is relation.entry
    )
    return Relations(
        checked=chains.checked,
        answers=sum(kind == "answer" for kind, _ in once),
        defined=chains.named + formulas["defined"],
        assumed=formulas["assumed"],
        mistaken=formulas["mistaken"],
        cited=chains.cited + formulas["cited"],
        rounded=chains.rounded,
        unaccounted=sum(not relation.accounted for relation in said),
    )


@of_one_instance
def relations_accounted(case: Case) -> Iterator[Objection]:
    """Every relation in a solution comes from a derivation, an answer, or a mark that says what it is."""
    exercise = case.topic.exercise
    for lang in LANGUAGES:
        said, _ = found(case.instance(), placed(exercise, case.difficulty), lang, places=True)
        for one in said:
            if not one.accounted:
                place = shown(one.source.path, one.source.line) if one.source else lang
                yield place, f"'{one.sign}' in '{one.near}' comes from nothing that was checked; {ADVICE}"


ADVICE = "print it by steps(), inline() or result(), or mark it by defined(), assumed(), mistaken() or cited()"
