"""The plain form of exact values: a program reads it back, and nothing runs."""

import pytest

from blattwerk.build.class_files.exact import read_exact
from blattwerk.build.order.catalogue import catalogue
from blattwerk.build.store.records import decimals
from blattwerk.vocabulary.exercise import DIFFICULTIES
from tests.instances import instance


@pytest.mark.parametrize("exercise_id", tuple(catalogue()))
def test_every_answer_is_read_back(exercise_id: str) -> None:
    """With the value that it has, at every difficulty."""
    for difficulty in DIFFICULTIES:
        for answer in instance(exercise_id, 3, difficulty).answers:
            assert decimals(read_exact(str(answer.value)).value()) == decimals(answer.value.value()), answer.name


@pytest.mark.parametrize(
    "text",
    [
        "",
        "__import__('os').system('true')",
        "x",
        "log(2).real",
        "log(2, base=3)",
        "1.5",
        "True",
        "Matrix([1, 2])",
        "Matrix(*a)",
        "f'{1}'",
        "(" * 300 + "1" + ")" * 300,
        "1+" * 3000 + "1",
    ],
)
def test_what_is_no_value_is_refused(text: str) -> None:
    """Whatever it is: it comes from a file that anybody may have edited."""
    with pytest.raises(ValueError, match=r"exact value|too long"):
        read_exact(text)
