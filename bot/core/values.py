"""The kind of value that every noun of the core is."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler, JsonValue
from pydantic_core import core_schema


class _Read:
    """What is read from JSON text is JSON; only what comes from Python is looked at in depth."""

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        anything = core_schema.dict_schema(core_schema.str_schema(), core_schema.any_schema())
        deep = core_schema.no_info_wrap_validator_function(_copied, handler(source))
        return core_schema.json_or_python_schema(anything, deep)


_SCALARS = frozenset({str, int, float, bool, type(None)})


def _copied(value: Any, deeply: Callable[[Any], Any]) -> Any:
    """Copy what is flat and plain, which nearly all is; anything else is looked at `deeply`."""
    if type(value) is dict and all(
        type(key) is str and type(item) in _SCALARS for key, item in value.items()
    ):
        return dict(value)
    return deeply(value)


Facts = Annotated[dict[str, JsonValue], _Read]
"""What was read from the world, as JSON: the evidence of a probe, the pre-state of an action."""


class Frozen(BaseModel):
    """A value: it never changes, and a field nobody declared is a mistake."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @classmethod
    def __pydantic_init_subclass__(cls, **_: Any) -> None:
        """Tell Python the names of its fields while it still asks: `pare` needs no dictionary."""
        _bare(cls, dict.fromkeys(cls.model_fields))


_named: dict[frozenset[str], set[str]] = {}
"""Which fields were given, once for each choice of them: pydantic keeps a set for each value."""
M = TypeVar("M", bound=Frozen)


def changed(value: M, changes: Mapping[str, object]) -> M:
    """Return a value with some other fields, unchecked, as `model_copy` does; it costs less."""
    made = object.__new__(type(value))
    object.__setattr__(made, "__dict__", {**value.__dict__, **changes})
    object.__setattr__(made, "__pydantic_fields_set__", value.__pydantic_fields_set__)
    object.__setattr__(made, "__pydantic_extra__", None)
    object.__setattr__(made, "__pydantic_private__", None)
    return made


def pare(value: M, fields: Mapping[str, object]) -> M:
    """
    Return a value with exactly these fields, unchecked, that takes little memory.

    Its fields lie in the object itself. The dictionary, which pydantic always gives one, is twice
    as large, and only made when somebody asks for it.
    """
    names = value.__pydantic_fields_set__
    made = _bare(type(value), fields)
    object.__setattr__(made, "__pydantic_fields_set__", _named.setdefault(frozenset(names), names))
    object.__setattr__(made, "__pydantic_extra__", None)
    object.__setattr__(made, "__pydantic_private__", None)
    return made


def _bare(kind: type[M], fields: Mapping[str, object]) -> M:
    made = object.__new__(kind)
    for name, each in fields.items():
        object.__setattr__(made, name, each)
    return made


def canonical(value: JsonValue) -> str:
    """
    Write JSON the one way that hashes the same everywhere: sorted keys, no spaces.

    Half a surrogate pair, which JSON allows and UTF-8 does not, becomes a question mark.
    """
    return _octets(value).decode()


def digest(value: JsonValue) -> str:
    """
    Fingerprint a JSON value: 64 hex digits of SHA-256 over its canonical form.

    >>> digest({"b": 1, "a": 2}) == digest({"a": 2, "b": 1})
    True
    """
    return hashlib.sha256(_octets(value)).hexdigest()


_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _octets(value: JsonValue) -> bytes:
    return _CANONICAL.encode(value).encode("utf-8", "replace")
