"""What an alert's labels say of it, whoever brings them: bounds, severity, confidence, identity."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Annotated

from pydantic import Field, StringConstraints

from bot.core import values
from bot.core.alert import Severity

Name = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"\S")]
Labels = Annotated[
    dict[Name, Annotated[str, StringConstraints(max_length=2000)]], Field(max_length=64)
]
Annotations = Annotated[
    dict[Name, Annotated[str, StringConstraints(max_length=10_000)]], Field(max_length=64)
]

SEVERITIES = {
    **dict.fromkeys(("critical", "page", "error"), Severity.CRITICAL),
    "warning": Severity.WARNING,
    **dict.fromkeys(("info", "none"), Severity.INFO),
}
CONFIRMED_BY = "confirmed_by"
"""The annotation that says where an alert of a channel was confirmed."""
OURS = {"service": "service", "environment": "environment", "env": "environment"}
"""The names, in whatever case, by which systems say which service it is, and where."""
TAGS = 50
"""Labels that are made of tags at most."""
Pair = tuple[str, str]
_TAG = re.compile(r"\s*(?:\[[^\]\s]{1,40}\])?([A-Za-z_][\w./-]{0,99})\s*[:=]\s*(.+?)\s*")
_OFFSET, _PRIME, _END = 14695981039346656037, 1099511628211, b"\xff"


def severity(labels: Mapping[str, str]) -> Severity:
    """Say how bad they call it; a word that nobody knows is a warning."""
    return SEVERITIES.get(labels.get("severity", "").lower(), Severity.WARNING)


def confidence(labels: Mapping[str, str]) -> float:
    """A label that cannot be read is no confidence at all: it asks for a person, never for less."""
    if "confidence" not in labels:
        return 1.0
    try:
        given = float(labels["confidence"])
    except ValueError:
        return 0.0
    return given if math.isfinite(given) and 0 <= given <= 1 else 0.0


def moment(sent: datetime) -> datetime | None:
    """In UTC; Go's zero time, 0001-01-01, and anything as absurd is no moment."""
    if not 1999 < sent.year < 9999:
        return None
    return sent.astimezone(UTC) if sent.utcoffset() else sent.replace(tzinfo=UTC)


def link(url: str) -> str | None:
    """Return what may be shown as a link: a web address that can be read."""
    plain = url.startswith(("http://", "https://")) and url.isprintable() and len(url) <= 2000
    return url if plain else None


def fingerprint(labels: Mapping[str, str]) -> str:
    """
    Name these labels as Prometheus does (FNV-1a), so that every way an alert comes agrees.

    >>> fingerprint({})
    'cbf29ce484222325'
    """
    sum_ = _OFFSET
    for name in sorted(labels):
        for byte in name.encode() + _END + labels[name].encode("utf-8", "replace") + _END:
            sum_ = ((sum_ ^ byte) * _PRIME) % 2**64
    return f"{sum_:016x}"


def named(system: str, *own: str) -> str:
    """
    Name an alert by what its own system calls it, the same from every way it comes.

    >>> named("pagerduty", "Q1UEOA2CBT90GM")
    'pagerduty-6f629a311b84f38b'
    """
    return f"{system}-{values.digest(list(own))[:16]}"


def tagged(text: str, between: str = ",") -> Iterator[Pair]:
    """
    Read `name:value` or `name=value`, with commas between them; other words are no labels.

    >>> [*tagged("env:prod, service=shop, [AWS]team:pay, urgent")]
    [('env', 'prod'), ('service', 'shop'), ('team', 'pay')]
    """
    for word in text.split(between):
        if found := _TAG.fullmatch(word):
            yield found[1], found[2]


def grouped(text: str) -> list[str]:
    """
    Name a group by all of its words, whatever their order; `*`, all there is, is no word.

    One that is no tag, like a facet of logs, makes no label and is another group all the same.

    >>> grouped("service=shop, @http.url:/buy, env:prod"), grouped("*")
    (['@http.url:/buy', 'env:prod', 'service:shop'], [])
    """
    words = (word.strip() for word in text.split(",") if word.strip() not in {"", "*"})
    return sorted(":".join(next(tagged(word), (word,))) for word in words)


def agreed(pairs: Iterable[Pair]) -> dict[str, str]:
    """
    Make labels of names and values; a name with two values that differ has none.

    >>> agreed([("env", "prod"), ("Service", "shop"), ("az", "a"), ("az", "b")])
    {'environment': 'prod', 'service': 'shop'}
    """
    found: dict[str, str] = {}
    torn = set[str]()
    for said, value in pairs:
        name = OURS.get(said.lower(), said)
        if not (said and value) or len(value) > 2000:
            continue
        if found.setdefault(name, value) != value:
            torn.add(name)
    whole = [(name, value) for name, value in found.items() if name not in torn]
    return dict(sorted(whole, key=lambda one: one[0] not in OURS)[:TAGS])
