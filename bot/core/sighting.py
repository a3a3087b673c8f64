"""Sighting: what an entry that brings an alert is found by, without folding its incident."""

from __future__ import annotations

from json.encoder import encode_basestring
from typing import NamedTuple

from pydantic import BaseModel, ValidationError

from bot.core import trouble
from bot.core.alert import Alert

KINDS = ("incident.opened", "alert.joined")


class Sighting(NamedTuple):
    """
    The trouble that it opens one for, the alert that it brings, and an earlier incident: the one
    whose run it takes back, or whose question it asks again.
    """

    trouble: str = ""
    alert: str = ""
    undoes: str = ""
    again_for: str = ""


class _Alert(BaseModel):
    fingerprint: str
    labels: dict[str, str] = {}


class _Said(BaseModel):
    alert: _Alert | None = None
    undoes: str = ""
    again_for: str = ""


def of(kind: str, body: str) -> Sighting | None:
    """Read it off an entry; None for a kind that brings no alert, empty when it is unreadable."""
    if kind not in KINDS:
        return None
    try:
        said = _Said.model_validate_json(body)
    except ValidationError:
        return Sighting()
    if said.alert is None:
        return Sighting(undoes=said.undoes, again_for=said.again_for)
    labels, fingerprint = said.alert.labels, said.alert.fingerprint
    named = trouble.named(labels.get("service", ""), labels.get("environment", ""), fingerprint)
    opens = named if kind == KINDS[0] else ""
    return Sighting(opens, alert(named, fingerprint), said.undoes, said.again_for)


def identity(of: Alert) -> str:
    """Name an alert in its trouble."""
    return alert(trouble.of(of), of.fingerprint)


def alert(of: str, fingerprint: str) -> str:
    """
    Name one alert of one trouble: the same fingerprint elsewhere is another alert.

    It is the list of both as `values.canonical` writes it, in a fifth of the time: a ledger that
    is verified has very many of them.
    """
    text = f"[{encode_basestring(of)},{encode_basestring(fingerprint)}]"
    return text.encode("utf-8", "replace").decode()
