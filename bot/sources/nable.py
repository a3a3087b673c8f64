"""Notifications of N-able N-central: its XML over HTTP, or the same keywords as JSON."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, NamedTuple
from xml.parsers import expat
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, TypeAdapter, ValidationError

from bot.clients.senders import Sender, WebhookSettings
from bot.core import labels, sent
from bot.core.alert import Alert, Severity
from bot.core.errors import AlertRejected
from bot.core.posted import Posted
from bot.core.sent import Sent

KIND = "a notification of N-central"
STATES = {"failed": Severity.CRITICAL, "warning": Severity.WARNING, "normal": None}
"""States that are known to be bad or good; one that is good has no severity."""
UNSEEN = frozenset({"stale", "no data", "misconfigured", "disconnected", "unknown"})
"""States in which nobody looks: neither broken nor healthy."""
ELEMENTS = 500
"""Elements of a notification at most; the schema has about fifty."""
_TEXTS = TypeAdapter(dict[str, str | int | None])


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        raise ValueError(f"{name!r} is no zone like Europe/Berlin") from None
    return name


class NableSettings(WebhookSettings):
    """N-central says times without their zone."""

    zone: Annotated[str, AfterValidator(_zone)] = Field(
        default="UTC", description="the zone of N-central's clock: Europe/Berlin"
    )


class _Notification(Sent):
    """Keywords of a template; those that make the identity are wanted, all else may be missing."""

    device: str = Field(alias="DeviceName", min_length=1, max_length=500)
    check: str = Field(alias="AffectedService", min_length=1, max_length=500)
    state: str = Field(alias="QualitativeNewState", max_length=100)
    changed: str = Field(alias="TimeOfStateChange", max_length=100)
    customer: str = Field(default="", alias="CustomerName", max_length=500)
    organisation: str = Field(default="", alias="ServiceOrganizationName", max_length=500)
    task: str = Field(default="", alias="TaskIdent", max_length=500)
    address: str = Field(default="", alias="DeviceURI", max_length=500)
    measured: str = Field(default="", alias="QuantitativeNewState")
    link: str = Field(default="", alias="RemoteControlLink")


class Nable(Sender):
    """
    One service of one device; N-central has no signature, so it proves itself by a password.

    XML with a document type is refused before anything of it is read: nothing can be expanded.
    """

    name = "nable"
    config = NableSettings

    def __init__(self, config: NableSettings, rig: Any = None) -> None:
        super().__init__(config, rig)
        self._zone = ZoneInfo(config.zone)

    def parse(self, posted: Posted) -> list[Alert]:
        told = _read(posted.body)
        try:
            one = _Notification.model_validate(told.keywords)
        except ValidationError as error:
            raise sent.rejected(error, KIND) from None
        state = one.state.strip().lower()
        if state in UNSEEN:
            return []
        if state not in STATES:
            raise AlertRejected(f"'QualitativeNewState' is no state that is known: not {KIND}")
        return [self._alert(one, told, STATES[state])]

    def _alert(self, one: _Notification, told: _Said, bad: Severity | None) -> Alert:
        own = {
            "device": one.device,
            "check": one.check,
            "task": one.task,
            "customer": one.customer,
            "organisation": one.organisation,
            "address": one.address,
        }
        at = self._moment(one.changed)
        return sent.alert(
            source=self.name,
            name=one.check,
            fingerprint=labels.named("nable", *own.values()),
            firing=bad is not None,
            severity=bad or Severity.WARNING,
            labels={**told.ours(), **own},
            annotations={
                "summary": f"{one.check} of {one.device} is {one.state.strip().lower()}",
                "description": one.measured,
            },
            starts_at=at,
            ends_at=at if bad is None else None,
            link=one.link,
        )

    def _moment(self, text: str) -> datetime:
        try:
            said = datetime.fromisoformat(text.strip())
            return said if said.tzinfo else said.replace(tzinfo=self._zone)
        except ValueError:
            said_ = "'TimeOfStateChange' is not like 2026-11-21 03:00:00"
            raise AlertRejected(f"{said_}: it is not {KIND}") from None


class _Said(NamedTuple):
    """Keywords, and what could be service and environment: properties that a template names."""

    keywords: dict[str, str]
    pairs: list[labels.Pair]

    def ours(self) -> dict[str, str]:
        return labels.agreed(one for one in self.pairs if one[0].lower() in labels.OURS)


def _read(body: bytes) -> _Said:
    if body.lstrip().startswith(b"<"):
        return _Reader().read(body)
    try:
        found = _TEXTS.validate_json(body)
    except ValidationError as error:
        raise sent.rejected(error, KIND) from None
    texts = {name: str(text) for name, text in found.items() if text is not None}
    return _Said(texts, [*texts.items()])


class _Reader:
    """Reads one level of elements below `notification`; a property's name is its parameter."""

    def __init__(self) -> None:
        self._depth = 0
        self._keywords: list[list[str]] = []
        self._pairs: list[list[str]] = []
        self._held = ["", ""]

    def read(self, body: bytes) -> _Said:
        parser = expat.ParserCreate()
        parser.buffer_text = True  # else each line is a call, and copies all before it
        parser.StartDoctypeDeclHandler = self._refuse
        parser.StartElementHandler = self._begin
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        try:
            parser.Parse(body, True)
        except (expat.ExpatError, ValueError, LookupError):
            raise AlertRejected(f"the body is not XML that can be read: not {KIND}") from None
        keywords = {name: text.strip() for name, text in self._keywords}
        if len(keywords) < len(self._keywords):
            raise AlertRejected(f"its XML says a keyword twice: it is not {KIND}")
        return _Said(keywords, [(name, text.strip()) for name, text in self._pairs])

    def _refuse(self, *_: object) -> None:
        raise AlertRejected(f"its XML has a document type: it is not {KIND}")

    def _begin(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth == 1 and name != "notification":
            raise AlertRejected(f"its XML is no <notification>: it is not {KIND}")
        if self._depth > 2 or len(self._keywords) + len(self._pairs) > ELEMENTS:
            raise AlertRejected(f"its XML holds too much: it is not {KIND}")
        if self._depth == 2:
            self._held = [attributes.get("parameter", name), ""]
            (self._pairs if "parameter" in attributes else self._keywords).append(self._held)

    def _end(self, _: str) -> None:
        self._depth -= 1

    def _text(self, text: str) -> None:
        if self._depth == 2:
            self._held[1] += text


PLUGIN = Nable
