"""Alerts of another cause: that they wait behind an incident, and where they went on."""

from __future__ import annotations

from collections.abc import Iterator

from bot.core.incident import Incident
from bot.slack.cards.escaping import code, escape

MOST = 5
"""Names of alerts on a card; the others are counted."""


def lines(incident: Incident) -> Iterator[str]:
    """Nothing that is done here is meant for them, so a card says which they are."""
    if passed := incident.passed_on:
        yield (f"➡️ {_alerts(passed.count)} of another cause {_go(passed.count)} on in "
               f"{code(passed.to, 40)}: {_named(passed.alerts)}")  # fmt: skip
        return
    waiting = [one for one in incident.apart.values() if one.alert.firing]
    if waiting and not incident.over:
        named = dict.fromkeys(
            one.alert.name if one.apart == one.alert.name else f"{one.alert.name} ({one.apart})"
            for one in waiting
        )
        count = len(waiting) + incident.apart_more
        verb = "wait" if count > 1 else "waits"
        alone = "themselves" if count > 1 else "itself"
        yield (f"⏳ *{_alerts(count)} of another cause {verb}* until this is over, and then "
               f"{_go(count)} on by {alone}: {_named(tuple(named))}")  # fmt: skip


def _alerts(count: int) -> str:
    return f"{count} alerts" if count > 1 else "1 alert"


def _go(count: int) -> str:
    return "go" if count > 1 else "goes"


def _named(names: tuple[str, ...]) -> str:
    more = f" and {len(names) - MOST} more" if len(names) > MOST else ""
    return f"{', '.join(escape(name, 120) for name in names[:MOST])}{more}"
