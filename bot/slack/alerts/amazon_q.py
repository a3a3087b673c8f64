"""Alarms of CloudWatch as Amazon Q Developer posts them, which was called AWS Chatbot."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.core.alert import AlertStatus
from bot.core.labels import agreed, named
from bot.slack.alerts import tags, told
from bot.slack.alerts.said import Part
from bot.slack.alerts.told import Hearsay, Told

_HEAD = re.compile(
    r"[\s*]*(?::(?P<sign>\w+):|(?P<plain>🚨|✅|⚠️))\s*(?:<\S+\|)?[\s*]*CloudWatch Alarm \| "
    r"(?P<name>[^|]+?) \| (?P<region>[a-z]{2}(?:-[a-z]+)+-[0-9]) \| Account: (?P<account>[0-9]{12})"
    r"[\s*>]*"
)
_BEGUN, _OVER = frozenset({"rotating_light", "🚨"}), frozenset({"white_check_mark", "✅"})


def read(parts: Sequence[Part]) -> Told | None:
    """
    Read every part whose head is an alarm's: its name, region and account are its identity.

    The sign before it says whether it fires or is over; with another, as for too few readings, it
    is neither. An alarm has no tags there: service and environment are read from lines of its
    description, `service: shop`, or fields of these names.
    """
    return told.each(parts, _read)


def _read(part: Part) -> Hearsay | None:
    found = (_HEAD.fullmatch(line) for line in (part.title, *part.heads))
    head = next((one for one in found if one), None)
    sign = (head["sign"] or head["plain"]) if head else ""
    if head is None or sign not in _BEGUN | _OVER:
        return None
    own = {"alarm": head["name"], "region": head["region"], "account": head["account"]}
    link = part.link or next((one.url for one in part.links), "")
    return Hearsay(
        status=AlertStatus.RESOLVED if sign in _OVER else AlertStatus.FIRING,
        name=head["name"][:200],
        labels=agreed((*tags.titled(part), *tags.ours(part.text))) | own,
        annotations={"summary": f"CloudWatch alarm {head['name']} in {head['region']}"[:1000]},
        id=named("cloudwatch", head["account"], head["region"], head["name"]),
        link=link,
    )
