"""A topic file as it stands: front matter, fences, headings with attributes, and texts, each with its line.

Nothing is computed here. Markdown-it finds the blocks; what lies between fences and headings is a run of fields, each
of which begins with `:en:`, `:hint.de:`, `:rubric 2:` or the like at the beginning of a line.
"""

import re
import shlex
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import get_args

from markdown_it import MarkdownIt

from blattwerk.errors import TopicFileError
from blattwerk.vocabulary.exercise import DIFFICULTIES, Difficulty, PartKind
from blattwerk.vocabulary.language import LANGUAGES, Lang

KEYS = ("topic", "title.en", "title.de", "source", "version", "offers", "demo")
FENCES = ("draw", "solve", "check", "prove", "mistake", "figure")
OF_THE_WHOLE = ("draw", "solve", "check")
ANYWHERE = ("prove", "figure")
TEXTS = ("question", "hint", "short", "solution")
ATTRIBUTES = ("points", "asks", "at", "hold", "places", "kind")
KINDS = get_args(PartKind)
_FIELD = re.compile(r":(?:(?P<kind>[a-z]+)\.)?(?P<lang>[a-z]{2})(?:@(?P<mark>[0-9a-f]{4}))?:[ \t]?(?P<text>.*)")
_ITEM = re.compile(r":(?P<kind>rubric|mistake) (?P<points>-?\d+):[ \t]*(?P<text>.*)")
_BOTH = re.compile(r":(?P<kind>hint|short):[ \t]*(?P<text>.*)")
_WORD = re.compile(r":word (?P<key>\w+):[ \t]*(?P<text>.*)")
_ANY = re.compile(r":[A-Za-z][\w. @-]*:")
_HEAD = re.compile(r"(?P<id>[^{]*?)\s*(?:\{(?P<attributes>.*)\})?")
_ID = re.compile(r"[a-z][a-z0-9_]{0,63}")


@dataclass(frozen=True)
class Fence:
    """A piece of Python: its kind, the words behind that, the line of its first line, and the text."""

    kind: str
    words: tuple[str, ...]
    line: int
    code: str


@dataclass(frozen=True)
class Text:
    """A text in one language: its kind, the first line, the lines, and the mark of the text it was translated from."""

    kind: str
    lang: Lang
    line: int
    lines: tuple[str, ...]
    mark: str = ""

    def __str__(self) -> str:
        return "\n".join(self.lines).strip()


@dataclass(frozen=True)
class Item:
    """A step of a marking scheme or a usual mistake: its points, and its words in both languages."""

    kind: str
    points: int
    line: int
    words: Mapping[Lang, str]


@dataclass(frozen=True)
class Word:
    """What a value is called in both languages, wherever a text asks for its word."""

    key: str
    line: int
    words: Mapping[Lang, str]


@dataclass(frozen=True)
class Section:
    """A part as it stands, or what stands before the first (id is empty there)."""

    id: str
    line: int
    attributes: Mapping[str, str]
    fences: tuple[Fence, ...]
    texts: tuple[Text, ...]
    items: tuple[Item, ...]
    words: tuple[Word, ...] = ()

    def fences_of(self, kind: str) -> tuple[Fence, ...]:
        """The fences of this kind."""
        return tuple(fence for fence in self.fences if fence.kind == kind)

    def texts_of(self, kind: str, lang: Lang) -> tuple[Text, ...]:
        """The texts of this kind in this language."""
        return tuple(text for text in self.texts if (text.kind, text.lang) == (kind, lang))

    @property
    def points(self) -> int:
        """The points that the part brings."""
        return int(self.attributes.get("points", "1"))

    @property
    def asks(self) -> tuple[str, ...]:
        """The names of the values that are asked for."""
        return tuple(_names(self.attributes.get("asks", "")))

    @property
    def at(self) -> tuple[Difficulty, ...]:
        """The difficulties at which the part exists."""
        wanted = _names(self.attributes.get("at", ", ".join(DIFFICULTIES)))
        return tuple(d for d in DIFFICULTIES if d in wanted)

    @property
    def holds(self) -> tuple[str, ...]:
        """What is claimed of the values: one or several comparisons, with semicolons between them."""
        return tuple(filter(None, (one.strip() for one in self.attributes.get("hold", "").split(";"))))

    @property
    def places(self) -> int:
        """How many decimals are asked for."""
        return int(self.attributes.get("places", "4"))

    @property
    def kind(self) -> PartKind | None:
        """What its heading says of its kind; None where that follows from what it asks for."""
        return next((kind for kind in KINDS if kind == self.attributes.get("kind")), None)


@dataclass(frozen=True)
class Page:
    """A topic file: its path, what its front matter says, the introduction, and the parts."""

    path: str
    meta: Mapping[str, str]
    meta_lines: Mapping[str, int]
    intro: Section
    parts: tuple[Section, ...]

    def place(self, line: int) -> str:
        """A line of the file, for messages."""
        return f"{self.path}:{line}"

    def fence(self, kind: str) -> Fence:
        """The one fence of this kind."""
        return self.intro.fences_of(kind)[0]

    @property
    def words(self) -> tuple[Word, ...]:
        """What values are called, wherever that stands."""
        return tuple(word for section in (self.intro, *self.parts) for word in section.words)


@dataclass
class _Trouble:
    """The mistakes that were found so far."""

    path: str
    found: list[tuple[int, str]] = field(default_factory=list)

    def add(self, line: int, what: str) -> None:
        self.found.append((line, what))

    def told(self) -> None:
        """Raise TopicFileError if there is a mistake."""
        if self.found:
            raise mistakes(self.path, self.found)


def missing_texts(page: Page) -> Iterator[tuple[int, str, Lang]]:
    """Texts that there are in one language and not in another: the line of the one, its kind, and the other."""
    for lang in LANGUAGES:
        if not page.meta.get(f"title.{lang}"):
            yield 1, "title", lang
        for section in (page.intro, *page.parts):
            for kind in TEXTS:
                others = [text for text in section.texts if text.kind == kind and text.lang != lang]
                if others and not section.texts_of(kind, lang):
                    yield others[0].line, kind, lang


def mistakes(path: str, found: Iterable[tuple[int, str]]) -> TopicFileError:
    """One error for mistakes with their lines, in the order of the file."""
    ordered = sorted(found)
    first, what = ordered[0]
    lines = [f"{path}:{line}: {words}" for line, words in ordered]
    more = "".join(f"; line {line}: {words}" for line, words in ordered[1:])
    return TopicFileError("\n".join(lines), what=what + more, place=f"{path}:{first}", every=tuple(ordered))


def read(path: Path) -> Page:
    """The topic file at this path; raises TopicFileError with every mistake of its form."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise TopicFileError(f"{path}: {error.strerror}", what=error.strerror or "", place=str(path)) from error
    except UnicodeDecodeError as error:
        what = f"the file is not UTF-8 (byte {error.start}); save it as UTF-8"
        raise TopicFileError(f"{path}: {what}", what=what, place=str(path)) from error
    return parsed(text, str(path))


def parsed(text: str, path: str) -> Page:
    """A topic file's text; raises TopicFileError with every mistake of its form."""
    trouble = _Trouble(path)
    lines = text.splitlines()
    start, meta, meta_lines = _front_matter(lines, trouble)
    body = "\n".join([""] * start + lines[start:])  # so that the lines keep their numbers
    sections = _sections(body, trouble)
    page = Page(path, meta, meta_lines, sections[0], tuple(sections[1:]))
    _check(page, trouble)
    trouble.told()
    return page


def _front_matter(lines: list[str], trouble: _Trouble) -> tuple[int, dict[str, str], dict[str, int]]:
    """Where the body begins, what the lines between the rules say, and where."""
    rules = [i for i, line in enumerate(lines) if line.strip() == "---"][:2]
    if len(rules) < 2:
        trouble.add(1, "there is no front matter; begin with lines like 'topic: my_topic' between two lines '---'")
        return 0, {}, {}
    meta: dict[str, str] = {}
    where: dict[str, int] = {}
    for number, line in enumerate(lines[rules[0] + 1 : rules[1]], rules[0] + 2):
        key, colon, value = line.partition(":")
        if not line.strip():
            continue
        if not colon or key.strip() not in KEYS:
            near = "".join(f"; did you mean {n}?" for n in get_close_matches(key.strip(), KEYS, 1))
            trouble.add(number, f"'{key.strip()}' is no key; allowed: {', '.join(KEYS)}{near}")
            continue
        meta[key.strip()], where[key.strip()] = value.strip(), number
    if "topic" not in meta:
        trouble.add(rules[0] + 1, "there is no 'topic: ...' with the topic's id")
    elif not _ID.fullmatch(meta["topic"]) or meta["topic"] == "sheet":
        trouble.add(where["topic"], "an id is made of small letters, digits and underscores, and begins with a letter")
    if "source" not in meta:
        trouble.add(rules[0] + 1, "there is no 'source: ...' with the textbook that the formulas are from")
    for key in ("version", "offers"):
        if key in meta and not re.fullmatch(r"[1-9]\d{0,8}", meta[key]):
            trouble.add(where[key], f"{key} is a whole number from 1 on")
    if "demo" in meta and not re.fullmatch(r"[A-Z]\d{1,3}", meta["demo"]):
        trouble.add(where["demo"], "a demo's id is a capital letter and a number, such as D6")
    return rules[1] + 1, meta, where


@cache
def _markdown() -> MarkdownIt:
    return MarkdownIt("commonmark").disable(["code", "lheading"])


@dataclass
class _Open:
    """A section that is being read."""

    id: str = ""
    line: int = 1
    attributes: dict[str, str] = field(default_factory=dict)
    fences: list[Fence] = field(default_factory=list)
    runs: list[tuple[int, str]] = field(default_factory=list)

    def closed(self, trouble: _Trouble) -> Section:
        texts, items, words = _fields(self.runs, trouble)
        return Section(self.id, self.line, self.attributes, tuple(self.fences), texts, items, words)


def _sections(body: str, trouble: _Trouble) -> list[Section]:
    lines = body.splitlines()
    sections = [_Open()]
    taken = 0
    for token in _markdown().parse(body):
        if token.level or not token.map:
            continue
        first, last = token.map
        if token.type == "heading_open":
            head = lines[first].lstrip("#").strip()
            sections.append(_head(head, first + 1, trouble))
        elif token.type == "fence":
            _fence(token.info, token.content, first + 1, sections[-1], trouble)
        elif token.type != "html_block":
            start = max(first, taken)
            while start > taken and not lines[start - 1].strip():
                start -= 1  # empty lines between the paragraphs of a text belong to it
            sections[-1].runs += [(i + 1, lines[i]) for i in range(start, last)]
        taken = max(taken, last)
    return [section.closed(trouble) for section in sections]


def _head(text: str, line: int, trouble: _Trouble) -> _Open:
    found = _HEAD.fullmatch(text)
    name = found["id"] if found else text
    if not found or not _ID.fullmatch(name):
        trouble.add(
            line, f"'{name}' is no name of a part; small letters, digits and underscores, then {{points=2 ...}}"
        )
        return _Open(name, line)
    attributes: dict[str, str] = {}
    try:
        words = shlex.split(found["attributes"] or "")
    except ValueError as error:
        trouble.add(line, f'the attributes cannot be read ({error}); write {{points=2 asks="a, b"}}')
        words = []
    for word in words:
        key, equals, value = word.partition("=")
        if not equals or key not in ATTRIBUTES:
            near = "".join(f"; did you mean {n}?" for n in get_close_matches(key, ATTRIBUTES, 1))
            trouble.add(line, f"'{word}' is no attribute; allowed: {', '.join(ATTRIBUTES)}{near}")
        elif key in ("points", "places") and not re.fullmatch(r"\d{1,2}", value):
            trouble.add(line, f"{key} is a whole number, such as {key}=2")
        elif key == "kind" and value not in KINDS:
            trouble.add(line, f"'{value}' is no kind of part; allowed: {', '.join(KINDS)}")
        elif key == "at" and (wrong := [d for d in _names(value) if d not in DIFFICULTIES]):
            trouble.add(line, f"'{wrong[0]}' is no difficulty; allowed: {', '.join(DIFFICULTIES)}")
        else:
            attributes[key] = value
    return _Open(name, line, attributes)


def _fence(info: str, code: str, line: int, section: _Open, trouble: _Trouble) -> None:
    words = info.split()
    kind = words[1] if len(words) > 1 else ""
    if not words or words[0] != "python" or kind not in FENCES:
        near = "".join(f"; did you mean {n}?" for n in get_close_matches(kind, FENCES, 1))
        trouble.add(line, f"a fence begins with ```python and one of {', '.join(FENCES)}{near}")
        return
    if kind not in ANYWHERE and bool(section.id) == (kind in OF_THE_WHOLE):
        where = "before the first part" if section.id else "in a part, below its heading"
        trouble.add(line, f"a fence '{kind}' stands {where}")
        return
    section.fences.append(Fence(kind, tuple(words[2:]), line + 1, code))


def _fields(
    runs: list[tuple[int, str]], trouble: _Trouble
) -> tuple[tuple[Text, ...], tuple[Item, ...], tuple[Word, ...]]:
    """The texts, items and words in a run of lines."""
    texts: list[Text] = []
    items: list[Item] = []
    names: list[Word] = []
    for line, head, more in _split(runs, trouble):
        if found := _ITEM.fullmatch(head):
            words = " ".join([found["text"], *(x.strip() for x in more)]).strip()
            items.append(Item(found["kind"], abs(int(found["points"])), line, both(words)))
        elif found := _BOTH.fullmatch(head):
            said = both(" ".join([found["text"], *(x.strip() for x in more)]).strip())
            texts += [Text(found["kind"], lang, line, (words,)) for lang, words in said.items()]
        elif found := _WORD.fullmatch(head):
            names.append(Word(found["key"], line, both(" ".join([found["text"], *(x.strip() for x in more)]).strip())))
        elif found := _FIELD.fullmatch(head):
            kind = found["kind"] or "question"
            if found["lang"] not in get_args(Lang):
                trouble.add(line, f"'{found['lang']}' is no language; allowed: {', '.join(get_args(Lang))}")
            elif kind not in TEXTS:
                trouble.add(line, f"'{kind}' is no kind of text; allowed: {', '.join(TEXTS)}")
            else:
                of: Lang = "en" if found["lang"] == "en" else "de"
                texts.append(Text(kind, of, line, (found["text"], *more), found["mark"] or ""))
        else:
            trouble.add(line, f"'{head[:30]}' is no field; write :en: or :de:, :hint.en:, :rubric 2: and the like")
    return tuple(texts), tuple(items), tuple(names)


def _split(runs: list[tuple[int, str]], trouble: _Trouble) -> Iterator[tuple[int, str, list[str]]]:
    """Each field: its line, its first line, and the lines that follow."""
    current: tuple[int, str, list[str]] | None = None
    for line, text in runs:
        if _ANY.match(text):
            if current:
                yield current
            current = (line, text, [])
        elif current:
            while line > current[0] + len(current[2]) + 1:
                current[2].append("")
            current[2].append(text)
        elif text.strip():
            trouble.add(line, f"'{text.strip()[:30]}' belongs to no field; begin a text with :en: or :de:")
    if current:
        yield current


def both(words: str) -> Mapping[Lang, str]:
    """The two languages of 'English | German'; without a bar outside of mathematics, one text for both."""
    depth = False
    for place, sign in enumerate(words):
        if sign == "$":
            depth = not depth
        elif not depth and words[place : place + 3] == " | ":
            return {"en": words[:place].strip(), "de": words[place + 3 :].strip()}
    return {"en": words.strip(), "de": words.strip()}


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _check(page: Page, trouble: _Trouble) -> None:
    """What has to be there once, and what must not be there twice."""
    for kind in ("draw", "solve"):
        found = page.intro.fences_of(kind)
        if len(found) != 1:
            line = found[1].line - 1 if found else page.intro.line
            trouble.add(line, f"there are {len(found)} fences ```python {kind}; there is one in every topic")
    seen: dict[str, int] = {}
    for fence in page.intro.fences_of("check"):
        name = fence.words[0] if fence.words else ""
        if not name.isidentifier():
            trouble.add(fence.line - 1, "a check has a name: ```python check enumeration")
        elif name in seen:
            trouble.add(fence.line - 1, f"there is a check '{name}' already, at line {seen[name]}")
        seen[name] = fence.line - 1
    if not page.parts:
        trouble.add(page.intro.line, "there is no part; write a heading like '## mean {points=2 asks=\"mean\"}'")
    named: dict[str, int] = {}
    for word in page.words:
        if word.key in named:
            trouble.add(word.line, f"there are words for '{word.key}' already, at line {named[word.key]}")
        named[word.key] = word.line
    heads: dict[str, int] = {}
    for part in page.parts:
        if part.id in heads:
            trouble.add(part.line, f"there is a part '{part.id}' already, at line {heads[part.id]}")
        heads[part.id] = part.line
        if part.points < 1:
            trouble.add(part.line, f"the part '{part.id}' brings no points")
        for fence in part.fences_of("mistake"):
            if len(fence.words) != 1 or not re.fullmatch(r"-\d+", fence.words[0]):
                trouble.add(fence.line - 1, "a mistake says what it costs: ```python mistake -1")
