"""The Home tab of one person: what waits for them, what runs, what holds for the house."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from bot.core.incident import Incident
from bot.core.lifecycle import ACTING
from bot.core.prospects import Report
from bot.core.telling.report import share, took
from bot.ports import Person
from bot.slack.cards import lists, parts, waiting, words
from bot.slack.cards.asking import DETAILS
from bot.slack.cards.escaping import code, escape
from bot.slack.cards.lists import Ordered
from bot.slack.cards.message import Block
from bot.slack.cards.modals import RESUME, STOP

NEW = "home_new"
MOST = 50
"""Open incidents whose cards are linked, and ended ones that are looked through."""
MOST_WAITING, MOST_RUNNING, MOST_OTHER, MOST_LATELY = 10, 10, 15, 10
"""Blocks and lines at most: together well below the 100 blocks that Slack takes."""


class Seen(NamedTuple):
    """What one person is shown; `links` are those of cards, by incident."""

    person: Person
    open: Sequence[Incident] = ()
    recent: Sequence[Incident] = ()
    ordered: Ordered = Ordered()
    week: Report | None = None
    lacking: Sequence[str] = ()
    links: Mapping[str, str] = {}
    snoozed: frozenset[str] = frozenset()


def home(seen: Seen) -> Block:
    """The view to publish."""
    return {"type": "home", "blocks": [
        parts.header(_title(seen)),
        parts.actions("home", *_buttons(seen)),
        *lists.holding(seen.ordered),
        *_yours(seen),
        *_running(seen),
        *_others(seen),
        *_week(seen.week),
        *_lately(seen.recent),
        *_lacking(seen),
        parts.context("Times are in your own time zone. Write `help` after the bot's name or its "
                      "command to see what it can do"),
    ]}  # fmt: skip


def _title(seen: Seen) -> str:
    if count := len(_mine(seen)):
        return f"{count} wait{'s' if count == 1 else ''} for you"
    return f"{len(seen.open)} open" if seen.open else "All calm"


def _buttons(seen: Seen) -> Iterator[Block]:
    yield parts.button(NEW, "New plan", "new", style="primary")
    if seen.ordered.halted and seen.person.resumes:
        yield parts.button(RESUME, "Let healing go on", "resume")
    if not seen.ordered.halted and seen.person.operates:
        sure = parts.confirm(
            "Halt all healing?",
            "Nothing begins any more, runs end at the next safe point, and open questions are "
            "closed. You are asked why.", "Go on", "danger",
        )  # fmt: skip
        yield parts.button(STOP, "⏹️ Stop all healing", "stop", style="danger", confirm=sure)


def _yours(seen: Seen) -> Iterator[Block]:
    """What this person may approve now, the first to expire first."""
    mine = _mine(seen)
    if mine:
        yield parts.section("*Waits for you*")
    for one in mine[:MOST_WAITING]:
        request = one.asked.request if one.asked else None
        until = f" · until {words.moment(request.expires_at)}" if request else ""
        quiet = " · ⏰ you are reminded later" if one.id in seen.snoozed else ""
        round_ = request.round if request else 0
        look = parts.button(DETAILS, "Details", f"{one.id}.{round_}")
        said = f"{lists.about(one)}{until}{quiet}{_link(seen, one)}"
        yield {**parts.section(said), "accessory": look}
    if mine[MOST_WAITING:]:
        yield parts.context(f"and {len(mine) - MOST_WAITING} more, which `status` shows")


def _mine(seen: Seen) -> list[Incident]:
    known = {one.id: one for one in seen.open}
    return [known[name] for name in seen.person.waiting if name in known]


def _running(seen: Seen) -> Iterator[Block]:
    running = [one for one in seen.open if one.state in ACTING]
    lines = []
    for one in running[:MOST_RUNNING]:
        far = next(iter(waiting.lines(one)), "")
        lines.append(f"{lists.about(one)}{_link(seen, one)}" + (f"\n{far}" if far else ""))
    yield from _listed("Runs now", lines, len(running) - MOST_RUNNING)


def _others(seen: Seen) -> Iterator[Block]:
    mine = set(seen.person.waiting)
    rest = [one for one in lists.in_line(seen.open)
            if one.id not in mine and one.state not in ACTING]  # fmt: skip
    lines = [f"{lists.about(one)}{_link(seen, one)}" for one in rest[:MOST_OTHER]]
    yield from _listed("Open besides", lines, len(rest) - MOST_OTHER)
    if not seen.open:
        yield parts.section("Nothing needs you. An alert, a command or *New plan* starts the next "
                            "one.")  # fmt: skip


def _week(report: Report | None) -> Iterator[Block]:
    if report is None:
        return
    figures, total = report.figures, report.figures.all
    yield parts.divider()
    yield parts.section("*The last 7 days*")
    yield parts.fields(
        f"*Verified, of runs attempted*\n{share(total.success)}",
        f"*Resolved alone, of all incidents*\n{share(total.auto)}",
        f"*False actions, of runs attempted*\n{share(total.wrong)}",
        f"*From alert to proof*\n{took(figures.healed)}",
    )


def _lately(recent: Sequence[Incident]) -> Iterator[Block]:
    ended = [one for one in recent if one.over][:MOST_LATELY]
    yield parts.divider()
    yield from parts.sections("Lately", [lists.about(one) for one in ended] or ["Nothing yet."])


def _lacking(seen: Seen) -> Iterator[Block]:
    """What does not work, and what could not be found out about this person."""
    if seen.lacking:
        lines = [f"⚠️ {escape(one, 300)}" for one in seen.lacking]
        yield from parts.sections("What the Slack app lacks", lines, 2500)
    if seen.person.doubts:
        why = escape(seen.person.doubts, 400)
        yield parts.context(f"⚠️ What waits for you may not be all of it: {why}")


def _listed(title: str, lines: Sequence[str], left: int) -> Iterator[Block]:
    if lines:
        more = [f"_and {left} more, which {code('status', 20)} shows_"] if left > 0 else []
        yield from parts.sections(title, [*lines, *more], 8000)


def _link(seen: Seen, one: Incident) -> str:
    address = seen.links.get(one.id, "")
    return f" · <{address}|card>" if address else ""
