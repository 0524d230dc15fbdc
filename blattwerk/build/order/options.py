"""What a command's options ask for, checked: languages, a difficulty, the folder of MNIST's files."""

from pathlib import Path

from blattwerk.errors import InputError
from blattwerk.vocabulary.exercise import DIFFICULTIES, Difficulty
from blattwerk.vocabulary.language import LANGUAGES, Lang


def languages(text: str) -> tuple[Lang, ...]:
    """The languages that `--lang` names, in our order; raises InputError, naming those that are allowed."""
    wanted = tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    chosen = tuple(lang for lang in LANGUAGES if lang in wanted)
    if not wanted or len(chosen) != len(wanted):
        raise InputError(f"--lang {text!r} is not allowed; allowed: {', '.join(LANGUAGES)}, or several with commas")
    return chosen


def difficulties(text: str | None) -> tuple[Difficulty, ...]:
    """The difficulty that `--difficulty` names, or all where it is left out."""
    return DIFFICULTIES if text is None else (difficulty(text),)


def difficulty(text: str) -> Difficulty:
    """The difficulty of this name; raises InputError, naming those that are allowed."""
    for known in DIFFICULTIES:
        if known == text:
            return known
    raise InputError(f"--difficulty {text!r} is not allowed; allowed: {', '.join(DIFFICULTIES)}")


def mnist_folder(folder: Path | None) -> str:
    """The folder of MNIST's files, all of them there and whole, or nothing; raises InputError."""
    if folder is None:
        return ""
    from blattwerk.solvers.demos.digits import check_mnist

    check_mnist(folder)
    return str(folder.resolve())
