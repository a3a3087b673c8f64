"""Rest: what is known of an incident's alerts when they are too many to keep each of them."""

from __future__ import annotations

from collections.abc import Mapping

from bot.core.alert import Alert, Severity
from bot.core.facts import Joined
from bot.core.values import Frozen

MOST = 500
"""Different alerts of one incident that are kept whole; the ledger keeps every one."""
READ = 5000
"""The same of those that were read from a channel: only by their words are they found again."""
NAMES = 100


class Rest(Frozen):
    """
    What is decided by the alerts behind the first MOST, without keeping them.

    Each of their entries is news, for intake records nothing else: one that fires did not fire
    before, one that was resolved did. So to count the entries is to count what fires.
    """

    firing: int = 0
    worst: Severity | None = None
    names: frozenset[str] = frozenset()

    def after(self, alert: Alert) -> Rest:
        """Return what is known after one entry more."""
        order = list(Severity)
        return Rest(
            firing=max(0, self.firing + (1 if alert.firing else -1)),
            worst=max(self.worst or order[0], alert.severity, key=order.index),
            names=self.names if len(self.names) >= NAMES else self.names | {alert.name},
        )


def waits(apart: Mapping[str, Joined], more: int, fact: Joined) -> dict[str, object]:
    """Keep one of another cause, or count it: the fields of an incident that this changes."""
    if fact.alert.fingerprint in apart or len(apart) < MOST:
        return {"apart": {**apart, fact.alert.fingerprint: fact}}
    return {"apart_more": max(0, more + (1 if fact.alert.firing else -1))}


def joined(alerts: Mapping[str, Alert], rest: Rest, alert: Alert) -> dict[str, object]:
    """Keep an alert whole, or in the rest: the fields of an incident that this changes."""
    most = MOST if alert.thread is None else READ
    if alert.fingerprint in alerts or len(alerts) < most:
        return {"alerts": {**alerts, alert.fingerprint: alert}}
    return {"rest": rest.after(alert)}
