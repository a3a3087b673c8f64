"""Causes: what is behind an alert, as far as people wrote it down; no text of it is read for that.

Alerts of one service that have different causes are healed one after the other, never together.
"""

from __future__ import annotations

from bot.core.alert import Alert
from bot.core.library import Library
from bot.core.policy.sections import fits

LONGEST = 100
"""Characters of a label's value: more is no name of a cause."""


def of(alert: Alert, library: Library) -> str:
    """
    Name the cause: the policy's word for it, else the runbook that is meant for this alert.

    Empty when nobody can tell: it may be a symptom of anything.
    """
    grouping = library.rulebook.grouping
    if said := alert.labels.get(grouping.label, "") if grouping.label else "":
        return said[:LONGEST]
    for cause, names in grouping.causes.items():
        if fits(alert.name, names):
            return cause
    service = library.service(alert.service, alert.environment)
    return library.shelf.consider(alert, service).chosen or ""
