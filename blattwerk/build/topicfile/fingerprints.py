"""Which translation is stale: a text may carry the fingerprint of the text that it was translated from.

`:de@3f2a: ...` says that the German text was made of the English one whose fingerprint was 3f2a. When that text
changes, so does its fingerprint, and `check` names the translation, and what to write once it is right again.
"""

from collections.abc import Iterator
from hashlib import sha256

from blattwerk.build.topicfile.reading import Page, Section, Text


def fingerprint(texts: tuple[Text, ...]) -> str:
    """Four digits for the words of a text; spaces and line breaks do not matter."""
    words = " ".join(" ".join(str(text).split()) for text in texts)
    return sha256(words.encode()).hexdigest()[:4]


def stale(page: Page) -> Iterator[tuple[int, str]]:
    """Each translation whose original has changed since: its line, and what to do."""
    for section in (page.intro, *page.parts):
        for text in section.texts:
            today = _of_original(section, text)
            if text.mark and text.mark != today:
                original = "en" if text.lang == "de" else "de"
                yield (
                    text.line,
                    f"the text in '{original}' has changed since this was translated; translate it again and write "
                    f":{'' if text.kind == 'question' else text.kind + '.'}{text.lang}@{today}:",
                )


def _of_original(section: Section, text: Text) -> str:
    return fingerprint(tuple(other for other in section.texts if other.kind == text.kind and other.lang != text.lang))
