"""
Blacking: an extract for outsiders, in which chosen texts are black and the chain still holds.

An entry's hash is over all that it says, so an entry with a black text is withheld: its place and
its hash stay, beside a copy that shows the rest. What is black under one name is black wherever
else it stands, for reasons and names are repeated. Whoever can guess a black text exactly can
confirm the guess by the hash; an entry whose kind is withheld gives no copy to guess by.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from pydantic import JsonValue

from bot.core import redaction
from bot.core.alert import AlertStatus, Severity
from bot.core.approval import Ending
from bot.core.chain import Link, Row
from bot.core.errors import ConfigurationError
from bot.core.extracts import Part, Withheld
from bot.core.facts import StepEnding
from bot.core.inclusion import KEY_KIND
from bot.core.lifecycle import Event, State
from bot.core.redaction import BLACK

PERSONS, TEXTS, SECRETS, KIND = "persons", "texts", "secrets", "kind "
WRITTEN = ("why", "say", "summary", "annotations", "link", "given", "changes")
"""Fields in which people and senders write what they like."""
NAMING = {"who", "by", "people", "excluded", "lapsed", "members", "counts", "on_call", "grounds",
          "before", "brought_by", "calls", "fallback"}  # fmt: skip
"""Fields in which people are named."""
LEAST = 4
"""Signs of a text that is looked for elsewhere too, unless it is one of the words of a record."""
_OURS = (*Ending, *State, *Event, *StepEnding, *Severity, *AlertStatus)
_WORD = re.compile("|".join(map(re.escape, _OURS)) + r"|[a-z]+\.[a-z._]+")
_ID = re.compile(r"[UW][A-Z0-9]{1,20}")
_PERSON = r"[UW](?=[A-Z]*[0-9])[A-Z0-9]{7,20}|[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+"
_FIELD = re.compile(r"[\w/-]+(?:\.[\w/-]+)*")

Change = Callable[[str], str]


class Wish(NamedTuple):
    """What is not to be seen: `fields` by their names or the ends of their paths."""

    persons: bool = False
    secrets: bool = False
    fields: tuple[tuple[str, ...], ...] = ()
    kinds: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    """The same as it was asked for."""


def read(words: Iterable[str]) -> Wish:
    """
    Read what was asked for; ConfigurationError when it is nothing that can be black.

    >>> read(["persons", "alert.labels.customer"]).fields
    (('alert', 'labels', 'customer'),)
    """
    asked = tuple(dict.fromkeys(words))
    fields = list[tuple[str, ...]]([(name,) for name in WRITTEN] if TEXTS in asked else [])
    kinds = [word.removeprefix(KIND) for word in asked if word.startswith(KIND)]
    for word in asked:
        if word in {PERSONS, TEXTS, SECRETS} or word.startswith(KIND):
            continue
        if not _FIELD.fullmatch(word):
            raise ConfigurationError(f"{word!r} is no field: write persons, texts, secrets or a.b")
        fields.append(tuple(word.split(".")))
    return Wish(PERSONS in asked, SECRETS in asked, tuple(fields), tuple(kinds), asked)


class Blacking:
    """One wish, for all the rows of one extract: who is person-2 in one entry is so in all."""

    def __init__(self, wish: Wish, rows: Sequence[Row]) -> None:
        self._wish = wish
        bodies = [_body(row) for row in rows]
        self._people = self._known(rows, bodies) if wish.persons else {}
        found = {text for body in bodies for text in _chosen(body, wish.fields, ())}
        lines = {line for text in found for line in (text, *map(str.strip, text.splitlines()))}
        self._texts = _any(one for one in lines if len(one) >= LEAST and not _WORD.fullmatch(one))

    def parts(self, rows: Iterable[Row]) -> Iterator[Part]:
        """Each row as it may be given away: as it is, or withheld."""
        return map(self._part, rows)

    def text(self, said: str) -> str:
        """A text with everything black in it that is black elsewhere."""
        return self._named(self._repeated(said))

    def _part(self, row: Row) -> Part:
        if row.kind == KEY_KIND:
            return row  # nobody could tell who signed
        link = Link(row.seq, row.prev, row.hash)
        if row.kind in self._wish.kinds:
            return Withheld(link, f"{KIND}{row.kind}")
        before, why = _body(row), list[str]()
        shown: tuple[JsonValue, str, str] = (before, row.actor, row.key)
        for name, change in (
            ("texts and fields", self._in_fields),
            (PERSONS, self._in_names),
            (SECRETS, _without_secrets if self._wish.secrets else None),
        ):
            if change is not None and (after := change(shown)) != shown:
                shown = after
                why.append(name)
        if not why:
            return row
        body = json.dumps(shown[0], ensure_ascii=False, separators=(",", ":"))
        return Withheld(link, ", ".join(why), row._replace(actor=shown[1], key=shown[2], body=body))

    def _in_fields(self, shown: tuple[JsonValue, str, str]) -> tuple[JsonValue, str, str]:
        body, actor, key = shown
        black = _blacked(body, self._wish.fields, ())
        return _each(black, self._repeated, str), actor, key

    def _in_names(self, shown: tuple[JsonValue, str, str]) -> tuple[JsonValue, str, str]:
        body, actor, key = shown
        return _each(body, self._named, self._named), self._named(actor), self._named(key)

    def _repeated(self, said: str) -> str:
        return self._texts.sub(BLACK, said) if self._texts else said

    def _named(self, said: str) -> str:
        if not self._wish.persons:
            return said
        return self._pattern.sub(lambda found: self._person(found[0]), said)

    def _person(self, who: str) -> str:
        return f"person-{self._people.setdefault(who, len(self._people) + 1)}"

    def _known(self, rows: Sequence[Row], bodies: Sequence[JsonValue]) -> dict[str, int]:
        """Number everybody who is named in a field for it, in the order in which they appear."""
        found = dict[str, int]()
        for row, body in zip(rows, bodies, strict=True):
            for who in (row.actor, *_persons(body, naming=False)):
                if _ID.fullmatch(who):
                    found.setdefault(who, len(found) + 1)
        known = "|".join(sorted(map(re.escape, found), key=len, reverse=True))
        whose = rf"(?:{known or '(?!)'}|{_PERSON})"
        self._pattern = re.compile(rf"(?<![A-Za-z0-9]){whose}(?![A-Za-z0-9])")
        return found


def _without_secrets(shown: tuple[JsonValue, str, str]) -> tuple[JsonValue, str, str]:
    body, actor, key = shown
    return redaction.within(body), redaction.text(actor), redaction.text(key)


def _body(row: Row) -> JsonValue:
    told: JsonValue = json.loads(row.body)
    return told


def _any(texts: Iterable[str]) -> re.Pattern[str] | None:
    """A pattern of all of them, the longest first."""
    known = "|".join(sorted(map(re.escape, texts), key=len, reverse=True))
    return re.compile(known) if known else None


def _persons(value: JsonValue, *, naming: bool) -> Iterator[str]:
    """Whatever stands in a field that names people: as text, in a list, as names in a table."""
    match value:
        case str() if naming:
            yield value
        case list():
            for one in value:
                yield from _persons(one, naming=naming)
        case dict():
            for name, one in value.items():
                if naming:
                    yield name
                yield from _persons(one, naming=naming or name in NAMING)


def _chosen(
    value: JsonValue, fields: Sequence[tuple[str, ...]], path: tuple[str, ...]
) -> Iterator[str]:
    """Every text that stands in one of these fields, however deep."""
    match value:
        case str() if _among(path, fields):
            yield value
        case list():
            for one in value:
                yield from _chosen(one, fields, path)
        case dict():
            for name, one in value.items():
                yield from _chosen(one, fields, (*path, name))


def _blacked(
    value: JsonValue, fields: Sequence[tuple[str, ...]], path: tuple[str, ...]
) -> JsonValue:
    """The same with all in these fields black; what is empty stays so."""
    match value:
        case list():
            return [_blacked(one, fields, path) for one in value]
        case dict():
            return {name: _blacked(one, fields, (*path, name)) for name, one in value.items()}
        case None | "" | bool():
            return value
    return BLACK if _among(path, fields) else value


def _among(path: tuple[str, ...], fields: Sequence[tuple[str, ...]]) -> bool:
    """Whether it is one of these fields, or stands in one."""
    return any(
        path[at : at + len(field)] == field
        for field in fields
        for at in range(len(path) - len(field) + 1)
    )


def _each(value: JsonValue, change: Change, name: Change) -> JsonValue:
    """The same with every text changed, and the names of its fields by `name`."""
    match value:
        case str():
            return change(value)
        case list():
            return [_each(one, change, name) for one in value]
        case dict():
            return {name(field): _each(one, change, name) for field, one in value.items()}
    return value
