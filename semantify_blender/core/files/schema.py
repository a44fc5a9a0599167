"""What a JSON value must look like, written as the value's own shape, and checked down to every leaf.

A schema is `str`, `bool`, `int` or `float` (whole numbers too, booleans never); `[schema]`, a list of such values;
`{"name": schema}`, an object with these names at least, "name?" where it may be missing; `{str: schema}`, an object of
any names; `Maybe(schema)`, the value or null; or `object`, anything.
"""

from dataclasses import dataclass
from typing import Any

from ..errors import FileFormatError

_LARGEST = 1e15
"""Of any number: what is larger is none that was measured, and overflows when it is computed with."""
_NAMES = {str: "text", bool: "true or false", int: "a whole number", float: "a number"}


@dataclass(frozen=True)
class Maybe:
    """A value of a schema, or null."""

    schema: Any


def conform(path: object, value: Any, schema: Any, field: str = "", way_out: str = "make it again") -> None:
    """Raise FileFormatError, naming the field, unless a JSON value has the shape of a schema. way_out: how to go on."""

    def refuse(expected: str) -> None:
        raise FileFormatError(path, field or "file", f"expected {expected}; {way_out}")

    if isinstance(schema, Maybe):
        if value is not None:
            conform(path, value, schema.schema, field, way_out)
    elif isinstance(schema, list):
        if not isinstance(value, list):
            refuse("a list")
        for number, item in enumerate(value):
            conform(path, item, schema[0], f"{field}[{number}]", way_out)
    elif isinstance(schema, dict):
        if not isinstance(value, dict):
            refuse("an object")
        if str in schema:
            for name, item in value.items():
                conform(path, item, schema[str], _below(field, name), way_out)
            return
        for name, part in schema.items():
            bare = name.removesuffix("?")
            if bare in value:
                conform(path, value[bare], part, _below(field, bare), way_out)
            elif bare == name:
                raise FileFormatError(path, _below(field, bare), f"missing; {way_out}")
    elif schema is float:
        if not isinstance(value, int | float) or isinstance(value, bool) or not abs(value) <= _LARGEST:
            refuse(_NAMES[float])
    elif schema is not object and (not isinstance(value, schema) or (schema is int and isinstance(value, bool))):
        refuse(_NAMES[schema])


def check_matrix(path: object, value: list, shape: tuple[int, ...], field: str, way_out: str = "make it again") -> None:
    """Raise FileFormatError unless nested lists, known to be lists of lists of …, have a shape."""
    if len(value) != shape[0]:
        raise FileFormatError(path, field, f"has {len(value)} entries, expected {shape[0]}; {way_out}")
    if len(shape) > 1:
        for number, item in enumerate(value):
            check_matrix(path, item, shape[1:], f"{field}[{number}]", way_out)


def _below(field: str, name: str) -> str:
    return f"{field}.{name[:60]}" if field else name[:60]
