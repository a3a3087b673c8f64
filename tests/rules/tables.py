"""Tables of pages, and how a default is written in them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def default(field: FieldInfo) -> str:
    """A default as one would write it into the environment."""
    if field.is_required():
        return "required"
    value = field.default
    if isinstance(value, SecretStr) or value in ("", (), {}, None) or field.default_factory:
        return ""
    return f"`{','.join(value) if isinstance(value, tuple) else value}`"


def of_section(section: str, model: type[BaseModel]) -> Iterator[tuple[str, str, str]]:
    """The settings of one section: `HEAL_<SECTION>_<FIELD>`."""
    for name, field in model.model_fields.items():
        yield f"`HEAL_{section}_{name}`".upper(), default(field), field.description or ""
