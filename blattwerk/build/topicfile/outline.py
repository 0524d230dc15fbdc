"""What a page's parts consist of: the steps that each displays, its proofs, its marking scheme, its usual mistakes."""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from blattwerk.build.topicfile.lines import Line, comments
from blattwerk.build.topicfile.notation import Family, family
from blattwerk.build.topicfile.proving import Proof, proof
from blattwerk.build.topicfile.reading import Page, Section, both, mistakes
from blattwerk.build.topicfile.showing import needs
from blattwerk.build.topicfile.solving import Program
from blattwerk.vocabulary.derivation import Derivation
from blattwerk.vocabulary.exercise import Part, PartKind
from blattwerk.vocabulary.language import Lang

Words = Mapping[Lang, str] | str  # words in both languages, or how they are inferred: "value:p", "proof:", "said:"


@dataclass(frozen=True)
class NamedChain:
    """A chain of a proof: its name in the templates, and the words of its reasons."""

    name: str
    chain: Derivation
    reasons: Mapping[str, Mapping[Lang, str]]


@dataclass(frozen=True)
class PartOutline:
    """A part, and what its solution consists of.

    symbols   of the values asked for
    proofs    the chains that hold in general
    steps     the lines that are displayed, each with the part to which it belongs in the first place
    holds     the names of the displayed claims
    rubric    by key: points, words, line; likewise the mistakes
    """

    section: Section
    symbols: Mapping[str, str]
    proofs: tuple[NamedChain, ...]
    steps: tuple[tuple[Line, str], ...]
    holds: Mapping[str, str]
    rubric: Mapping[str, tuple[int, Words, int]]
    mistakes: Mapping[str, tuple[int, Mapping[Lang, str], int]]

    def part(self) -> Part:
        """The part as the vocabulary has it."""
        return Part(
            self.section.id,
            self._kind(),
            {key: points for key, (points, _, _) in self.rubric.items()},
            {key: cost for key, (cost, _, _) in self.mistakes.items()},
            self.section.at,
        )

    def _kind(self) -> PartKind:
        if self.section.kind:
            return self.section.kind
        if self.section.asks:
            return "compute"
        placed = any("{{steps " in str(text) for text in self.section.texts)
        return "proof" if self.proofs or placed else "discussion"


@dataclass(frozen=True)
class Outline:
    """All parts of a page, and the chains that stand before the first."""

    parts: tuple[PartOutline, ...]
    proofs: tuple[NamedChain, ...] = ()
    definitions: Mapping[str, Derivation] = field(default_factory=dict)  # of the named terms of proofs
    families: Mapping[str, Family] = field(default_factory=dict)  # the values with the symbol of a family


def outline(page: Page, program: Program) -> Outline:
    """The parts of a page; raises TopicFileError with what does not fit."""
    found: list[tuple[int, str]] = []
    owners: dict[str, str] = {}
    given = printed_before(page)
    shared = _proofs(page.intro, page, program.module)
    definitions = shared.definitions
    asked: dict[str, str] = {}
    parts = []
    for section in page.parts:
        found += _wrong(section, program, asked)
        steps = tuple(
            (line, owners.setdefault(line.names[0], section.id))
            for line in _leading({*section.asks, *_compared(section)}, program, given)
        )
        proofs = _proofs(section, page, program.module)
        chains, definitions = proofs.chains, {**proofs.definitions, **definitions}
        asked |= dict.fromkeys(section.asks, section.id)
        holds = {f"{section.id}_hold_{n}": said for n, said in enumerate(section.holds, 1)}
        rubric = _rubric(section, program, chains)
        if section.items and sum(p for p, _, _ in rubric.values()) != section.points:
            total = sum(p for p, _, _ in rubric.values())
            found.append((section.line, f"the rubric gives {total} points, the heading says points={section.points}"))
        parts.append(
            PartOutline(
                section,
                {name: program.symbols.get(name, "") for name in section.asks},
                chains,
                steps,
                holds,
                rubric,
                _mistakes(section, page),
            )
        )
    if found:
        raise mistakes(page.path, found)
    families = {name: of for name, symbol in program.symbols.items() if (of := family(symbol))}
    return Outline(tuple(parts), shared.chains, definitions, families)


def _wrong(section: Section, program: Program, asked: Mapping[str, str]) -> Iterator[tuple[int, str]]:
    """What is asked for and cannot be."""
    for name in section.asks:
        if name in asked:
            again = f"ask for it once, or give it a second name in `solve`: {name}_again = {name}  # its symbol"
            yield section.line, f"'{name}' is asked for in the part '{asked[name]}' already; {again}"
        elif name not in program.solved_names:
            there = ", ".join(program.solved_names)
            yield section.line, f"asks names '{name}', which `solve` does not assign; it assigns {there}"
        elif name not in program.symbols:
            line = next(line.line for line in program.solve_lines if name in line.names)
            yield line, f"'{name}' is asked for and has no symbol; write it behind the line: # {name}"


def printed_before(page: Page) -> set[str]:
    """The values that the introduction prints: nobody wants to see how they come about."""
    said = "\n".join(str(text) for text in page.intro.texts)
    return {found.strip() for found in re.findall(r"\{\{\s*(\w+)\s*(?:\||\}\})", said)}


def _leading(asks: Iterable[str], program: Program, given: set[str]) -> list[Line]:
    """The lines with a symbol that lead to what is asked, in their order; not those of what is given."""
    wanted = set(asks)
    found = []
    for line in reversed(program.solve_lines):
        if wanted & set(line.names):
            if given & set(line.names):
                continue
            wanted |= needs(line)
            if line.symbol and len(line.names) == 1:
                found.append(line)
        elif not line.names:  # a loop or a function may change what it names
            wanted |= needs(line) if wanted & _stored(line) else set()
    return found[::-1]


def _compared(section: Section) -> set[str]:
    """The names in what a part claims."""
    import ast

    with suppress(SyntaxError):  # which is told elsewhere
        trees = [ast.parse(said, mode="eval") for said in section.holds]
        return {node.id for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Name)}
    return set()


def _stored(line: Line) -> set[str]:
    import ast

    names = {n.id for n in ast.walk(line.node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    return names | ({line.node.name} if isinstance(line.node, ast.FunctionDef) else set())


@dataclass(frozen=True)
class _Proofs:
    """The chains of a section's proofs, and their named terms."""

    chains: tuple[NamedChain, ...]
    definitions: Mapping[str, Derivation]


def _proofs(section: Section, page: Page, module: str) -> _Proofs:
    found: list[NamedChain] = []
    definitions: dict[str, Derivation] = {}
    for fence in section.fences_of("prove"):
        one: Proof = proof(fence, page.path, module)
        words = list(fence.words)
        for chain, used in zip(one.chains, one.used, strict=True):
            number = len(found) + 1
            name = words.pop(0) if words else f"{section.id or 'intro'}_proof_{number}"
            found.append(NamedChain(name, chain, {key: one.reasons[key] for key in used}))
        definitions |= one.definitions
    return _Proofs(tuple(found), definitions)


def _rubric(section: Section, program: Program, chains: tuple[NamedChain, ...]) -> dict[str, tuple[int, Words, int]]:
    """The steps that are given, or one for each proof and value, the points dealt out from the last one on."""
    given = [item for item in section.items if item.kind == "rubric"]
    if given:
        return {f"r{n}": (item.points, item.words, item.line) for n, item in enumerate(given, 1)}
    pieces = ["proof:"] * bool(chains) + [f"value:{program.symbols.get(name, name)}" for name in section.asks]
    pieces = pieces[-section.points :] or ["said:"]
    share, rest = divmod(section.points, len(pieces))
    return {f"r{n}": (share + (n > len(pieces) - rest), words, section.line) for n, words in enumerate(pieces, 1)}


def _mistakes(section: Section, page: Page) -> dict[str, tuple[int, Mapping[Lang, str], int]]:
    found: dict[str, tuple[int, Mapping[Lang, str], int]] = {}
    for number, fence in enumerate(section.fences_of("mistake"), 1):
        words = both(" ".join(comments(fence).values()))
        found[f"{section.id}_{number}"] = (-int(fence.words[0]), words, fence.line)
    for number, item in enumerate((item for item in section.items if item.kind == "mistake"), 1):
        found[f"{section.id}_said_{number}"] = (item.points, item.words, item.line)
    return found
