"""The field reference in `runbooks/README.md`, generated from the models that check the files."""

from __future__ import annotations

import types
from collections.abc import Iterator
from datetime import timedelta
from enum import StrEnum
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from bot.catalog import checking
from bot.core import durations
from bot.core.detector import Detector
from bot.core.runbook import Runbook

BEGIN = "<!-- reference: generated from bot/core, do not edit below -->"
END = "<!-- reference: end -->"

_WORDS: dict[object, str] = {
    str: "text",
    bool: "true or false",
    int: "integer",
    float: "number",
    timedelta: "duration",
}


def fill(page: str) -> str:
    """Put the present reference between the markers of a page."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{render()}\n{END}{after}"


def render() -> str:
    """Write a table for each clause of a runbook, and then of a detector, in order of use."""
    seen: set[type[BaseModel]] = set()
    found = [*_models("runbook", Runbook, seen), *_models("detector", Detector, seen)]
    return "\n".join(_table(title, model) for title, model in found)


def _models(
    title: str, model: type[BaseModel], seen: set[type[BaseModel]]
) -> Iterator[tuple[str, type[BaseModel]]]:
    if model in seen:
        return
    seen.add(model)
    yield title, model
    for name, field in checking.names(model).items():
        inner = checking.model_in(field.annotation)
        if inner is not None:
            yield from _models(name if title == "runbook" else f"{title}.{name}", inner, seen)


def _table(title: str, model: type[BaseModel]) -> str:
    said = " ".join((model.__doc__ or "").split())
    head = f"### {title}\n\n{said}\n\n| field | type | default | meaning |\n|---|---|---|---|\n"
    rows = (
        f"| `{name}` | {_type(field.annotation)} | {_default(field)} | {_cell(field)} |\n"
        for name, field in checking.names(model).items()
    )
    return head + "".join(rows)


def _cell(field: FieldInfo) -> str:
    return (field.description or "").replace("|", "\\|")


def _type(annotation: Any) -> str:
    """Say a type as the author of a file knows it."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin in {Union, types.UnionType}:
        members = {_type(member) for member in arguments if member is not types.NoneType}
        return "text, number, true or false" if len(members) > 3 else " or ".join(sorted(members))
    if origin is tuple:
        return f"list of {_type(arguments[0])}"
    if origin is dict:
        return f"map of {_type(arguments[1])}"
    if hasattr(annotation, "__metadata__"):
        return _type(arguments[0])
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return ", ".join(f"`{word}`" for word in annotation)
    return _WORDS.get(annotation, "fields" if checking.model_in(annotation) else "value")


def _default(field: FieldInfo) -> str:
    value = field.get_default()
    if field.is_required():
        return "required"
    if isinstance(value, timedelta):
        return f"`{durations.text(value)}`"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if value is None or value in ((), {}, ""):
        return "–"
    if isinstance(value, BaseModel):
        return "its defaults"
    return f"`{_written(value)}`"


def _written(value: object) -> str:
    if isinstance(value, tuple):
        return "[" + ", ".join(_written(item) for item in value) + "]"
    if isinstance(value, BaseModel):
        fields = value.model_dump(mode="json")
        return "{" + ", ".join(f"{name}: {item}" for name, item in fields.items()) + "}"
    return str(value)
