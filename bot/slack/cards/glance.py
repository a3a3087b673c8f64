"""What goes on beside the incidents: who waits for what, what comes in, what policy held back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from bot.core import telling
from bot.core.batches import Batch
from bot.core.incident import Incident
from bot.core.lifecycle import ACTING, State
from bot.core.policy.verdict import Ruled, Ruling
from bot.ports import Door, Glance, Standstill
from bot.slack.cards import looks, parts, words
from bot.slack.cards.escaping import code, escape
from bot.slack.cards.message import Block

MOST = 10
LOUDEST = 5
"""Rules that are named of those that held plans back."""
AWAY = {
    "unauthentic": "without the secret",
    "malformed": "not understood",
    "too_large": "too large",
    "too_slow": "too slow",
    "throttled": "over the quota and told to come again",
    "unavailable": "not taken in and told to come again",
}
"""What is said of messages that were turned away, by what became of them."""


def standstills(closed: Iterable[Standstill]) -> Iterator[str]:
    """What the policy itself lets nobody change now; orders of people have their own lines."""
    yield from _some([f"❄️ {_standstill(one)}" for one in closed], "❄️")


def together(batches: Iterable[Batch], now: datetime) -> Iterator[str]:
    """Plans of one kind that one answer may decide."""
    lines = []
    for batch in batches:
        if len(waiting := batch.open(now)) > 1:
            names = ", ".join(code(one.incident, 40) for one in waiting[:MOST])
            title = escape(waiting[0].plan.title, 120)
            lines.append(
                f"🗂️ *{len(waiting)} plans of one kind* wait for one answer: {title} ({names})"
            )
    yield from _some(lines, "🗂️")


def queue(open_: Sequence[Incident]) -> Iterator[Block]:
    """Who waits its turn, the next one first, and the runs that it waits for."""
    waits = [(one.queued, one) for one in open_ if one.state is State.QUEUED and one.queued]
    waits.sort(key=lambda each: (each[0].place, each[1].id))
    lines = [
        f"{queued.place}. {code(one.id, 40)} {escape(looks.title(one), 100)}, "
        f"since {words.moment(queued.at)}"
        for queued, one in waits
    ]
    if lines:
        running = [code(one.id, 40) for one in open_ if one.state in ACTING]
        behind = f", behind {', '.join(running[:MOST])}" if running else ""
        yield from parts.sections(f"⏳ In the queue: {len(lines)}{behind}", lines, 3000)


def blocks(glance: Glance) -> Iterator[Block]:
    """The small print: what came in, what waits of it, what policy said in a day."""
    lines = [*_untold(glance), *_waiting(glance), *_doors(glance), *_policy(glance.ruled)]
    if lines:
        yield parts.context("\n".join(lines))


def _waiting(glance: Glance) -> Iterator[str]:
    if glance.waiting:
        since = telling.span(glance.oldest.total_seconds())
        yield f"📥 {_count(glance.waiting, 'message')} in the inbox, the oldest for {since}"


def _untold(glance: Glance) -> Iterator[str]:
    """What other systems do not know, and how they are told after all."""
    said = [
        f"{escape(name, 60)} {_count(count, 'update')}" for name, count in glance.untold.items()
    ]
    if said:
        yield f"🔇 Not told, and given up: {', '.join(said)}. `tickets retry` tells them once more"


def _doors(glance: Glance) -> Iterator[str]:
    """What came through each door, and what was turned away there."""
    for one in glance.doors[:MOST]:
        said = f"{_count(one.alerts, 'alert')} in {_count(one.messages, 'message')}"
        since = f"since {words.moment(glance.since)}"
        yield f"📨 {escape(one.source, 60)}: {said} {since}{_turned_away(one)}"
    if glance.doors[MOST:]:
        yield f"📨 and {len(glance.doors) - MOST} more"


def _turned_away(door: Door) -> str:
    away = [
        f"{count} {AWAY.get(word, escape(word, 60))}"
        for word, count in door.turned_away.items()
        if count
    ]
    return f"; {', '.join(away)}" if away else ""


def _policy(ruled: Sequence[Ruled]) -> Iterator[str]:
    """How many incidents policy let through, asked about and refused, and by which rules."""
    said = []
    for ruling, word in _SAID.items():
        of = [one for one in ruled if one.ruling is ruling]
        count = sum(one.incidents for one in of if not one.rule)
        named = [f"{one.incidents} by {escape(one.rule, 60)}" for one in of if one.rule]
        more = f", and {len(named) - LOUDEST} more rules" if len(named) > LOUDEST else ""
        why = f" ({', '.join(named[:LOUDEST])}{more})" if named else ""
        if count:
            said.append(f"{word} {count}{why}")
    if said:
        yield f"⚖️ Policy, of incidents of the last 24 h: {'; '.join(said)}"


_SAID = {Ruling.ALLOW: "let through", Ruling.ASK: "asked about", Ruling.DENY: "refused"}


def _standstill(one: Standstill) -> str:
    place, name = escape(one.place, 130), escape(one.name, 100)
    if one.until is None:
        return f"*{place}* may be closed to changes: the calendar of {name} was not read lately"
    return f"*{place}* is closed to changes until {words.moment(one.until)}, by policy: {name}"


def _some(lines: Sequence[str], sign: str) -> Iterator[str]:
    yield from lines[:MOST]
    if lines[MOST:]:
        yield f"{sign} and {len(lines) - MOST} more"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
