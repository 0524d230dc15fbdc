"""The tables of a sheet file: what a lecturer writes, as frozen values."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    StrictBool,
    StrictInt,
    Tag,
    model_validator,
)

from blattwerk.build.job import English
from blattwerk.build.order.fields import (
    EMPTY,
    KEY,
    KEY_PATTERN,
    LINE,
    OTHER_KIND,
    PROSE,
    SWITCH,
    TEXT,
    Colour,
    DayOrTime,
    Line,
    Picture,
    Points,
    Prose,
    Text,
    TextFiles,
)
from blattwerk.vocabulary.exercise import Difficulty

Paper = Literal["a4", "a5", "letter"]
AnswerSpace = Literal["lines", "squares", "box", "blank", "none"]
Height = Annotated[StrictInt, Field(ge=0, le=180)]
HEIGHT = "the height of the room for the answer in millimetres, a whole number from 0 to 180"
SHARING = ("student", "group", "team", "one")
FILE = 'the name of a .md or .tex file beside the sheet file, or one for each language: { en = "...", de = "..." }'


def _sharing(value: str) -> str:
    if value not in SHARING:
        raise ValueError(f"{value[:30]!r} is not allowed; allowed: {', '.join(SHARING)}")
    return value


class Table(BaseModel):
    """A table of the sheet file: unknown keys are mistakes."""

    model_config = ConfigDict(extra="forbid", frozen=True, serialize_by_alias=True)


class Course(Table):
    """Who sets the sheet."""

    code: Line = Field("", description=LINE)
    title: Text = Field(description=TEXT)
    institution: Text = Field(EMPTY, description=TEXT)
    term: Text = Field(EMPTY, description=TEXT)


class SheetInfo(Table):
    """What stands in the header, and what of the student is printed there. A deadline may be a day without a time."""

    number: StrictInt | None = Field(None, ge=0, le=999, description="a whole number from 0 to 999")
    title: Text = Field(description=TEXT)
    deadline: DayOrTime = Field(None, description="a date with a time, 2027-01-15T10:00:00, or without, 2027-01-15")
    hand_in: Text = Field(EMPTY, description=TEXT)
    print_name: StrictBool = Field(True, description=SWITCH)
    print_id: StrictBool = Field(True, description=SWITCH)
    hints: StrictBool = Field(False, description=SWITCH)
    numbers: Annotated[str, AfterValidator(_sharing)] | None = Field(
        None, description=f"who shares numbers: {', '.join(SHARING)}"
    )
    variants: StrictInt | None = Field(None, ge=2, le=26, description="a whole number from 2 to 26")
    shuffle: StrictBool = Field(False, description="true (each student has the exercises in another order) or false")

    @model_validator(mode="after")
    def _one_way(self) -> "SheetInfo":
        if self.numbers is not None and self.variants is not None:
            raise ValueError("numbers and variants exclude each other; remove one of them")
        return self


class PageLook(Table):
    """How the sheet looks."""

    paper: Paper = Field("a4", description='"a4", "a5" or "letter"')
    columns: Literal[1, 2] = Field(1, description="the columns of the question sheet, 1 or 2")
    cover: StrictBool = Field(False, description="true (the exercises begin on the second page) or false")
    points: Literal["", "total", "table"] = Field(
        "", description='"total" (in the header), "table" (a column for each exercise, and one for the total) or ""'
    )
    logo: Picture | None = Field(None, description="the name of a .pdf, .png or .svg file beside the sheet file")
    letterhead: Picture | None = Field(
        None, description="the name of a .pdf, .png or .svg file beside the sheet file; it is as wide as the text"
    )
    accent: Colour | None = Field(None, description='a dark colour in hexadecimal, such as "#004862"')
    footer: Text = Field(EMPTY, description=TEXT)
    english: English = Field("British", description='"British" or "US"')

    @model_validator(mode="after")
    def _room_for_columns(self) -> "PageLook":
        if self.columns == 2 and self.paper == "a5":
            raise ValueError("two columns need a4 or letter; on a5 they would be too narrow")
        return self


class Exam(Table):
    """What makes a sheet an exam: a cover page with fields, room for answers, a code on each page.

    The room for a part's answer is `per_point` millimetres for each of its points, or what the exercise says.
    """

    duration: StrictInt | None = Field(None, ge=1, le=1440, description="the minutes, a whole number from 1 to 1440")
    aids: Text = Field(EMPTY, description="what is allowed on the desk; " + TEXT)
    space: AnswerSpace = Field("lines", description='room for answers: "lines", "squares", "box", "blank" or "none"')
    per_point: StrictInt = Field(
        15,
        ge=0,
        le=100,
        description="the height of the room for one point in millimetres, a whole number from 0 to 100",
    )


class TutorInfo(Table):
    """A tutor; the address is printed as a link."""

    name: Line = Field(description=LINE)
    email: str | None = Field(
        None,
        max_length=200,
        pattern=r"^[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+$",
        description='an address, such as "tutor@example.org"',
    )


class Entry(Table):
    """One exercise of the sheet; its key (the id, if left out) names its draws, overrides, records and files."""

    id: str = Field(description='the id of an exercise, such as id = "kl_histogram"; `list` shows all')
    key: str = Field("", pattern=KEY_PATTERN, description=KEY)
    difficulty: Difficulty = Field("standard", description="easy, standard or hard")
    points: Mapping[str, Points] = Field({}, description="the points of a part, such as points = { forward = 3 }")
    without: tuple[str, ...] = Field((), description='the parts to be left out, such as without = ["zero"]')
    hints: StrictBool | None = Field(None, description=SWITCH)
    demo: StrictBool = Field(False, description=SWITCH)
    notebook: StrictBool = Field(False, description=SWITCH)
    new_page: StrictBool = Field(False, description="true (it begins on a new page) or false")
    bonus: StrictBool = Field(False, description="true (its points are not in the total) or false")
    wording: Mapping[str, Prose] = Field(
        {}, description='another question of a part, such as wording = { forward = "Find $D(p, q)$." }'
    )
    space: Mapping[str, Height] = Field({}, description=f"of a part, in an exam, {HEIGHT}: space = {{ forward = 60 }}")
    params: Mapping[str, Any] | None = Field(
        None, description="the numbers themselves, as `show ID --seed N --json` prints them under params"
    )

    @model_validator(mode="before")
    @classmethod
    def _own_key(cls, data: Any) -> Any:
        return {"key": data["id"], **data} if isinstance(data, Mapping) and isinstance(data.get("id"), str) else data


class MarkingStep(Table):
    """A step of the marking scheme of a part of one's own."""

    points: Points = Field(description="the points of this step")
    text: Prose = Field(description=PROSE)


class OwnPart(Table):
    """A part of an exercise of one's own: question and solution, as Markdown here or in files beside the sheet file."""

    question: Prose | None = Field(None, description=PROSE)
    question_file: TextFiles | None = Field(None, description=FILE)
    solution: Prose | None = Field(None, description=PROSE)
    solution_file: TextFiles | None = Field(None, description=FILE)
    hint: Prose | None = Field(None, description=PROSE)
    short: Text = Field(EMPTY, description="the question in a few words, for the solution sheet; " + TEXT)
    points: Points = Field(description="the points of this part")
    space: Height | None = Field(None, description=f"in an exam, {HEIGHT}")
    marking: tuple[MarkingStep, ...] = Field((), description="steps, each { points = 1, text = ... }")

    @model_validator(mode="after")
    def _whole(self) -> "OwnPart":
        for what in ("question", "solution"):
            there = [name for name in (what, f"{what}_file") if getattr(self, name) is not None]
            if len(there) != 1:
                raise ValueError(f"write either {what} = ... (Markdown) or {what}_file = ... (a file), and not both")
        steps = sum((step.points for step in self.marking), Fraction(0))
        if self.marking and steps != self.points:
            raise ValueError(
                f"the steps of the marking scheme have {float(steps):g} points, the part {float(self.points):g}"
            )
        return self


def _some(values: tuple[Any, ...]) -> tuple[Any, ...]:
    if not values:
        raise OTHER_KIND
    return values


class OwnExercise(Table):
    """An exercise written by hand. Nothing of it is proven."""

    key: str = Field(pattern=KEY_PATTERN, description=KEY)
    title: Text = Field(description=TEXT)
    intro: Prose | None = Field(None, description=PROSE)
    parts: Annotated[tuple[OwnPart, ...], Field(max_length=26), AfterValidator(_some)] = Field(
        description="for each part a table, [[exercises.parts]], with question, solution and points"
    )
    hints: StrictBool | None = Field(None, description=SWITCH)
    new_page: StrictBool = Field(False, description="true (it begins on a new page) or false")
    bonus: StrictBool = Field(False, description="true (its points are not in the total) or false")

    @property
    def points(self) -> Fraction:
        """What all its parts bring."""
        return sum((part.points for part in self.parts), Fraction(0))


class OwnText(Table):
    """A text between the exercises."""

    body: Prose | None = Field(None, description=PROSE)
    file: TextFiles | None = Field(None, description=FILE)
    before: str | None = Field(None, description='the key of the exercise before which it stands, such as "elbo"')
    after: str | None = Field(None, description='the key of the exercise after which it stands, such as "elbo"')
    at: Literal["cover", "start", "end"] | None = Field(None, description='"cover", "start" or "end"')
    new_page: StrictBool = Field(False, description="true (it begins on a new page) or false")

    @model_validator(mode="after")
    def _one_place(self) -> "OwnText":
        if (self.body is None) == (self.file is None):
            raise ValueError("write either body = ... (Markdown) or file = ... (a file), and not both")
        if sum(place is not None for place in (self.before, self.after, self.at)) > 1:
            raise ValueError("it can stand at one place only: before, after, or at")
        return self


class Override(Table):
    """Another draw of one exercise, named by its key, for one student; `draw` counts from 1."""

    student: str = Field(description="the id of a student in quotation marks")
    exercise: str = Field(description="the key (or id) of an exercise of this sheet in quotation marks")
    draw: StrictInt = Field(1, ge=1, le=999, description="a whole number from 1 to 999")


TOPIC, OWN = "(topic)", "(own)"  # tags, which no message shows


def _kind(entry: Any) -> str:
    if isinstance(entry, OwnExercise):
        return OWN
    by_hand = isinstance(entry, Mapping) and "id" not in entry and ("parts" in entry or "title" in entry)
    return OWN if by_hand else TOPIC


AnyExercise = Annotated[
    Annotated[Entry, Tag(TOPIC)] | Annotated[OwnExercise, Tag(OWN)],
    Discriminator(_kind),
]


class SheetFile(Table):
    """A whole sheet."""

    course: Course = Field(description='a table, [course], with title = "..."')
    sheet: SheetInfo = Field(description='a table, [sheet], with title = "..."')
    tutors: tuple[TutorInfo, ...] = Field((), description='for each tutor a table, [[tutors]], with name = "..."')
    entries: Annotated[tuple[AnyExercise, ...], AfterValidator(_some)] = Field(
        alias="exercises", description='for each exercise a table, [[exercises]], with id = "..."'
    )
    overrides: tuple[Override, ...] = Field((), description="a table, [[overrides]], with student and exercise")
    page: PageLook = Field(
        default_factory=PageLook.model_construct, description="a table, [page], with paper, logo and the like"
    )
    exam: Exam | None = Field(None, description="a table, [exam], with duration, aids and room for answers")
    text: tuple[OwnText, ...] = Field((), description="for each text a table, [[text]], with body and its place")
    files: Mapping[str, Annotated[str, Field(pattern="^[0-9a-f]{64}$")]] = Field(
        {}, description="the digests of the files that the sheet names; a record has them, and no sheet file"
    )

    @model_validator(mode="after")
    def _one_column_in_an_exam(self) -> "SheetFile":
        if self.exam is not None and self.page.columns == 2:
            raise ValueError("an exam has room for answers, and one column; remove columns from [page], or [exam]")
        return self

    @property
    def exercises(self) -> tuple[Entry, ...]:
        """The exercises that are drawn and proven, in the order of the file; `entries` has those of one's own too."""
        return tuple(entry for entry in self.entries if isinstance(entry, Entry))

    @property
    def own(self) -> tuple[OwnExercise, ...]:
        """The exercises written by hand."""
        return tuple(entry for entry in self.entries if isinstance(entry, OwnExercise))


TABLES: Mapping[str, tuple[type[Table], ...]] = {
    "course": (Course,),
    "sheet": (SheetInfo,),
    "tutors": (TutorInfo,),
    "exercises": (Entry, OwnExercise),
    "overrides": (Override,),
    "page": (PageLook,),
    "text": (OwnText,),
    "exam": (Exam,),
}
