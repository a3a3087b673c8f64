"""The messages in payloads/, by the source that reads them, and ways to spoil them."""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from bot import plugins, ports
from bot.core.posted import Posted

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
PAYLOADS = Path(__file__).parent / "payloads"
NAMES = plugins.shipped("sources")
ODD: tuple[Any, ...] = (
    None, True, -1, 0, 10**400, 1e308, "", " ", "\x00", "\u202e", "🌊" * 3, "x" * 30_000, [], {},
    [[]], {"": ""}, "2026-02-30T25:61:61Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59-14:00",
    "resolved", "firing", "1e999", "NaN", "a,b:c=d", [None] * 50, "\ufffe", -(2**63), "١٢٣",
)  # fmt: skip
WEDGES = (b"\xff", b'"', b"[" * 300, b"\\ud800", b"{}", b",")
Place = tuple[str | int, ...]


class Sample(NamedTuple):
    """One message; `body` is its octets as they stand in the file."""

    file: str
    headers: dict[str, str]
    body: bytes

    def posted(self, body: bytes | None = None) -> Posted:
        return Posted(self.headers, self.body if body is None else body, NOW)


@cache
def of(source: str) -> tuple[Sample, ...]:
    """Every message of a source: a file belongs to the longest name that it begins with."""
    found = []
    for file in sorted(PAYLOADS.iterdir()):
        whose = [name for name in NAMES if file.name.startswith(f"{name.replace('.', '_')}_")]
        if file.name.endswith(".headers.json") or file.suffix == ".md" or not whose:
            continue
        if max(whose, key=len) == source:
            told = file.with_suffix(".headers.json")
            headers = json.loads(told.read_text()) if told.exists() else {}
            lower = {name.lower(): text for name, text in headers.items()}
            found.append(Sample(file.name, lower, file.read_bytes()))
    return tuple(found)


@cache
def made(source: str) -> ports.Source:
    """The source as it is with no setting at all: enough to read."""
    plug_in = importlib.import_module(f"bot.sources.{source}").PLUGIN
    return plug_in(plug_in.config(), None)  # type: ignore[no-any-return]


def leaves(value: Any, at: Place = ()) -> Iterator[tuple[Place, Any]]:
    """Every scalar of a JSON value, with the way to it."""
    inside: Sequence[tuple[str | int, Any]] = (
        list(value.items())
        if isinstance(value, dict)
        else list(enumerate(value))
        if isinstance(value, list)
        else []
    )
    if not inside and not isinstance(value, dict | list):
        yield at, value
    for key, held in inside:
        yield from leaves(held, (*at, key))


def replaced(value: Any, at: Place, by: Any) -> Any:
    """The same value with one place of it replaced; the rest is shared."""
    if not at:
        return by
    copy = value.copy()
    copy[at[0]] = replaced(value[at[0]], at[1:], by)
    return copy


def spoilt(sample: Sample, random: Random) -> bytes:
    """The message with one to three things wrong with it; every random number tells another."""
    try:
        value = json.loads(sample.body)
    except ValueError:
        return _broken(sample.body, random)
    if random.random() < 0.2:
        return _broken(sample.body, random)
    for _ in range(random.randint(1, 3)):
        value = _twisted(value, random)
    return json.dumps(value).encode()


def _twisted(value: Any, random: Random) -> Any:
    if not isinstance(value, dict | list) or not value or random.random() < 0.05:
        return random.choice(ODD)
    copy = value.copy()
    key = random.choice(list(copy)) if isinstance(copy, dict) else random.randrange(len(copy))
    how = random.random()
    if how < 0.15:
        del copy[key]
    elif how < 0.2 and isinstance(copy, list):
        copy *= random.choice([2, 50])
    elif how < 0.3 and isinstance(copy, dict):
        copy[random.choice(["", "x" * 300, "status", "labels", "id"])] = copy[key]
    else:
        copy[key] = _twisted(copy[key], random)
    return copy


def _broken(body: bytes, random: Random) -> bytes:
    octets = bytearray(body)
    for _ in range(random.randint(1, 4)):
        place = random.randrange(len(octets) + 1)
        how = random.random()
        if how < 0.4 and place < len(octets):
            octets[place] = random.randrange(256)
        elif how < 0.7:
            del octets[place : place + random.choice([1, 9, 999])]
        else:
            octets[place:place] = random.choice(
                [b"\xff", b'"', b"[" * 300, b"\\ud800", b"{}", b","]
            )
    return bytes(octets)
