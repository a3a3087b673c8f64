"""Lookout: one detector at one service, what it sees there and the alerts that it may raise."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.core import expressions, templates, values
from bot.core.alert import Alert, AlertStatus, Severity
from bot.core.catalogue import Service
from bot.core.detector import Detector
from bot.core.expressions import ExpressionError
from bot.core.values import Facts

SOURCE = "detector"
BLIND = "DetectorBlind"
"""The name of the alert that a detector cannot see."""
OVER = "over_because"
"""The annotation of an alert that ends because nobody looks any more, not because it is clear."""


class Sight(StrEnum):
    """What one look amounts to."""

    TROUBLE = "trouble"
    CLEAR = "clear"
    BETWEEN = "between"
    """No trouble that would be told of, and not clear enough to take back what was."""
    BLIND = "blind"


@dataclass(frozen=True, slots=True)
class Seen:
    """One look, and why nothing could be seen."""

    sight: Sight
    why: str = ""
    summary: str = ""
    """The alert's sentence, filled with what was read."""


@dataclass(frozen=True, slots=True)
class Lookout:
    """A detector at one of the services that it looks at."""

    detector: Detector
    service: str
    environment: str

    @property
    def name(self) -> str:
        return f"{self.detector.detector} at {self.service} in {self.environment}"

    @property
    def phase(self) -> float:
        """Where in its period it looks, 0 to 1: always there, so that not all look at once."""
        return int(values.digest(self.name)[:8], 16) / 16**8

    def raised(self, since: datetime, summary: str = "") -> Alert:
        """The alert that there is trouble."""
        told = self.detector.alert
        return self._alert(told.name, told.severity, summary or told.summary, since)

    def blind(self, since: datetime, why: str = "") -> Alert:
        """The alert that nothing can be seen here, be there trouble or not."""
        said = f"{self.detector.detector} cannot see {self.service}: {why}"
        return self._alert(BLIND, Severity.WARNING, said, since)

    def alerts(self, since: datetime) -> tuple[Alert, Alert]:
        """Both that it may raise."""
        return self.raised(since), self.blind(since)

    def _alert(self, name: str, severity: Severity, summary: str, since: datetime) -> Alert:
        labels = {
            "alertname": name,
            "service": self.service,
            "environment": self.environment,
            "detector": self.detector.detector,
        }
        return Alert(
            source=SOURCE,
            name=name,
            fingerprint=values.digest(dict(labels))[:16],
            status=AlertStatus.FIRING,
            severity=severity,
            labels=labels,
            annotations={"summary": summary},
            starts_at=since,
        )


def over(alert: Alert, at: datetime, because: str = "") -> Alert:
    """The same alert, resolved; `because` when it is not that all is clear."""
    notes = {**alert.annotations, OVER: because} if because else alert.annotations
    changes = {"status": AlertStatus.RESOLVED, "ends_at": at, "annotations": notes}
    return alert.model_copy(update=changes)


def why_over(alerts: Iterable[Alert]) -> str:
    """Why they ended, when nobody saw that all is clear; else empty."""
    reasons = (one.annotations.get(OVER, "") for one in alerts if one.source == SOURCE)
    return next(filter(None, reasons), "")


def wants(detector: Detector, service: Service) -> bool:
    """Whether it looks at this service."""
    if detector.each is None:
        told = detector.alert
        return (told.service, told.environment) == (service.name, service.environment)
    about = {"service": service.model_dump(mode="json")}
    return expressions.holds(detector.each, about).held


def lookouts(detectors: Iterable[Detector], services: Iterable[Service]) -> Iterator[Lookout]:
    """Every detector at every service that it looks at."""
    known = list(services)
    for detector in detectors:
        for service in known:
            if wants(detector, service):
                yield Lookout(detector, service.name, service.environment)


def judge(
    detector: Detector,
    service: Service | None,
    evidence: Mapping[str, Facts],
    unread: Mapping[str, str],
) -> Seen:
    """
    Say what was seen; `unread` is why a probe gave no evidence, by its name.

    Only a real yes is trouble, and only a real no its end: one that cannot see says neither.
    """
    about = {"service": service.model_dump(mode="json") if service else {}, **evidence}
    names = [call.name for call in detector.probes]
    blind = "; ".join(f"{name}: {why}" for name, why in unread.items())
    firing = expressions.holds(detector.firing, about, names)
    if firing.held:
        return Seen(Sight.TROUBLE, summary=_summary(detector, about))
    if blind or firing.error:
        return Seen(Sight.BLIND, blind or firing.error or "")
    if detector.resolved is None:
        return Seen(Sight.CLEAR)
    resolved = expressions.holds(detector.resolved, about, names)
    if resolved.error:
        return Seen(Sight.BLIND, resolved.error)
    return Seen(Sight.CLEAR if resolved.held else Sight.BETWEEN)


def _summary(detector: Detector, about: Mapping[str, object]) -> str:
    """What cannot be filled stays as it was written: the alert is what matters."""
    try:
        return str(templates.render(detector.alert.summary, about))
    except ExpressionError:
        return detector.alert.summary
