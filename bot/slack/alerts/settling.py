"""From what a message tells, what its system holds and what is known: what is new, what is over.

Pure. Where the system was asked, it is believed and the text only chooses; where it was not,
the text has to do, and has no confidence.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from bot.core import labels
from bot.core.alert import Alert, AlertStatus
from bot.core.labels import CONFIRMED_BY
from bot.ports import Known
from bot.slack.alerts.told import Hearsay, Told

SOURCE = "slack_channel"
UNCONFIRMED = "read from a message's text, and nobody could be asked whether it is so"


def settle(
    told: Told, place: str, held: Sequence[Known] | None, firing: Sequence[Alert], at: datetime
) -> list[Alert]:
    """
    Return the alerts that end with this message, then those that begin.

    `place` is the system behind its link, `held` what that one holds, None when it was not
    asked or did not answer. `firing` are the alerts of this source that are not over, `at` is
    when the message was sent.
    """
    meant = [one for one in held or () if _chosen(one.alert, told.alerts)]
    if held is not None and (meant or not any(said.firing for said in told.alerts)):
        there = {one.alert.fingerprint for one in meant if one.alert.firing}
        known = [one for one in firing if _spoken_of(one, told.alerts, place)]
        over = [one for one in known if one.fingerprint not in there]
        return [*_ended(over, at), *(one.alert for one in meant if one.active)]
    begun = [said for said in told.alerts if said.firing]
    ended = [said for said in told.alerts if not said.firing]
    over = [one for one in firing if _spoken_of(one, ended, place)]
    return [*_ended(over, at), *(_of_text(said, told.link, at) for said in begun)]


def _chosen(alert: Alert, heard: Sequence[Hearsay]) -> bool:
    return any(said.means(alert) for said in heard)


def _spoken_of(alert: Alert, heard: Sequence[Hearsay], place: str) -> bool:
    """What a text alone told of is named by the same text; the rest by the same system."""
    confirmed_by = alert.annotations.get(CONFIRMED_BY)
    if confirmed_by is None:
        return alert.fingerprint in {said.fingerprint for said in heard}
    return confirmed_by == place and _chosen(alert, heard)


def _ended(alerts: Sequence[Alert], at: datetime) -> Iterator[Alert]:
    for alert in alerts:
        ends = max(at, alert.starts_at)
        yield alert.model_copy(update={"status": AlertStatus.RESOLVED, "ends_at": ends})


def _of_text(said: Hearsay, link: str, at: datetime) -> Alert:
    annotations = {k: v for k, v in said.annotations.items() if k != CONFIRMED_BY}
    return Alert(
        source=SOURCE,
        name=said.name,
        fingerprint=said.fingerprint,
        status=AlertStatus.FIRING,
        severity=labels.severity(said.labels),
        labels=said.labels,
        annotations={**annotations, "unconfirmed": UNCONFIRMED},
        starts_at=at,
        link=labels.link(said.link or link),
        confidence=0.0,
    )
