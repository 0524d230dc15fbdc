"""The JSON Schema of a sheet file, by which an editor completes and checks it while it is typed."""

from typing import Any

from blattwerk.build.order.course_file import OF_ONE_SHEET
from blattwerk.build.order.mistakes import NOT_WRITTEN
from blattwerk.build.order.sheet_tables import SheetFile

DIALECT = "https://json-schema.org/draft/2020-12/schema"
SHARED = ("Course", "SheetInfo")  # tables of which a part may stand in the course file


def sheet_schema(of_course: bool = False) -> dict[str, Any]:
    """The schema of a sheet file, or of the course file.

    Nothing is required that may stand in the other one of the two.
    """
    schema = SheetFile.model_json_schema(by_alias=True)
    for table in SHARED:
        schema["$defs"][table].pop("required", None)
    left_out = OF_ONE_SHEET if of_course else NOT_WRITTEN
    for key in left_out:
        schema["properties"].pop(key)
    schema["required"] = [] if of_course else ["exercises"]
    schema["title"] = "The course file of Blattwerk" if of_course else "A sheet file of Blattwerk"
    return {"$schema": DIALECT, **schema}
