"""A sheet's code goes from a manifest into TeX: it is one of ours, or it is refused."""

import pytest
from pydantic import TypeAdapter, ValidationError

from blattwerk.build.order.class_list import Student
from blattwerk.build.order.ordered import sheet_code
from blattwerk.build.order.sheet_file import checked_sheet
from blattwerk.build.page.header import sheet_view
from blattwerk.build.store.records import SheetCode
from blattwerk.errors import UnsettableText

HOSTILE = ("ABCD-EFG1", "ABCD-EFGH\n", "abcd-efgh", "ABCD-EFGHI", "", "\\directlua{x}", "ABCD-EFGH\\input{x}", "}")


@pytest.mark.parametrize("code", HOSTILE)
def test_another_code_is_refused_where_it_enters(code: str) -> None:
    """In the record of a manifest."""
    with pytest.raises(ValidationError):
        TypeAdapter(SheetCode).validate_python(code)


@pytest.mark.parametrize("number", range(20))
def test_our_codes_are_codes(number: int) -> None:
    """Whatever the student."""
    code = sheet_code(b"secret", 7, f"s{number}", number)
    assert TypeAdapter(SheetCode).validate_python(code) == code


@pytest.mark.parametrize("code", [code for code in HOSTILE if set(code) & set("\\{}\n")])
def test_a_hostile_code_reaches_no_tex(code: str) -> None:
    """Even if it got past the manifest."""
    given = {"course": {"title": "ML"}, "sheet": {"title": "S"}, "exercises": [{"id": "kl_normal_1d"}]}
    sheet = checked_sheet(given, "sheet")
    with pytest.raises(UnsettableText):
        sheet_view(sheet, Student("s", "N"), code, (), "en", "questions")
