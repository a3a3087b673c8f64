"""Sent: reading what another system writes; what does not fit is refused by the path to it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from bot.core import labels as labels_
from bot.core import spelling
from bot.core.alert import Alert, AlertStatus, Severity
from bot.core.errors import AlertRejected

NAME, LABEL, ANNOTATION, MANY = 200, 2000, 10_000, 64
"""Characters of a name or fingerprint, of a label, of an annotation; labels of one alert."""


class Sent(BaseModel):
    """What a system writes, as far as it is read; whatever a later version adds is passed over."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)


M = TypeVar("M", bound=BaseModel)


def read(model: type[M], body: bytes | str, kind: str) -> M:
    """
    Read a body; AlertRejected names the first thing that is wrong, and repeats nothing of it.

    `kind` is what was expected: "Alertmanager's webhook version 4".
    """
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        raise rejected(error, kind) from None


def rejected(error: ValidationError, kind: str) -> AlertRejected:
    """Say where it stands and what was expected there; 413 when it is only too much at once."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    place = ".".join(str(each) for each in first["loc"])
    if first["type"] == "json_invalid":
        return AlertRejected(f"the body is not JSON: it is not {kind}")
    where = spelling.quoted(place) if place else "the body"
    too_many = first["type"] == "too_long" and first["msg"].startswith("List")
    status = 413 if too_many else 422
    return AlertRejected(f"{where}: {first['msg']}: it is not {kind}", status)


def counted(text: str, a_second: int = 1) -> datetime | None:
    """
    Read a count since 1970, of which so many make a second; None for what is none.

    >>> counted("1795230000000", a_second=1000).isoformat()
    '2026-11-21T03:00:00+00:00'
    """
    most = 253_402_300_799 * a_second  # the last second that has four digits for its year
    if not re.fullmatch(r"[0-9]{9,18}", text) or int(text) > most:
        return None
    return datetime.fromtimestamp(int(text) / a_second, UTC)


def alert(
    *,
    source: str,
    name: str,
    fingerprint: str,
    firing: bool,
    severity: Severity,
    labels: Mapping[str, str],
    annotations: Mapping[str, str],
    starts_at: datetime,
    ends_at: datetime | None = None,
    link: str = "",
    confidence: float = 1.0,
) -> Alert:
    """
    Make an alert of what one system sends, within the bounds of all: what is longer is cut.

    Labels and annotations without a value are left out. What would make two alerts one, and a
    start that is no time, raise AlertRejected.
    """
    return Alert(
        source=source,
        name=name.strip()[:NAME],
        fingerprint=_known_by(name.strip(), fingerprint),
        status=AlertStatus.FIRING if firing else AlertStatus.RESOLVED,
        severity=severity,
        labels=_bounded(labels, LABEL),
        annotations=_bounded(annotations, ANNOTATION),
        starts_at=_began(starts_at),
        ends_at=labels_.moment(ends_at) if ends_at else None,
        link=labels_.link(link),
        confidence=confidence,
    )


def _known_by(name: str, fingerprint: str) -> str:
    if not name:
        raise AlertRejected("the alert has no name")
    if not (fingerprint.strip() and len(fingerprint) <= NAME and "\0" not in fingerprint):
        raise AlertRejected(f"what it is known by must be 1 to {NAME} characters, and no NUL")
    return fingerprint


def _began(starts_at: datetime) -> datetime:
    if (starts := labels_.moment(starts_at)) is None:
        raise AlertRejected("the time it began is not a time of this century")
    return starts


def _bounded(texts: Mapping[str, str], longest: int) -> dict[str, str]:
    kept = [(name[:NAME], text[:longest]) for name, text in texts.items() if name and text]
    return dict(kept[:MANY])
