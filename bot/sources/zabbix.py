"""Problems of Zabbix: the media type of deploy/zabbix/media_heal.yaml."""

from __future__ import annotations

import re
from typing import Literal

from pydantic import Field

from bot.clients.senders import Sender
from bot.core import labels, sent
from bot.core.alert import Alert, Severity
from bot.core.errors import AlertRejected
from bot.core.posted import Posted
from bot.core.sent import Sent

KIND = "what the media type Heal of Zabbix sends"
TRIGGERS = "0"
"""The source of events that are problems; discovery, registration and the like are none."""
SEVERITIES = {
    **dict.fromkeys(("0", "1"), Severity.INFO),
    **dict.fromkeys(("2", "3"), Severity.WARNING),
    **dict.fromkeys(("4", "5"), Severity.CRITICAL),
}
"""From *Not classified* to *Disaster*."""
_PLACE = re.compile(r"https?://([^\s?#]+?)/*")


class _Kind(Sent):
    event_source: Literal["0", "1", "2", "3", "4"]


class _Tag(Sent):
    tag: str
    value: str


class _Event(_Kind):
    zabbix: str
    event_id: str = Field(pattern=r"^[0-9]{1,20}$")
    event_value: Literal["0", "1"]
    event_update: Literal["0", "1"]
    event_name: str
    event_severity: Literal["0", "1", "2", "3", "4", "5"]
    event_tags: list[_Tag] = Field(max_length=1000)
    event_began: str = ""
    trigger_id: str = Field(pattern=r"^[0-9]{1,20}$")
    host: str = ""
    item: str = ""
    operational: str = ""
    description: str = ""


class Zabbix(Sender):
    """
    A problem is one alert by its event, as in a channel; its recovery bears the same number.

    Zabbix says the time by its own clock and in no zone, so an alert begins when it comes here.
    """

    name = "zabbix"

    def delivery(self, posted: Posted) -> str:
        """A problem begins once and ends once; steps of an escalation repeat it."""
        if sent.read(_Kind, posted.body, KIND).event_source != TRIGGERS:
            return ""
        event = sent.read(_Event, posted.body, KIND)
        what = "update" if event.event_update == "1" else event.event_value
        return f"{labels.named(self.name, _place(event), event.event_id)}:{what}"

    def parse(self, posted: Posted) -> list[Alert]:
        if sent.read(_Kind, posted.body, KIND).event_source != TRIGGERS:
            return []
        event = sent.read(_Event, posted.body, KIND)
        place = _place(event)
        if event.event_update == "1":
            return []  # somebody acknowledged it, wrote a comment or changed its severity
        severity = SEVERITIES[event.event_severity]
        said = labels.agreed((one.tag, one.value) for one in event.event_tags)
        own = {"host": event.host, "trigger": event.trigger_id, "severity": severity.value}
        over = event.event_value == "0"
        page = f"tr_events.php?triggerid={event.trigger_id}&eventid={event.event_id}"
        return [
            sent.alert(
                source=self.name,
                name=event.event_name,
                fingerprint=labels.named(self.name, place, event.event_id),
                firing=not over,
                severity=severity,
                labels={**said, **own},
                annotations={
                    "summary": f"{event.event_name} on {event.host}",
                    "description": event.description,
                    "item": event.item,
                    "operational": event.operational,
                    "began": event.event_began,
                },
                starts_at=posted.at,
                ends_at=posted.at if over else None,
                link=f"{event.zabbix.rstrip('/')}/{page}",
            )
        ]


def _place(event: _Event) -> str:
    """Whose event it is: two installations count theirs alike."""
    if place := _PLACE.fullmatch(event.zabbix):
        return place[1]
    raise AlertRejected("'zabbix' is no address: set the global macro {$ZABBIX.URL}")


PLUGIN = Zabbix
