"""One message for a storm: how much goes on, what waits for people, and how it all ended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from bot.core import incident as incidents
from bot.core import telling
from bot.core.incident import Incident
from bot.core.lifecycle import State
from bot.slack.cards import lists, looks, message, parts, words
from bot.slack.cards.escaping import code, escape
from bot.slack.cards.looks import Look
from bot.slack.cards.message import Block, Message

MOST_LISTED = 10
LOUDEST = 5
CALLS = 10
"""Calls of the same people that get a message of their own, when nothing but calls was done."""
QUIETLY = (
    "Only what needs somebody, or was changed, gets a message of its own; "
    f"of what is just handed to the same people the first {CALLS} do."
)


class Line(NamedTuple):
    """What a digest says of one incident: little enough to keep of ten thousand."""

    id: str
    service: str
    environment: str
    title: str
    seen: int
    look: Look
    waits: bool
    called: bool
    carded: bool
    """Whether it has a message of its own, to which a link may lead."""


def line(incident: Incident, *, carded: bool) -> Line:
    """As an incident stands now."""
    return Line(
        id=incident.id,
        service=incident.service,
        environment=incident.environment,
        title=looks.title(incident),
        seen=incident.seen,
        look=looks.look(incident),
        waits=incidents.request_of(incident) is not None,
        called=incident.escalated is not None,
        carded=carded,
    )


def card(
    met: Sequence[Line],
    links: Mapping[str, str],
    began: datetime,
    ended: datetime | None,
    guard: str = "",
) -> Message:
    """
    Show a storm: `met` are its incidents, oldest first, `links` their cards that stand in Slack.

    `ended` is None while it lasts; `guard` is why nothing runs unattended, while that is so.
    """
    alerts = sum(one.seen for one in met)
    count = f"{len(met)} incidents, {alerts} alerts"
    title = f"☔ Storm: {count}" if ended is None else f"☀️ The storm is over: {count}"
    return message.of(title, _blocks(met, links, began, ended, title, guard))


def named(met: Sequence[Line]) -> Iterator[Line]:
    """Those that the digest names, and so can have a link; some of them twice."""
    yield from _waiting(met)[:MOST_LISTED]
    yield from _called(met)[:MOST_LISTED]
    yield from _loudest(met)[:LOUDEST]


def _waiting(met: Sequence[Line]) -> list[Line]:
    return [one for one in met if one.waits]


def _called(met: Sequence[Line]) -> list[Line]:
    return [one for one in met if one.called]


def _loudest(met: Sequence[Line]) -> list[Line]:
    return sorted(met, key=lambda one: one.seen, reverse=True)


def _blocks(
    met: Sequence[Line],
    links: Mapping[str, str],
    began: datetime,
    ended: datetime | None,
    title: str,
    guard: str,
) -> Iterator[Block]:
    yield parts.header(title)
    yield from map(parts.section, lists.in_storm(guard))
    since = f"since {words.moment(began)}"
    if ended is not None:
        since += f", for {telling.span((ended - began).total_seconds())}"
    yield parts.context(since, QUIETLY)
    if waiting := _waiting(met):
        verb = "waits" if len(waiting) == 1 else "wait"
        yield from _list(f"🔔 {len(waiting)} {verb} for approval", waiting, links)
    if called := _called(met):
        yield from _list(f"🚨 {len(called)} handed to people", called, links)
    yield parts.section(" · ".join(_outcomes(met)))
    yield from _list("Most alerts", _loudest(met), links, most=LOUDEST)
    yield parts.context("all of them, also those without a message: `/heal status`",
                        "and `/heal history`")  # fmt: skip


def _outcomes(met: Sequence[Line]) -> Iterator[str]:
    """How many stand how, in the order of the lifecycle; the counts add up to all."""
    counted = Counter(one.look for one in met)
    order = [*dict.fromkeys(looks.LOOKS[state] for state in State), *counted]
    for look in dict.fromkeys(order):
        if counted[look]:
            yield f"{look.sign} {look.word} *{counted[look]}*"


def _list(
    title: str, those: Sequence[Line], links: Mapping[str, str], most: int = MOST_LISTED
) -> Iterator[Block]:
    lines = [f"• {_about(one, links.get(one.id, ''))}" for one in those[:most]]
    if len(those) > most:
        lines.append(f"_… and {len(those) - most} more_")
    yield from parts.sections(title, lines, most=3000)


def _about(one: Line, link: str) -> str:
    place = ", ".join(escape(word, 60) for word in (one.service, one.environment) if word)
    name = f"<{link}|{one.id}>" if link else code(one.id, 40)
    count = "1 alert" if one.seen == 1 else f"{one.seen} alerts"
    return f"{one.look.sign} {name} {place} · {escape(one.title, 80)} · {count}"
