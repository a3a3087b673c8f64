"""Sighting: what an entry that brings an alert is found by, without folding its incident."""

from __future__ import annotations

from json.encoder import encode_basestring
from typing import NamedTuple

from pydantic import ValidationError
from pydantic_core import SchemaValidator, core_schema

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


_TEXT, _field = core_schema.str_schema(), core_schema.typed_dict_field
_ALERT = core_schema.typed_dict_schema({
    "fingerprint": _field(_TEXT, required=True),
    "labels": _field(core_schema.dict_schema(_TEXT, _TEXT), required=False),
})  # fmt: skip
_SAID = SchemaValidator(
    core_schema.typed_dict_schema({
        "alert": _field(core_schema.nullable_schema(_ALERT), required=False),
        "undoes": _field(_TEXT, required=False),
        "again_for": _field(_TEXT, required=False),
    })
)  # fmt: skip
"""As a model would read it, without the model: of a million entries each third is read so."""


def of(kind: str, body: str | bytes) -> Sighting | None:
    """Read it off an entry; None for a kind that brings no alert, empty when it is unreadable."""
    if kind not in KINDS:
        return None
    try:
        said = _SAID.validate_json(body)
    except ValidationError:
        return Sighting()
    undoes, again_for = said.get("undoes", ""), said.get("again_for", "")
    if (brought := said.get("alert")) is None:
        return Sighting("", "", undoes, again_for)
    labels, fingerprint = brought.get("labels", {}), brought["fingerprint"]
    named = trouble.named(labels.get("service", ""), labels.get("environment", ""), fingerprint)
    opens = named if kind == KINDS[0] else ""
    return Sighting(opens, alert(named, fingerprint), undoes, again_for)


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
    return text if text.isascii() else text.encode("utf-8", "replace").decode()
