"""Values as JSON and back, and digests of bytes: what is kept must be known again.

Params go by the types of their dataclass: a Fraction becomes the string '3/8'.
"""

from functools import cache
from hashlib import sha256
from typing import Any

from pydantic import TypeAdapter, ValidationError

from blattwerk.errors import ManifestError


@cache
def adapter(type_: Any) -> TypeAdapter[Any]:
    """Pydantic's adapter of a type, made once."""
    return TypeAdapter(type_)


def to_json(params: Any) -> Any:
    """A params dataclass as JSON values."""
    return adapter(params.__class__).dump_python(params, mode="json")


def from_json(type_: Any, data: Any) -> Any:
    """The params of this type from JSON values; raises ManifestError where they do not fit."""
    try:
        return adapter(type_).validate_python(data)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        what = f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
        raise ManifestError(f"the stored numbers do not fit {type_.__module__}.{type_.__name__}: {what}") from error
    except (ArithmeticError, RecursionError) as error:  # '1/0' for a Fraction
        what = type(error).__name__
        raise ManifestError(f"the stored numbers do not fit {type_.__module__}.{type_.__name__}: {what}") from error


def digest(content: bytes) -> str:
    """The SHA-256 of a file."""
    return sha256(content).hexdigest()
