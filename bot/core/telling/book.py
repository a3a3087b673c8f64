"""Several transcripts as one Markdown document, then what concerned the whole house."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import reduce

from pydantic import ValidationError

from bot.core import chain, facts, folding
from bot.core.errors import IllegalTransition
from bot.core.incident import Incident
from bot.core.telling.document import transcript
from bot.core.telling.sentences import sentence
from bot.core.transcript import Entry


def book(entries: Sequence[Entry]) -> str:
    """Write one transcript an incident, in the order in which they were opened."""
    told: dict[str, list[Entry]] = {}
    for entry in entries:
        told.setdefault(entry.incident, []).append(entry)
    house = told.pop("", [])
    parts = [_one(name, its) for name, its in told.items()]
    return "\n".join([*parts, *([_listed("The house", house)] if house else [])])


def said(entry: Entry) -> str:
    """The sentence of an entry; the kind of it when another version wrote it."""
    try:
        return sentence(facts.read(entry.body))
    except ValidationError:
        return entry.kind


def folded(entries: Sequence[Entry]) -> Incident | None:
    """The incident of these entries; None when they are a part of it or of another version."""
    try:
        return reduce(folding.follow, entries[1:], folding.opened(entries[0]))
    except (IndexError, TypeError, ValidationError, IllegalTransition):
        return None


def _one(name: str, entries: Sequence[Entry]) -> str:
    whole = folded(entries)
    if whole is None:
        return _listed(f"{name} (another version of Heal wrote it)", entries)
    return transcript(whole, entries)


def _listed(title: str, entries: Sequence[Entry]) -> str:
    return "".join(f"{line}\n" for line in _lines(title, entries))


def _lines(title: str, entries: Sequence[Entry]) -> Iterator[str]:
    yield from (f"# {title}", "")
    for entry in entries:
        yield f"    {entry.seq}  {chain.stamp(entry.at)}  {entry.actor}  {said(entry)}"
