"""Changed: which keys of a policy say something else than before, in words; pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from pydantic import JsonValue

from bot.core import spelling
from bot.core.catalogue import Service
from bot.core.policy.rulebook import Rulebook

NAMES = ("name", "id", "uid")
"""What an entry of a list is told apart by, where it has one."""


def rules(old: Rulebook, new: Rulebook) -> tuple[str, ...]:
    """
    Name every key that differs, with both its values.

    >>> from bot.core.policy.rulebook import Rulebook
    >>> before = Rulebook.model_validate({"approvers": {"high": {"people": ["U1"]}}})
    >>> rules(before, before.model_copy(update={"ask_from_tier": 5}))
    ('ask_from_tier: 4 → 5',)
    """
    return tuple(_between("", old.model_dump(mode="json"), new.model_dump(mode="json")))


def services(old: Sequence[Service], new: Sequence[Service]) -> tuple[str, ...]:
    """Name every service that came, went or is described otherwise."""
    before, now = _listed(old), _listed(new)
    return tuple(_between("", before, now))


def _listed(known: Sequence[Service]) -> dict[str, JsonValue]:
    return {f"{one.name} in {one.environment}": one.model_dump(mode="json") for one in known}


def _between(place: str, old: JsonValue, new: JsonValue) -> Iterator[str]:
    if old == new:
        return
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in dict.fromkeys([*old, *new]):
            inner = f"{place}.{key}" if place else key
            if key not in new:
                yield f"{inner}: gone (it was {_shown(old[key])})"
            elif key not in old:
                yield f"{inner}: new, {_shown(new[key])}"
            else:
                yield from _between(inner, old[key], new[key])
        return
    if isinstance(old, list) and isinstance(new, list):
        if found := _named(old, new):
            yield from _between(place, *found)
            return
        if _all_mappings(old) and _all_mappings(new):
            yield from _in_order(place, old, new)
            return
    yield f"{place}: {_shown(old)} → {_shown(new)}"


def _named(
    old: list[JsonValue], new: list[JsonValue]
) -> tuple[dict[str, JsonValue], dict[str, JsonValue]] | None:
    """Both lists by the names of their entries, where each has one of its own."""
    tables = []
    for entries in (old, new):
        table = {_name(entry): entry for entry in entries}
        if "" in table or len(table) < len(entries):
            return None
        tables.append(table)
    return tables[0], tables[1]


def _all_mappings(entries: list[JsonValue]) -> bool:
    return all(isinstance(entry, Mapping) for entry in entries)


def _in_order(place: str, old: list[JsonValue], new: list[JsonValue]) -> Iterator[str]:
    for number, (before, now) in enumerate(zip(old, new, strict=False)):
        yield from _between(f"{place}[{number}]", before, now)
    for number in range(len(new), len(old)):
        yield f"{place}[{number}]: gone (it was {_shown(old[number])})"
    for number in range(len(old), len(new)):
        yield f"{place}[{number}]: new, {_shown(new[number])}"


def _name(entry: JsonValue) -> str:
    if not isinstance(entry, Mapping):
        return ""
    return next((str(entry[key]) for key in NAMES if entry.get(key)), "")


def _shown(value: JsonValue) -> str:
    return str(value) if isinstance(value, int | float) else spelling.quoted(value)
