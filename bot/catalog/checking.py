"""From a document to a checked value: what pydantic reports, in words that name the remedy."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from bot.catalog.problems import CatalogError, Document, Problem
from bot.core import spelling
from bot.core.flaws import FlawedError, Path

Model = TypeVar("Model", bound=BaseModel)

_REMEDIES = {
    "bool_type": "write true or false",
    "dict_type": "write `key: value` pairs",
    "float_type": "write a number, without quotes",
    "int_type": "write a whole number, without quotes",
    "model_type": "write `key: value` pairs",
    "string_type": "write text, in quotes if it looks like a number",
    "tuple_type": "write a list, like [a, b]",
}


def check(document: Document, model: type[Model]) -> Model:
    """
    Make the model of a document; CatalogError carries everything that is wrong with it.

    Strict and as JSON: a text is never taken for a number, nor "yes" for true.
    """
    try:
        return model.model_validate_json(json.dumps(document.content), strict=True)
    except ValidationError as error:
        raise CatalogError(_problems(document, model, error)) from error


def explain(model: type[BaseModel], error: ErrorDetails) -> str:
    """Say one of pydantic's errors with the value, what is wanted and the nearest right word."""
    place, kind = tuple(error["loc"]), error["type"]
    if kind == "extra_forbidden":
        return spelling.unknown(str(place[-1]), names(_model_at(model, place[:-1])))
    field = _field_at(model, place)
    meaning = field.description if field is not None and field.description else ""
    if kind == "missing":
        return f"{spelling.quoted(place[-1])} is missing: {meaning or 'write it'}"

    shown, said = spelling.quoted(error["input"]), error["msg"].removeprefix("Value error, ")
    if kind in {"enum", "literal_error"}:
        words = error["ctx"]["expected"].replace(" or ", ", ").replace("'", "").split(", ")
        return spelling.unknown(str(error["input"]), words)
    if kind == "value_error":
        return said if shown in said else f"{said} (it is {shown})"
    said = _REMEDIES.get(kind, said[:1].lower() + said[1:])
    return f"{shown} is not right: {said}" + (f" ({meaning})" if meaning else "")


def names(model: type[BaseModel] | None) -> dict[str, FieldInfo]:
    """Give the fields of a model under the names that a file uses."""
    fields = model.model_fields if model is not None else {}
    return {field.alias or name: field for name, field in fields.items()}


def _problems(
    document: Document, model: type[BaseModel], error: ValidationError
) -> Iterator[Problem]:
    seen: set[Path] = set()
    for each in error.errors(include_url=False):
        cause = each.get("ctx", {}).get("error")
        if isinstance(cause, FlawedError):
            place = _written(document, each["loc"])
            yield from (document.problem((*place, *path), said) for path, said in cause.flaws)
            continue
        path = each["loc"] if each["type"] == "missing" else _written(document, each["loc"])
        if path not in seen:  # a union reports once for each of its members
            seen.add(path)
            yield document.problem(path, explain(model, each))


def _written(document: Document, loc: Path) -> Path:
    """Keep what stands in the file: pydantic adds the members of a union."""
    known = 0
    while known < len(loc) and loc[: known + 1] in document.lines:
        known += 1
    return loc[:known]


def _field_at(model: type[BaseModel] | None, path: Path) -> FieldInfo | None:
    """Find the field that a path leads to, or the last one on its way."""
    field: FieldInfo | None = None
    for part in path:
        if isinstance(part, str) and (found := names(model).get(part)) is not None:
            field, model = found, model_in(found.annotation)
    return field


def _model_at(model: type[BaseModel], path: Path) -> type[BaseModel] | None:
    field = _field_at(model, path)
    return model if field is None else model_in(field.annotation)


def model_in(annotation: object) -> type[BaseModel] | None:
    """Find the model inside `tuple[Step, ...]`, `dict[str, Parameter]` or `Rollback | None`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    found = (model_in(argument) for argument in get_args(annotation))
    return next((model for model in found if model is not None), None)
