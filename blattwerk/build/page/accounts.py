"""Accounts: of every relation on a page, what it came from.

While accounts are kept, what a template's functions print stands between signs that say from which entry it comes. They
are characters of private use, which nobody's text can hold. At all other times a page is what it always is.
"""

import re
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Literal

from blattwerk.build.page.escape import Tex
from blattwerk.vocabulary.derivation import Derivation, Verified, relations_of

Kind = Literal["chain", "answer", "defined", "assumed", "mistaken", "cited", "typed"]


@dataclass(frozen=True)
class Entry:
    """What was printed at a place.

    kind       a chain of checked relations, an answer, a formula that a template marks as what it is, or mere typing
    what       by which it is known again: what stands on a page twice is counted once
    relations  of a chain, and the chain itself
    """

    kind: Kind
    what: Hashable = None
    relations: Verified = field(default_factory=Verified)
    derivation: Derivation | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Region:
    """A piece of a text, and the innermost entry around it; None around it: it was typed."""

    start: int
    text: str
    entry: Entry | None


_LEDGER: ContextVar[list[Entry] | None] = ContextVar("_LEDGER", default=None)
_SIGN = re.compile("\ue002(\\d+)\ue003|\ue004")


@contextmanager
def accounting() -> Iterator[list[Entry]]:
    """In here accounts are kept: the entries, in the order of what is rendered."""
    ledger: list[Entry] = []
    before = _LEDGER.set(ledger)
    try:
        yield ledger
    finally:
        _LEDGER.reset(before)


def accounted(entry: Entry, tex: Tex) -> Tex:
    """What is printed for an entry."""
    ledger = _LEDGER.get()
    if ledger is None:
        return tex
    ledger.append(entry)
    return Tex(f"\ue002{len(ledger) - 1}\ue003{tex}\ue004")


def chain(derivation: Derivation) -> Entry:
    """The entry of a derivation."""
    return Entry("chain", id(derivation), relations_of(derivation), derivation)


def box(name: str) -> Entry:
    """The entry of an answer."""
    return Entry("answer", name)


def formula_of(kind: Kind, text: str) -> Entry:
    """The entry of a formula that a template marks as what it is."""
    return Entry(kind, text)


def typed(text: str) -> Tex:
    """Words of a template within what a function prints: the relations in them are not the function's."""
    return accounted(Entry("typed"), Tex(text))


def regions(text: str, ledger: list[Entry]) -> Iterator[Region]:
    """The pieces of a text that was rendered while accounts were kept, without the signs; `start` is with them."""
    around: list[Entry] = []
    position = 0
    for sign in _SIGN.finditer(text):
        yield Region(position, text[position : sign.start()], around[-1] if around else None)
        position = sign.end()
        if sign[1]:
            around.append(ledger[int(sign[1])])
        else:
            around.pop()
    yield Region(position, text[position:], None)
