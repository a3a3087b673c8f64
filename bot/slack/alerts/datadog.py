"""Datadog's messages: an attachment that leads to a monitor, titled with the change."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import parse_qs, urlsplit

from bot.core.alert import AlertStatus
from bot.core.labels import agreed, grouped, named, tagged
from bot.slack.alerts import tags, told
from bot.slack.alerts.said import Part
from bot.slack.alerts.told import Hearsay, Told

_HOST = r"https://(?P<host>[\w.-]{1,100}\.(?:datadoghq\.(?:com|eu)|ddog-gov\.com))"
_MONITOR = re.compile(_HOST + r"/monitors(?:/|#/?)(?P<id>[0-9]{1,20})\b(?P<rest>[^\s|>]*)")
_STATE = r"(?:Re-)?(?:(?P<{0}begun>Triggered|Alert|Warn|No data)|(?P<{0}over>Recovered))"
_TITLE = re.compile(
    rf"(?:\[{_STATE.format('a_')}(?: on (?P<scope>\{{[^}}]{{0,1000}}\}}))?\] |"
    rf"{_STATE.format('b_')}: )(?P<name>\S.*)",
    re.DOTALL | re.IGNORECASE,
)
_ON = re.compile(r"(?P<name>.+) on (?P<scope>\{[^}]{0,1000}\})", re.DOTALL)


def read(parts: Sequence[Part]) -> Told | None:
    """
    Read every part with a title of Datadog's that leads to a monitor.

    Service and environment are tags of the group that changed, or stand after `Tags`. A monitor
    and its group are one alert, whatever order the group's tags are in.
    """
    return told.each(parts, _read)


def _read(part: Part) -> Hearsay | None:
    title, monitor = _TITLE.fullmatch(part.title), _MONITOR.match(part.link)
    if title is None or monitor is None:
        return None
    over = bool(title["a_over"] or title["b_over"])
    name, scope = title["name"], title["scope"]
    if scope is None and (on := _ON.fullmatch(name)):
        name, scope = on["name"], on["scope"]
    group = (scope or _group(monitor["rest"])).strip("{}")
    listed = part.field("Tags").strip("{}")
    said = agreed((*tagged(group), *tags.titled(part), *tagged(listed)))
    warns = "warn" in (title["a_begun"] or title["b_begun"] or "").lower()
    return Hearsay(
        status=AlertStatus.RESOLVED if over else AlertStatus.FIRING,
        name=name[:200],
        labels={**said, "severity": "warning" if warns else "critical"},
        annotations={"summary": part.title[:1000]},
        id=named("datadog", monitor["host"], monitor["id"], *grouped(group)),
        link=part.link,
    )


def _group(rest: str) -> str:
    """The group that a link into a monitor is about, as its query says it."""
    return parse_qs(urlsplit(rest).query).get("group", [""])[0]
