"""Alerts of Grafana's own alerting: the contact point *Webhook*, of Grafana 9 and later."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from bot.clients import senders
from bot.clients.senders import Sender, SignedSettings
from bot.core import labels, sent
from bot.core.alert import Alert
from bot.core.posted import Posted
from bot.sources import _groups

KIND = "the default payload of Grafana's webhook"
BLIND = frozenset({"DatasourceNoData", "DatasourceError"})
"""What Grafana calls an alert that tells of no data instead of the rule's own name."""
UNSEEN = frozenset({"NoData", "Error", "MissingSeries"})
"""Reasons for a state that say that nothing was measured."""


class _Alert(_groups.Member):
    values: dict[str, float] | None = None
    dashboard_url: str = Field(default="", alias="dashboardURL")
    panel_url: str = Field(default="", alias="panelURL")


class _Message(_groups.Group):
    version: Literal["1"]
    alerts: list[_Alert] = Field(max_length=_groups.MOST)


class GrafanaSettings(SignedSettings):
    """The names of two headers that a contact point can be told, beside what all can be."""

    signature: str = Field(
        default="X-Grafana-Alerting-Signature",
        description="the header in which its HMAC signature comes, as the contact point says",
    )
    timestamp: str = Field(
        default="",
        description="the header of the time that is signed, as the contact point says; when it is "
        "set, what was sent more than five minutes ago is refused",
    )


class Grafana(Sender):
    """
    Like Alertmanager's, with the values that were measured.

    What nobody measured is never healthy: an alert that is called over because its data went
    away is passed over, and one that fires for that reason carries no confidence.
    """

    name = "grafana"
    config = GrafanaSettings

    def __init__(self, config: GrafanaSettings, rig: Any = None) -> None:
        super().__init__(config, rig)
        self._secrets = senders.live(config.secret)
        self._signature = config.signature.strip().lower()
        self._timestamp = config.timestamp.strip().lower()

    def unsigned(self, posted: Posted) -> str:
        if not self._secrets:
            return ""
        given = posted.headers.get(self._signature, "")
        said = posted.headers.get(self._timestamp, "") if self._timestamp else ""
        stamp = f"{said}:" if self._timestamp else ""
        message = stamp.encode("utf-8", "backslashreplace") + posted.body
        if not senders.signed(message, [given], self._secrets):
            return "its signature is missing or wrong"
        return senders.stale(sent.counted(said), posted.at) if self._timestamp else ""

    def parse(self, posted: Posted) -> list[Alert]:
        message = sent.read(_Message, posted.body, KIND)
        read = [
            (one, _groups.alert(self.name, place, one, message))
            for place, one in enumerate(message.alerts)
        ]
        return [_told(alert, one) for one, alert in read if alert.firing or not _unseen(alert)]


def _unseen(alert: Alert) -> bool:
    """Whether its state came of missing data; the end of an alert about that is a real end."""
    reasons = alert.annotations.get("grafana_state_reason", "").replace(" ", "").split(",")
    return alert.name not in BLIND and not UNSEEN.isdisjoint(reasons)


def _told(alert: Alert, one: _Alert) -> Alert:
    values = one.values or {}
    more = {
        "values": ", ".join(f"{name}={value:g}" for name, value in values.items())[:1000],
        "dashboard": labels.link(one.dashboard_url) or "",
        "panel": labels.link(one.panel_url) or "",
    }
    shown = {name: text for name, text in more.items() if text} | alert.annotations
    sure = {"confidence": 0.0} if _unseen(alert) else {}
    return alert.model_copy(update={"annotations": shown, **sure})


PLUGIN = Grafana
