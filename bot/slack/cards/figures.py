"""The report on a while of healing as a card; the whole of it is a document."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bot.core import durations
from bot.core.figures import AUTO, HEALED, SUCCESS, WRONG, Tally
from bot.core.prospects import Advice, Report
from bot.core.telling.report import share, took
from bot.slack.cards import message, parts, words
from bot.slack.cards.escaping import escape
from bot.slack.cards.message import Block, Message

MOST = 5
"""Runbooks that the card names: those that were tried most."""


def card(report: Report) -> Message:
    """What it came to, how long things took, what to automate and what to stop."""
    figures = report.figures
    lasted = durations.in_words(figures.until - figures.since)
    return message.of(f"What was healed in {lasted}", [
        parts.header(f"📊 What was healed in {lasted}"),
        parts.context(f"{words.moment(figures.since)} to {words.moment(figures.until)}"),
        *_sums(report),
        *_listed("What was tried", _tried(figures.runbooks.items())),
        *_listed("What to automate next", _advised(report.prospects.automate)),
        *_listed("What to stop automating", _advised(report.prospects.stop)),
        *([parts.context(f"💡 {report.prospects.note}")] if report.prospects.note else []),
    ])  # fmt: skip


def _sums(report: Report) -> Iterator[Block]:
    figures, total = report.figures, report.figures.all
    yield parts.fields(
        f"*Incidents*\n{total.incidents}, still open {total.still_open}",
        f"*Verified, of runs attempted*\n{share(total.success)}\n_goal: {SUCCESS}_",
        f"*Resolved alone, of all incidents*\n{share(total.auto)}\n_goal: {AUTO}_",
        f"*False actions, of runs attempted*\n{share(total.wrong)}\n_goal: {WRONG}_",
        f"*From alert to proof*\n{took(figures.healed)}\n_goal: {HEALED}_",
        f"*From alert to all-clear, without Heal*\n{took(figures.cleared)}",
        f"*From alert until taken up*\n{took(figures.taken_up)}",
        f"*Questions that expired*\n{total.expired} of {total.asked}",
    )
    yield parts.context(
        f"Handed to people: {total.escalated} · without a runbook: {total.unmatched} · "
        f"came back after proof: {total.came_back} · refused by policy: {total.denied}"
    )


def _tried(runbooks: Iterable[tuple[str, Tally]]) -> Iterator[str]:
    tried = sorted((pair for pair in runbooks if pair[1].attempted), key=lambda pair: (
        -pair[1].attempted, pair[0]))  # fmt: skip
    for name, one in tried[:MOST]:
        yield f"• *{escape(name, 80)}*: verified {share(one.success)}"
    if tried[MOST:]:
        yield f"• and {len(tried) - MOST} more"


def _advised(advice: Iterable[Advice]) -> Iterator[str]:
    return (f"• *{escape(one.about, 120)}*: {escape(one.why, 300)}" for one in advice)


def _listed(title: str, lines: Iterable[str]) -> Iterator[Block]:
    if found := list(lines):
        yield from parts.sections(title, found)
