"""HTML by type: what is `Html` stands as it is, every other string is escaped on its way into an element."""

from typing import Any

from markupsafe import Markup, escape


class Html(Markup):
    """HTML that this room has written. Never make one of a string that a person typed; put it into an element."""


EMPTY = Html("")


def together(*pieces: str) -> Html:
    """Pieces side by side."""
    return Html("".join(map(escape, pieces)))


def element(name: str, *children: str, **attributes: Any) -> Html:
    """An element with its end; an attribute that is empty is left out, `class_` and `aria_label` stand for theirs."""
    return Html(f"{opening(name, **attributes)}{together(*children)}</{name}>")


def opening(name: str, **attributes: Any) -> Html:
    """The beginning of an element, which is all of one that has no contents."""
    if not attributes:
        return Html(f"<{name}>")
    said = (
        f' {key.rstrip("_").replace("_", "-")}="{escape(value)}"' for key, value in attributes.items() if value != ""
    )
    return Html(f"<{name}{''.join(said)}>")
