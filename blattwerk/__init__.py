"""Blattwerk compiles exercise sheets: drawn per student, solved exactly, proven twice, typeset in two languages.

From Python, three names are public, and what they bring: `draw` an exercise, `topics` that there are, and
`DrawnInstance`, what `draw` brings. Everything else may change with any version.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from blattwerk.build.look.look import DrawnInstance as DrawnInstance
    from blattwerk.build.look.look import Topic as Topic
    from blattwerk.build.look.look import draw as draw
    from blattwerk.build.look.look import topics as topics

__version__ = "0.2.0"
__all__ = ["DrawnInstance", "Topic", "__version__", "draw", "topics"]


def __getattr__(name: str) -> Any:
    """The public names, loaded when they are asked for: `import blattwerk` itself loads nothing."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}; public are {', '.join(__all__)}")
    return getattr(import_module("blattwerk.build.look.look"), name)


def __dir__() -> list[str]:
    return __all__
