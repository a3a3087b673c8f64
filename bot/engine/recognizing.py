"""Recognizing: an end that says less than its beginning is still that alert's end."""

from __future__ import annotations

from collections.abc import Mapping

from bot import ports
from bot.core.alert import Alert

PLACE = ("service", "environment")


def whole(cases: ports.Cases, alert: Alert) -> Alert:
    """
    Give an end the labels of the one alert that fires under its number, as Sentry leaves them out.

    Only of the same source, and only where its own system numbered it: a hash of labels, or a name
    that somebody gave, may be the same elsewhere. What contradicts it is another alert.
    """
    numbered = alert.fingerprint.startswith(f"{alert.source}-")
    if alert.firing or not numbered or all(alert.labels.get(name) for name in PLACE):
        return alert
    told = (incident.alerts.get(alert.fingerprint) for incident in cases.open())
    found = [one for one in told if one and one.firing and _same(one, alert)]
    if len(found) != 1:
        return alert
    return alert.model_copy(update={"labels": {**alert.labels, **found[0].labels}})


def _same(known: Alert, alert: Alert) -> bool:
    return known.source == alert.source and _agree(known.labels, alert.labels)


def _agree(known: Mapping[str, str], said: Mapping[str, str]) -> bool:
    return all(said.get(name, "") in {"", known.get(name, "")} for name in PLACE)
