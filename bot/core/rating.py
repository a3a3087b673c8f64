"""Rating: how bad an alert is, by the policy's words and the catalogue, never by a guess."""

from __future__ import annotations

from bot.core import spelling
from bot.core.alert import Alert, Severity
from bot.core.library import Library

ORDER = tuple(Severity)


def rated(alert: Alert, library: Library) -> Alert:
    """
    Return the alert as bad as the house takes it for, and why where that is not the sender's word.

    The policy's words may make it less bad, which is said; the catalogue only ever makes it worse.
    """
    severity, said = _by_word(alert, library)
    for least, why in _least(alert, library):
        if ORDER.index(least) > ORDER.index(severity):
            severity, said = least, [*said, why]
    if severity is alert.severity:
        return alert
    return alert.model_copy(update={"severity": severity, "rated": "; ".join(said)})


def _by_word(alert: Alert, library: Library) -> tuple[Severity, list[str]]:
    section = library.rulebook.severities
    word = next((alert.labels[name] for name in section.labels if alert.labels.get(name)), "")
    meant = section.meaning(word) if word else None
    if meant is None:
        return alert.severity, []
    return meant, [f"policy takes its sender's {spelling.quoted(word)} for {meant}"]


def _least(alert: Alert, library: Library) -> list[tuple[Severity, str]]:
    """What it is at least, for a service that is in the catalogue; nothing for any other."""
    service = library.service(alert.service, alert.environment)
    if service is None:
        return []
    found = [
        (one.severity, f"policy takes alerts of {service.name} for {one.severity} at least")
        for one in library.rulebook.severities.least
        if one.covers(service.name, service.environment)
        and (not one.tiers or not service.tier_said or service.tier in one.tiers)
    ]
    if service.least_severity is not None:
        least = service.least_severity
        found.append((least, f"the catalogue takes alerts of {service.name} for {least} at least"))
    return found
