"""Limits of a house, counted from its record alone: runs at once, on one target, in a span."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from bot.core.transcript import Entry


class Began(NamedTuple):
    """A run that began: which, when, and on what."""

    incident: str
    at: datetime
    targets: tuple[str, ...]


class Window(NamedTuple):
    """At most so many runs in such a time, of all or on one target."""

    limit: int
    within: timedelta
    on_a_target: bool = False


def exceeded(entries: Sequence[Entry], at_once: int, windows: Iterable[Window]) -> list[str]:
    """Say where more runs were under way, or began, than may be."""
    found, under_way = list[str](), dict[str, Began]()
    for entry in entries:
        body = json.loads(entry.body)
        if began := _began(entry, body):
            held = {key: one.incident for one in under_way.values() for key in one.targets}
            shared = [f"{key} of {held[key]}" for key in began.targets if key in held]
            found += [f"{entry.incident} began on {one}" for one in shared]
            under_way[entry.incident] = began
            if len(under_way) > at_once:
                found.append(f"{entry.incident} began as one of {len(under_way)}")
        elif _over(entry.kind, body):
            under_way.pop(entry.incident, None)
    runs = list(runs_of(entries))
    return found + [said for window in windows for said in _overfull(runs, window)]


def runs_of(entries: Iterable[Entry]) -> Iterator[Began]:
    """Every run that began, in the order of the record."""
    for entry in entries:
        if began := _began(entry, json.loads(entry.body)):
            yield began


def _overfull(runs: Sequence[Began], window: Window) -> Iterator[str]:
    keys = {key for one in runs for key in one.targets} if window.on_a_target else {""}
    for key in sorted(keys):
        counted = [one for one in runs if not key or key in one.targets]
        for last in counted:
            lately = [one for one in counted if timedelta() <= last.at - one.at < window.within]
            if len(lately) > window.limit:
                yield f"{last.incident} is the {len(lately)}th of {window.limit} {key}".rstrip()


def _began(entry: Entry, body: dict[str, object]) -> Began | None:
    if entry.kind != "run.started" or body["refused"]:
        return None
    targets = body["targets"]
    assert isinstance(targets, list)
    return Began(entry.incident, entry.at, tuple(map(str, targets)))


def _over(kind: str, body: dict[str, object]) -> bool:
    healed = kind == "run.verified" and body["passed"] and not body.get("back")
    return bool(healed) or kind == "incident.closed"
