"""Problems of Dynatrace: its problem notification *Custom integration*."""

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

KIND = "the payload for Dynatrace that docs/alerts.md has"
TEST = "Dynatrace problem notification test run"
"""The title of what *Send test notification* sends."""
SEVERITIES = {
    **dict.fromkeys(("MONITORING_UNAVAILABLE", "AVAILABILITY", "ERROR"), Severity.CRITICAL),
    **dict.fromkeys(("PERFORMANCE", "RESOURCE_CONTENTION", "CUSTOM_ALERT"), Severity.WARNING),
}
BLIND = "MONITORING_UNAVAILABLE"
_SITE = re.compile(r"https?://([^/\s?#]+)\S*")


class _Entity(Sent):
    name: str = ""
    type: str = ""


class _Details(Sent):
    """Of {ProblemDetailsJSON} only the times, in milliseconds; -1 while it is open."""

    started: int = Field(default=-1, ge=-1, lt=2**63, alias="startTime")
    ended: int = Field(default=-1, ge=-1, lt=2**63, alias="endTime")


class _Problem(Sent):
    state: Literal["OPEN", "RESOLVED", "MERGED"] = Field(alias="State")
    number: str = Field(alias="ProblemID", pattern=r"^(?:P-)?[0-9]{1,20}$|^TESTID$")
    title: str = Field(alias="ProblemTitle")
    url: str | None = Field(default=None, alias="ProblemURL")
    severity: str = Field(default="", alias="ProblemSeverity")
    impact: str = Field(default="", alias="ProblemImpact")
    tags: str = Field(default="", alias="Tags")
    text: str = Field(default="", alias="ProblemDetailsText")
    entities: list[_Entity] = Field(default=[], max_length=1000, alias="ImpactedEntities")
    details: _Details = Field(default=_Details(), alias="ProblemDetailsJSON")


class Dynatrace(Sender):
    """
    A problem is one alert by its number and its environment, as in a channel.

    One that was merged into another neither begins nor ends: the other is told of by itself.
    """

    name = "dynatrace"

    def parse(self, posted: Posted) -> list[Alert]:
        problem = sent.read(_Problem, posted.body, KIND)
        where = "" if problem.url is None else _host(problem.url)
        if problem.state == "MERGED" or problem.title == TEST:
            return []
        over = problem.state == "RESOLVED"
        severity = SEVERITIES.get(problem.severity, Severity.WARNING)
        names = list(dict.fromkeys(one.name for one in problem.entities if one.name))
        started, ended = (
            sent.counted(str(each), a_second=1000)
            for each in (problem.details.started, problem.details.ended)
        )
        return [
            sent.alert(
                source=self.name,
                name=problem.title,
                fingerprint=labels.named(self.name, where, problem.number.removeprefix("P-")),
                firing=not over,
                severity=severity,
                labels=_labels(problem, names, severity),
                annotations={
                    "summary": f"{problem.title}: {', '.join(names)}" if names else problem.title,
                    "impact": problem.impact,
                    "description": problem.text,
                },
                starts_at=started or posted.at,
                ends_at=(ended or posted.at) if over else None,
                link=problem.url or "",
                confidence=0.0 if problem.severity == BLIND else 1.0,
            )
        ]


def _host(url: str) -> str:
    if site := _SITE.fullmatch(url):
        return site[1]
    raise AlertRejected("'ProblemURL' is no address, so nobody knows whose problem it is")


def _labels(problem: _Problem, names: list[str], severity: Severity) -> dict[str, str]:
    own = {"problem": problem.number, "severity": severity.value}
    entity = {"entity": names[0]} if len(names) == 1 else {}
    return {**entity, **labels.agreed(labels.tagged(problem.tags)), **own}


PLUGIN = Dynatrace
