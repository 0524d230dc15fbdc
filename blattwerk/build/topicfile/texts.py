"""The template of a topic file in one language: every text stands in the line that it has in the file.

So whatever Jinja or TeX says of a line of this template is true of the file. What the file does not say is inferred:
the steps that lead to what is asked, the boxes, a marking scheme, the short form of a question.
"""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from blattwerk.build.topicfile.braces import Wrong, quoted
from blattwerk.build.topicfile.notation import Family
from blattwerk.build.topicfile.outline import Outline, PartOutline
from blattwerk.build.topicfile.prose import Prose, prose, reason
from blattwerk.build.topicfile.reading import Page, Section, Text
from blattwerk.vocabulary.language import LANGUAGES, Lang

VALUE_OF: Mapping[Lang, str] = {"en": "value of", "de": "Wert von"}
SHOWN_THAT: Mapping[Lang, str] = {"en": "the proof", "de": "Beweis"}
SHORT = 300  # signs of a question that is repeated above its solution
SAID: Mapping[Lang, str] = {"en": "the explanation", "de": "Begründung"}


@dataclass
class Written:
    """A template that is being written, and what its texts ask for."""

    page: Page
    lang: Lang
    lines: dict[int, str] = field(default_factory=dict)
    found: list[Prose] = field(default_factory=list)
    wrong: list[tuple[int, str]] = field(default_factory=list)
    chains: dict[str, str] = field(default_factory=dict)  # of a proof's chain, the words of its reasons
    families: Mapping[str, Family] = field(default_factory=dict)  # what can be a row of a table
    named: dict[str, str] = field(default_factory=dict)  # what values are called, in TeX

    def put(self, line: int, text: str) -> None:
        """Add to a line."""
        self.lines[line] = self.lines.get(line, "") + text

    def block(self, name: str, texts: Iterable[Text], line: int, after: str = "", otherwise: str = "") -> None:
        """A block: its texts, each in its lines, and what follows them; without a text, on one line."""
        there = tuple(texts)
        if not there:
            self.put(line, f"<% block {name} %>{otherwise}{after}<% endblock %>")
            return
        self.put(there[0].line, f"<% block {name} %>")
        for text in there:
            self._prose(text)
        self.put(there[-1].line + len(there[-1].lines) - 1, f"{after and ' '}{after}<% endblock %>")

    def _prose(self, text: Text) -> None:
        try:
            made = prose(text.lines, text.line, self.chains, self.families, self.named)
        except Wrong as error:
            self.wrong.append((text.line + error.line, error.what))
            return
        self.found.append(made)
        for offset, line in enumerate(made.lines):
            self.put(text.line + offset, line)

    def words(self, text: str, line: int) -> str:
        """Words of a marking scheme or a reason, as a string of Jinja's."""
        return quoted(self.plain(text, line))

    def plain(self, text: str, line: int) -> str:
        """Words without values, in TeX."""
        try:
            made = prose([text], line)
        except Wrong as error:
            self.wrong.append((line, error.what))
            return ""
        if made.wanted:
            self.wrong.append((line, "no values are printed in these words; put them into :solution.en:"))
        return " ".join(made.lines)

    def reason(self, text: str, line: int) -> str:
        """The words of a reason, as an expression of Jinja's."""
        try:
            return reason(text, line)
        except Wrong as error:
            self.wrong.append((line, error.what))
            return '""'

    def source(self) -> str:
        """The template's text."""
        return "\n".join(self.lines.get(n, "") for n in range(1, max(self.lines, default=0) + 1)) + "\n"


def written(page: Page, outline: Outline, lang: Lang) -> Written:
    """The template of a page in one language."""
    made = Written(page, lang, families=outline.families)
    for section, proofs in ((page.intro, outline.proofs), *((part.section, part.proofs) for part in outline.parts)):
        for one in proofs:
            words = (f", {key}={made.reason(said[lang], section.line)}" for key, said in one.reasons.items())
            made.chains[one.name] = "".join(words)
    made.named |= {word.key: made.plain(word.words[lang], word.line) for word in page.words}
    made.block("intro", _texts(page.intro, "question", lang), page.intro.line)
    for part in outline.parts:
        _part(made, part)
    return made


def _texts(section: Section, kind: str, lang: Lang) -> tuple[Text, ...]:
    """The texts in a language; where there is none yet, those in the other one (it is a draft then, and says so)."""
    there = section.texts_of(kind, lang)
    return there or tuple(text for text in section.texts if text.kind == kind)


def _part(made: Written, part: PartOutline) -> None:
    section, lang = part.section, made.lang
    question = _texts(section, "question", lang)
    made.block(f"{section.id}_question", question, section.line)
    made.block(f"{section.id}_hint", _texts(section, "hint", lang), section.line)
    made.block(
        f"{section.id}_short", _texts(section, "short", lang), section.line, otherwise=_short(made, part, question)
    )
    solution = _texts(section, "solution", lang)
    said = "\n".join(str(text) for text in solution)
    made.block(f"{section.id}_solution", solution, section.line, after=_inferred(made, part, said))
    made.put(section.line, f"<% block {section.id}_rubric %>{_marking(made, part)}<% endblock %>")


def _first_words(question: tuple[Text, ...]) -> str:
    """A question's first paragraph up to its first display, on one line."""
    words = str(question[0]) if question else ""
    return words.partition("$$")[0].partition("\n\n")[0].replace("\n", " ")


def _short(made: Written, part: PartOutline, question: tuple[Text, ...]) -> str:
    """The symbols that are asked for; where there are none, the question, or its first sentence if it is long."""
    if part.section.asks:
        return ", ".join(f"\\({part.symbols[name]}\\)" for name in part.section.asks)
    whole = _first_words(question) or part.section.id
    every = [_first_words(_texts(part.section, "question", lang)) for lang in LANGUAGES]
    for said in (whole, whole.split(". ")[0]) if max(map(len, every)) <= SHORT else (whole.split(". ")[0],):
        sentence = said.rstrip(" .:")
        try:
            plain = prose([sentence], part.section.line, words=made.named)
        except Wrong:
            continue
        if not plain.wanted:
            return plain.lines[0] + ("" if sentence.endswith(("?", "!")) else ".")
    return ""


def _inferred(made: Written, part: PartOutline, said: str) -> str:
    """The steps and boxes of a part that its text does not name itself."""
    pieces, by_hand = [], set(_printed(said))
    sections = (made.page.intro, *made.page.parts)
    everywhere = [str(text) for section in sections for text in section.texts]
    everywhere += [fence.code for section in sections for fence in section.fences_of("prove")]  # their reasons
    told = set(re.findall(r"\{\{(?:steps|inline) (\w+)\}\}", "\n".join(everywhere)))
    for proof in part.proofs:
        if proof.name not in told:
            pieces.append(f'<< steps(derivations["{proof.name}"]{made.chains[proof.name]}) >>')
    placed = set(re.findall(r"\{\{(?:steps|inline) (\w+)\}\}", said))
    placed |= {name.strip() for names in re.findall(r"\{\{table ([^}]*)\}\}", said) for name in names.split(",")}
    for line, owner in part.steps:
        name = line.names[0]
        if name not in placed and name not in by_hand:
            steps = f'<< steps(derivations["{name}"]) >>'
            pieces.append(steps if owner == part.section.id else f'<% if not shown("{owner}") %>{steps}<% endif %>')
    pieces += [f'<% call claim("{name}") %><< steps(derivations["{name}"]) >><% endcall %>' for name in part.holds]
    for name in part.section.asks:
        if not any(f"{{{{{word} {name}}}}}" in said for word in ("result", "answer")) and name not in by_hand:
            pieces.append(f'<< result(answers["{name}"]) >>')
    return "".join(pieces)


def _printed(said: str) -> Iterator[str]:
    """The names of the values that a solution prints itself, in whatever expression, or goes through."""
    for found in re.findall(r"\{\{(?!(?:if|holds|relation)\b)(.*?)\}\}", said, re.DOTALL):
        with suppress(SyntaxError):
            tree = ast.parse(re.sub(r"^\s*for\s.*?\sin\s", "", found.partition(" | ")[0]).strip(), mode="eval")
            yield from (node.id for node in ast.walk(tree) if isinstance(node, ast.Name))


def _marking(made: Written, part: PartOutline) -> str:
    lang = made.lang
    steps = ", ".join(f"{key}={_step(made, words, line, lang)}" for key, (_, words, line) in part.rubric.items())
    scheme = f"<< rubric({steps}) >>"
    if not part.mistakes:
        return scheme
    usual = ", ".join(f"{key}={made.words(words[lang], line)}" for key, (_, words, line) in part.mistakes.items())
    return f"{scheme}<< mistakes({usual}) >>"


def _step(made: Written, words: Mapping[Lang, str] | str, line: int, lang: Lang) -> str:
    if not isinstance(words, str):
        return made.words(words[lang], line)
    kind, _, of = words.partition(":")
    inferred = {"value": f"{VALUE_OF[lang]} ${of}$", "proof": SHOWN_THAT[lang], "said": SAID[lang]}[kind]
    return made.words(inferred, line)
