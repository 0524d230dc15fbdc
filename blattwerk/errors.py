"""What can go wrong, as one tree.

BlattwerkError
├── InputError              a file or an argument that a person wrote is wrong (exit code 2)
│   ├── SheetFileError      the sheet file: every wrong key at once
│   ├── RosterError         the class list: every wrong line at once
│   ├── ManifestError       a manifest that cannot be read
│   ├── TopicFileError      a topic on one page: every mistake of its form, by line
│   └── UnknownExercise     an exercise id that the catalogue does not hold
├── SheetFailure            one sheet could not be made; the others go on (exit code 1)
│   ├── DrawExhausted       no admissible numbers within the bounded number of attempts
│   ├── TopicFailure        a topic's own code raised an error while it drew, solved, trained or was printed
│   ├── CatalogueError      an exercise breaks the contract: a bug in the exercise, not in the sheet
│   ├── InternalFailure     a bug in Blattwerk, met by one student's sheet
│   ├── ProofFailure        an oracle disagrees with the solver, or a displayed relation does not hold
│   ├── TemplateFailure     a template is wrong: its file, line, block and language, and what is wrong
│   ├── UnsettableText      a character for which no installed font has a glyph
│   ├── TrainingFailure     a demo's training brought something that is not a number
│   ├── NotebookFailure     a cell of a solution notebook raised an error, or did not end
│   └── TexFailure          TeX did not produce the document
├── FenceFailure            the fence around TeX that this machine offers could not be put up; nothing is typeset
└── WorkerLost              a worker process was killed
"""


class BlattwerkError(Exception):
    """The root: whatever Blattwerk raises on purpose. The message says what, where, and what to do."""


class InputError(BlattwerkError):
    """A file or an argument that a person wrote is wrong."""


class SheetFileError(InputError):
    """The sheet file is wrong; the message lists every wrong key."""


class RosterError(InputError):
    """The class list is wrong; the message lists every wrong line."""


class ManifestError(InputError):
    """The manifest cannot be read, or does not hold what was asked for."""


class TopicFileError(InputError):
    """A topic file is wrong; the message lists every mistake with its line.

    what   what is wrong, without a place
    place  the file and the line of the first mistake
    every  the mistakes, each with its line
    """

    def __init__(
        self, message: str, *, what: str = "", place: str = "", every: tuple[tuple[int, str], ...] = ()
    ) -> None:
        super().__init__(message)
        self.what, self.place, self.every = what, place, every


class UnknownExercise(InputError):
    """An exercise id that the catalogue does not hold."""


class WorkerLost(BlattwerkError):
    """A worker process was killed from outside; what was written so far is whole."""


class SheetFailure(BlattwerkError):
    """One sheet could not be made; the others are not affected.

    `exercise` says which entry of the sheet it is about, and at which difficulty, where it is about one.
    """

    exercise: str = ""


class DrawExhausted(SheetFailure):
    """The bounded number of attempts brought no admissible numbers."""


class TopicFailure(SheetFailure):
    """A topic's own code raised an error; the message names the file and the line."""


class InternalFailure(SheetFailure):
    """A bug of ours; the message names the file and the line."""


class CatalogueError(SheetFailure):
    """An exercise breaks the contract of the catalogue."""


class ProofFailure(SheetFailure):
    """An oracle disagrees with the solver, or a displayed relation does not hold."""


class TemplateFailure(SheetFailure):
    """A template is wrong: it asks for a name that is not there, say. The message says where.

    what   what is wrong, without a place
    place  the file and the line
    """

    def __init__(self, message: str, *, what: str = "", place: str = "") -> None:
        super().__init__(message)
        self.what, self.place = what, place


class UnsettableText(SheetFailure):
    """A character for which no installed font has a glyph."""


class TrainingFailure(SheetFailure):
    """A demo's training brought something that is not a number."""


class NotebookFailure(SheetFailure):
    """A cell of a solution notebook raised an error, or did not end."""


class TexFailure(SheetFailure):
    """TeX did not produce the document.

    what       TeX's own message, without a place
    line       the line of TeX's source where it was noticed; 0 where TeX names none
    before     what TeX had read of that line
    argument   what TeX had read of a macro's argument, if the mistake lies in one
    character  the one that has no glyph, if that is what was wrong
    """

    def __init__(
        self,
        message: str,
        log: str = "",
        *,
        what: str = "",
        line: int = 0,
        before: str = "",
        argument: str = "",
        character: str = "",
    ) -> None:
        super().__init__(message)
        self.log, self.what, self.line = log, what, line
        self.before, self.argument, self.character = before, argument, character


class FenceFailure(BlattwerkError):
    """The fence around TeX that this machine offers could not be put up; TeX does not run without it."""
