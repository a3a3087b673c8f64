"""Answers that are lists: help, runbooks, what is going on, what was."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from bot.core import facts
from bot.core.incident import Incident
from bot.core.lifecycle import State
from bot.core.policy.circuit_breaker import Tripped
from bot.core.runbook import Runbook
from bot.slack.cards import circuits, looks, message, parts, words
from bot.slack.cards.escaping import code, escape
from bot.slack.cards.message import Block, Message

MOST_FREEZES = 10


class Ordered(NamedTuple):
    """What holds for the whole house: the stop, freezes, pre-approvals in words, what is barred."""

    halted: facts.Halted | None = None
    frozen: Sequence[facts.Froze] = ()
    allowed: Sequence[str] = ()
    breakers: Sequence[Tripped] = ()
    storm: str = ""


def runbooks(known: Iterable[Runbook]) -> Message:
    """Every runbook: its name, what it does, and where its owner allows it."""
    lines = []
    for one in known:
        fits = ", ".join(f"{scope.service} in {scope.environment}" for scope in one.approved_for)
        lines.append(f"{code(one.runbook, 80)} {escape(one.title, 120)} · {escape(fits, 200)}")
    return _listed(f"{len(lines)} runbooks", lines or ["None is loaded."])


def _listed(title: str, lines: Sequence[str]) -> Message:
    """As many lines as a message holds; where these are not all, a file with all follows."""
    shown = message.of(title, parts.sections(title, lines, 11_000), "\n".join(lines))
    if not shown.whole:
        return shown
    told = parts.context("All of it comes to you as a file, in our direct messages")
    return shown.model_copy(update={"blocks": [*shown.blocks, told]})


def status(open_: Sequence[Incident], recent: Sequence[Incident], ordered: Ordered,
           said: Iterable[str] = (), beside: Iterable[Block] = ()) -> Message:  # fmt: skip
    """
    What is going on now, and the last few that ended.

    `said` are more lines of what holds for the house, `beside` is what stands below them all.
    """
    count = f"{len(open_)} open" if open_ else "All calm: nothing is open"
    open_ = in_line(open_)
    ended = [one for one in recent if one.over][:5]
    return message.of(count, [
        *holding(ordered, said),
        *parts.sections(count, [about(one) for one in open_], 6000),
        *(parts.sections("Lately", [about(one) for one in ended], 3000) if ended else ()),
        *beside,
    ])  # fmt: skip


def holding(ordered: Ordered, said: Iterable[str] = ()) -> Iterator[Block]:
    """What holds for the whole house, the loudest first; `said` is what policy itself ordered."""
    yield from map(parts.section, (*stopped(ordered.halted), *freezes(ordered.frozen), *said))
    yield from map(parts.section, (*in_storm(ordered.storm), *circuits.brief(ordered.breakers)))
    if ordered.allowed:
        yield from parts.sections("Allowed in advance", ordered.allowed, 3000)


def history(past: Sequence[Incident]) -> Message:
    """Incidents as given, newest first."""
    lines = [about(one) for one in past] or ["Nothing has happened yet."]
    return _listed("History", lines)


def problems(proposed: Sequence[facts.Proposed]) -> Message:
    """The problem records that were proposed, newest first, with the incidents that each links."""
    lines = [f"🔎 *{escape(one.title, 150)}* · {escape(one.service, 80)} in "
             f"{escape(one.environment, 80)}, by {words.who(one.by)}: "
             f"{', '.join(code(name, 40) for name in one.incidents)}"
             for one in reversed(proposed)]  # fmt: skip
    return _listed("Proposed problem records", lines or ["None was proposed yet."])


def stopped(halted: facts.Halted | None) -> Iterator[str]:
    """The kill switch, first and loud, while it is on."""
    if halted:
        why = words.sentence(halted.why, 300)
        yield f"⏹️ *All healing is halted* by {words.who(halted.by)}: {why}"


def in_storm(storm: str) -> Iterator[str]:
    """That nothing runs unattended because too much is in trouble, while that is so."""
    if storm:
        yield f"🌩️ *This is a storm*: {storm}. Nothing runs by itself until it is over."


def in_line(open_: Sequence[Incident]) -> Sequence[Incident]:
    """Number those that wait their turn anew: their records say how it was when they moved."""
    places = sorted((one.queued.at, one.id) for one in open_
                    if one.queued and one.state is State.QUEUED)  # fmt: skip
    number = {name: place for place, (_, name) in enumerate(places, 1)}
    return [one.model_copy(update={"queued": one.queued.model_copy(
                update={"place": number[one.id], "of": len(number)})})
            if one.queued and one.id in number else one for one in open_]  # fmt: skip


def freezes(frozen: Iterable[facts.Froze]) -> Iterator[str]:
    """What people ordered not to be changed: what, until when, who and why."""
    lines = [f"❄️ *{escape(one.place, 130)}* is frozen until {words.moment(one.until)} by "
             f"{words.who(one.by)}: {words.sentence(one.why, 200)}" for one in frozen]  # fmt: skip
    yield from lines[:MOST_FREEZES]
    if lines[MOST_FREEZES:]:
        yield f"❄️ and {len(lines) - MOST_FREEZES} more"


def about(incident: Incident) -> str:
    """One incident on one line."""
    sign, word = looks.look(incident)
    place = ", ".join(escape(p, 60) for p in (incident.service, incident.environment) if p)
    where = f" · {place}" if place else ""
    if (quiet := incident.quiet) and not incident.over:
        where += f" · until {words.moment(quiet.until)}: {escape(quiet.why, 200)}"
    return (f"{sign} {word}: {escape(looks.title(incident), 120)}{where} · "
            f"{words.moment(incident.opened_at)} · {code(incident.id, 40)}")  # fmt: skip
