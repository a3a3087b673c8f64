"""Choosing: which entries an export is about, where that takes a look into the ledger itself."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import JsonValue

from bot.core import chain
from bot.core.chain import Row
from bot.core.clauses import ANY
from bot.core.inclusion import KEY_KIND
from bot.store import reading, searching
from bot.store.reading import Choice
from bot.store.searching import Sentence

TOLD = {"incident.opened", "plan.made", "approval.decided", "run.started"}
STOPS = {"house.halted", "house.resumed"}
FREEZES = {"house.frozen", "house.thawed"}


@dataclass
class _Story:
    """What there is to know of an incident before it is chosen."""

    first: int
    last: int = 0
    met: bool = False
    """Whether an entry of it lies in the time that was chosen."""
    service: str = ""
    environment: str = ""
    hung_on: set[str] = field(default_factory=set)
    """The pre-approval that it ran by, and the policies by which it was judged."""


@dataclass
class _Order:
    """An entry of the house: what it is about."""

    seq: int
    kind: str
    met: bool
    service: str
    name: str
    """Of the pre-approval or of the policy."""


def settled(path: Path, choice: Choice, sentence: Sentence, *, whole: bool) -> Choice:
    """
    Say which incidents and which entries of the house a choice comes to.

    An incident brings along what it hung on: the pre-approval that it ran by, the policy that it
    was judged by, stops and freezes while it lasted. One that is asked for by its name also brings
    the keys that signed checkpoints, for it is given with its proof. With `whole` it comes with all
    of its entries when one of them was chosen. Words choose incidents; all of them must stand in
    one entry.
    """
    if not (choice.service or choice.environment or choice.words or choice.incident or whole):
        return choice
    held = searching.matching(path, choice.words, sentence) if choice.words else None
    with reading.opened(path) as conn:
        stories, orders = _read(reading.rows(conn), choice)
    mine = {
        name: story
        for name, story in stories.items()
        if choice.incident in {"", name}
        and choice.service in {"", story.service}
        and choice.environment in {"", story.environment}
        and (held is None or name in held[0])
        and (story.met or not whole)
    }
    house = {one.seq for one in orders if any(_bears(one, story) for story in mine.values())}
    if held is not None and not choice.incident:
        house |= held[1]
    house |= {one.seq for one in orders if _ordered(one, choice)}
    if mine and choice.incident:
        house |= {one.seq for one in orders if one.kind == KEY_KIND}
    return choice._replace(names=tuple(mine), house=tuple(sorted(house)), whole=whole)


def _read(rows: Iterable[Row], choice: Choice) -> tuple[dict[str, _Story], list[_Order]]:
    since = chain.stamp(choice.since) if choice.since else ""
    until = chain.stamp(choice.until) if choice.until else "~"
    stories, orders = dict[str, _Story](), list[_Order]()
    for row in rows:
        met = since <= row.at < until
        if not row.incident:
            orders.append(_order(row, met=met))
            continue
        story = stories.setdefault(row.incident, _Story(row.seq))
        story.last, story.met = row.seq, story.met or met
        if row.kind in TOLD:
            _follow(story, row.kind, json.loads(row.body))
    return stories, orders


def _follow(story: _Story, kind: str, said: Mapping[str, JsonValue]) -> None:
    if kind == "incident.opened":
        story.service, story.environment = _text(said, "service"), _text(said, "environment")
    if kind == "plan.made":
        story.hung_on.add(_text(said, "plan", "policy_digest"))
    elif kind == "run.started":
        story.hung_on.add(_text(said, "permit"))
    elif kind == "approval.decided":
        story.hung_on.add(_text(said, "permit", "id"))


def _order(row: Row, *, met: bool) -> _Order:
    said = json.loads(row.body)
    service = _text(said, "service") or _text(said, "wanted", "service")
    name = ""
    if row.kind.startswith("house.permit."):
        name = _text(said, "permit")
    elif row.kind == "house.policy_taken":
        name = _text(said, "digest")
    return _Order(row.seq, row.kind, met, service, name)


def _bears(order: _Order, story: _Story) -> bool:
    """Whether an incident hung on it."""
    meanwhile = story.first <= order.seq <= story.last
    frozen = order.kind in FREEZES and order.service in {ANY, story.service}
    named = bool(order.name) and order.name in story.hung_on
    return named or (meanwhile and (order.kind in STOPS or frozen))


def _ordered(order: _Order, choice: Choice) -> bool:
    """Whether it was chosen by itself: of a service what names it, and all where none is chosen."""
    if choice.incident or choice.words or not order.met:
        return False
    if choice.service:
        return order.service in {ANY, choice.service}
    return not choice.environment


def _text(said: Mapping[str, JsonValue], *path: str) -> str:
    found: JsonValue = dict(said)
    for name in path:
        found = found.get(name) if isinstance(found, dict) else None
    return found if isinstance(found, str) else ""
