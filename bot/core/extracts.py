"""
Extract: what a copy of a part of the ledger holds, and the one way in which it is written as lines.

Its first line says what it is, its last how much is in it, and between them each line is an entry.
An entry may be withheld: then its place and its hash are there, and of what it says no more than a
copy with some of it blacked out, which its hash does not prove.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple, cast

from pydantic import Field, JsonValue, TypeAdapter, ValidationError

from bot.core import showcase
from bot.core.chain import Break, Head, Link, Row, Walk
from bot.core.showcase import Contents
from bot.core.values import Frozen

FORMAT, SHOWING = 1, 2
"""The second has contents of exhibits, each in the line of its entry."""
VERIFY = "heal audit verify --ledger FILE"
"""What every extract says of how it is verified."""


class Withheld(NamedTuple):
    """An entry of which only the hash is given away; `shown` is a copy of it, in part black."""

    link: Link
    why: str
    shown: Row | None = None

    @property
    def seq(self) -> int:
        return self.link.seq


Part = Row | Withheld


class Stated(NamedTuple):
    """What an extract says of itself; `head` is where the ledger ended when it was made."""

    made_at: str
    chosen: str
    entries: int
    head: Head
    withheld: int = 0
    black: tuple[str, ...] = ()
    """What was blacked out, by the words in which it was asked for."""
    by: str = ""
    """The version of Heal that made it."""
    left_out: Mapping[str, int] = {}
    """By incident: how many alerts that joined are not in it, so that people can read the rest."""
    checkpoint: str = ""
    """A signed checkpoint of the ledger, as the note that it is."""
    paths: Mapping[int, tuple[str, ...]] = {}
    """By its place: the hashes that lead from an entry to the root that was signed."""


class Extract(NamedTuple):
    """An extract as it was read; `broken` is the first line that Heal did not write so."""

    stated: Stated
    parts: tuple[Part, ...]
    broken: Break | None = None
    contents: Contents = {}


class _Copy(Frozen):
    at: str
    incident: str
    actor: str
    kind: str
    key: str
    body: str


class _Link(Frozen):
    seq: int
    prev: str
    hash: str


class _Whole(_Copy, _Link):
    octets: str = ""


class _Withheld(_Link):
    withheld: str
    shown: _Copy | None = None


class _Said(Frozen):
    format: int
    by: str
    made_at: str
    chosen: str
    black: tuple[str, ...]
    left_out: dict[str, int]
    head: Head
    checkpoint: str
    paths: dict[int, tuple[str, ...]]
    verify: str


class _First(Frozen):
    extract: _Said


class _Sums(Frozen):
    entries: int = Field(ge=0)
    withheld: int = Field(ge=0)


class _Last(Frozen):
    end: _Sums


_LINE: TypeAdapter[_Whole | _Withheld | _First | _Last] = TypeAdapter(
    _Whole | _Withheld | _First | _Last
)


def walked(walk: Walk, parts: Iterable[Part]) -> Break | None:
    """Walk along the parts of an extract and say what is first wrong with them, if anything is."""
    faults = (walk.fault(part) if isinstance(part, Row) else walk.over(part.link) for part in parts)
    return next(filter(None, faults), None)


def astray(walk: Walk, stated: Stated, remembered: Head | None) -> Break | None:
    """Compare what an extract holds with what it says of itself, and with what was remembered."""
    last, ledger = walk.head, stated.head
    after = last.seq + 1
    for what, said, found in (
        ("entries", stated.entries, walk.count),
        ("withheld entries", stated.withheld, walk.withheld),
    ):
        if said != found:
            return Break(after, f"{said} {what} were put in, {found} are there")
    if last.seq > ledger.seq or (last.seq == ledger.seq and last.hash != ledger.hash):
        return Break(last.seq, "it is not where the extract says that the ledger ended")
    if remembered and remembered.seq == ledger.seq and remembered.hash != ledger.hash:
        return Break(ledger.seq, "the ledger ended with another entry than the remembered one")
    if remembered and not walk.met and remembered.seq != ledger.seq:
        return Break(remembered.seq, "that entry is not in it: ask the ledger about it")
    return None


def lines(stated: Stated, parts: Iterable[Part], contents: Contents) -> Iterator[str]:
    """Write it one part a line, in plain ASCII: no entry can end a line or hide a character."""
    said = {
        "format": SHOWING if contents else FORMAT,
        "by": stated.by, "made_at": stated.made_at, "chosen": stated.chosen,
        "black": stated.black, "left_out": dict(stated.left_out), "head": stated.head,
        "checkpoint": stated.checkpoint, "paths": dict(stated.paths), "verify": VERIFY,
    }  # fmt: skip
    yield json.dumps({"extract": said})
    counts = {"entries": 0, "withheld": 0}
    for part in parts:
        counts["entries" if isinstance(part, Row) else "withheld"] += 1
        yield json.dumps(_told(part, contents.get(part.seq)))
    yield json.dumps({"end": counts})


def read(text: Iterable[str]) -> Extract:
    """Read the lines of an extract; never raises for what it finds in there."""
    first: _Said | None = None
    last: _Sums | None = None
    parts: list[Part] = []
    contents = dict[int, bytes]()

    def broken(number: int, why: str) -> Extract:
        seq = parts[-1].seq + 1 if parts else 1
        return Extract(_stated(first, last), tuple(parts), Break(seq, f"line {number} {why}"))

    number = 0
    for number, line in enumerate(text, 1):
        try:
            told = _LINE.validate_json(line, strict=False)
        except ValidationError:
            return broken(number, "is none of an extract")
        if last is not None or isinstance(told, _First) != (number == 1):
            return broken(number, "is not in its place")
        match told:
            case _First(extract=first):
                if first.format not in {FORMAT, SHOWING}:
                    return broken(number, "is of another version of Heal: verify it with that one")
                again = json.dumps({"extract": _dumped(first)})
            case _Last(end=last):
                again = json.dumps({"end": _dumped(last)})
            case _:
                parts.append(_part(told))
                octets = showcase.read(told.octets) if isinstance(told, _Whole) else None
                contents |= {told.seq: octets} if octets else {}
                again = json.dumps(_told(parts[-1], octets or None))
        if again != line:
            return broken(number, "is not written as Heal writes it")
    if last is None:
        return broken(number + 1, "is missing: the end was cut off")
    return Extract(_stated(first, last), tuple(parts), contents=contents)


def _told(part: Part, octets: bytes | None) -> dict[str, JsonValue]:
    if isinstance(part, Row):
        shown = {"octets": showcase.written(octets)} if octets else {}
        return cast("dict[str, JsonValue]", part._asdict() | shown)
    told = cast("dict[str, JsonValue]", part.link._asdict()) | {"withheld": part.why}
    if part.shown is not None:
        shown = part.shown._asdict()
        told["shown"] = {name: shown[name] for name in _Copy.model_fields}
    return told


def _part(told: _Whole | _Withheld) -> Part:
    if isinstance(told, _Whole):
        return Row(**told.model_dump(exclude={"octets"}))
    link = Link(told.seq, told.prev, told.hash)
    copy = Row(**link._asdict(), **told.shown.model_dump()) if told.shown else None
    return Withheld(link, told.withheld, copy)


def _dumped(said: Frozen) -> JsonValue:
    return cast("JsonValue", said.model_dump(mode="json"))


def _stated(first: _Said | None, last: _Sums | None) -> Stated:
    sums = last or _Sums(entries=0, withheld=0)
    if first is None:
        return Stated("", "", sums.entries, Head(0, ""), sums.withheld)
    return Stated(first.made_at, first.chosen, sums.entries, first.head, sums.withheld,
                  first.black, first.by, first.left_out, first.checkpoint, first.paths)  # fmt: skip
