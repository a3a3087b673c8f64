"""Alert: one signal from a monitoring system, as every source is asked to hand it over."""

from __future__ import annotations

from enum import StrEnum

from pydantic import AwareDatetime, Field

from bot.core.values import Frozen


class AlertStatus(StrEnum):
    """Firing until the monitoring system itself says that it is over."""

    FIRING = "firing"
    RESOLVED = "resolved"


class Severity(StrEnum):
    """How bad the sender says it is; never decides an approval by itself."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


class Thread(Frozen):
    """A message in a channel, and what is answered below it; both by Slack's own names."""

    channel: str
    root: str


class Alert(Frozen):
    """One signal. Every text in it was written by somebody else and is untrusted."""

    source: str = Field(max_length=100, description="the room's name of the sender: alertmanager")
    name: str = Field(min_length=1, max_length=200, description="what is wrong: ServiceDown")
    fingerprint: str = Field(min_length=1, max_length=200, description="stable identity")
    status: AlertStatus
    severity: Severity = Severity.WARNING
    labels: dict[str, str] = {}
    annotations: dict[str, str] = {}
    starts_at: AwareDatetime
    ends_at: AwareDatetime | None = None
    link: str | None = Field(default=None, max_length=2000)
    confidence: float = Field(default=1.0, ge=0, le=1)
    rated: str = Field(default="", description="why its severity is not what its sender says")
    brought_by: str = Field(default="", description="who pointed to it, and so asked for it")
    thread: Thread | None = Field(default=None, description="of the message that told of it")

    @property
    def service(self) -> str:
        return self.labels.get("service", "")

    @property
    def environment(self) -> str:
        return self.labels.get("environment", "")

    @property
    def summary(self) -> str:
        """The sender's own sentence, or the name when there is none."""
        return self.annotations.get("summary") or self.name

    @property
    def firing(self) -> bool:
        return self.status is AlertStatus.FIRING
