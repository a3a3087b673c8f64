"""Mapping: how the JSON of any sender becomes alerts, written in CEL by who knows that sender."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Self

from pydantic import AwareDatetime, Field, JsonValue, TypeAdapter, model_validator

from bot.core import flaws, labels, sent, spelling
from bot.core.alert import Alert
from bot.core.clauses import Clause
from bot.core.errors import AlertRejected
from bot.core.expressions import Condition, Expression, ExpressionError
from bot.core.flaws import Flaw, FlawedError
from bot.core.references import Names

MOST = 1000
"""Alerts of one message at most."""
BODY: Names = {"body": None}
ITEM: Names = {"item": None}
_TIME = TypeAdapter(AwareDatetime)


class AlertMapping(Clause):
    """One sender's JSON: `when` and `alerts` speak of `body`, all else of one `item` of it."""

    mapping: str = Field(pattern=r"^[a-z][a-z0-9-]{2,62}$", description="the name it is told by")
    when: str = Field(description="CEL over body: true = it is this sender's message")
    alerts: str = Field(
        default="[body]", description="CEL over body: a list, each of it is an item"
    )
    skip: str | None = Field(
        default=None, description="CEL over item: true = it neither begins nor ends anything"
    )
    name: str = Field(description="CEL over item: a text, what is wrong")
    fingerprint: str | None = Field(
        default=None,
        description="CEL over item: a text or a whole number, the same while it fires and when "
        "it is over; its name and labels unless given",
    )
    firing: str = Field(description="CEL over item: true while it fires, false when it is over")
    severity: str | None = Field(
        default=None, description="CEL over item: critical, warning or info; a label unless given"
    )
    starts_at: str | None = Field(
        default=None,
        description="CEL over item: a time with its zone, or seconds or milliseconds since 1970; "
        "when it came unless given",
    )
    ends_at: str | None = Field(default=None, description="CEL over item: when it was over")
    link: str | None = Field(default=None, description="CEL over item: an address of the web")
    all_labels: str | None = Field(
        default=None, description="CEL over item: an object, whose texts become labels"
    )
    labels: dict[str, str] = Field(
        default={}, max_length=50, description="a label each: CEL over item, left out without value"
    )
    annotations: dict[str, str] = Field(
        default={}, max_length=50, description="as labels: summary and description, for people"
    )

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        if wrong := tuple(self._flaws()):
            raise FlawedError(wrong)
        return self

    def _flaws(self) -> Iterator[Flaw]:
        yield from flaws.of_condition(self.when, BODY, ("when",))
        yield from flaws.of_condition(self.skip, ITEM, ("skip",))
        yield from flaws.of_condition(self.firing, ITEM, ("firing",))
        yield from _of_expression(self.alerts, BODY, ("alerts",))
        for name in ("name", "fingerprint", "severity", "starts_at", "ends_at", "link"):
            yield from _of_expression(getattr(self, name), ITEM, (name,))
        yield from _of_expression(self.all_labels, ITEM, ("all_labels",))
        for name in ("labels", "annotations"):
            for each, text in getattr(self, name).items():
                yield from _of_expression(text, ITEM, (name, each))

    def holds(self, body: JsonValue) -> bool:
        return Condition.compile(self.when, BODY).holds({"body": body}).held

    def read(self, body: JsonValue, source: str, now: datetime) -> list[Alert]:
        """Make the alerts of a body; AlertRejected names the expression that has no right value."""
        items = _value(self, "alerts", self.alerts, BODY, {"body": body})
        if not isinstance(items, list):
            raise _wrong(self, "alerts", "is no list")
        if len(items) > MOST:
            raise AlertRejected(f"the mapping {self.mapping} finds more than {MOST} alerts", 413)
        seen = [{"item": item} for item in items]
        return [_alert(self, one, source, now) for one in seen if not self._skipped(one)]

    def _skipped(self, seen: dict[str, JsonValue]) -> bool:
        return self.skip is not None and _yes(self, "skip", self.skip, seen)


def _of_expression(text: str | None, names: Names, path: flaws.Path) -> Iterator[Flaw]:
    if text is not None:
        try:
            Expression.compile(text, names)
        except ExpressionError as error:
            yield Flaw(path, str(error))


def _alert(mapping: AlertMapping, seen: dict[str, JsonValue], source: str, now: datetime) -> Alert:
    told, name = _told(mapping, seen), _text(mapping, "name", seen)
    given = told if mapping.severity is None else {"severity": _text(mapping, "severity", seen)}
    return sent.alert(
        source=source,
        name=name,
        fingerprint=_known_by(mapping, seen, {**told, "alertname": name}),
        firing=_yes(mapping, "firing", mapping.firing, seen),
        severity=labels.severity(given),
        labels=told,
        annotations=dict(_texts(mapping.annotations, seen)),
        starts_at=_moment(mapping, "starts_at", seen) or now,
        ends_at=_moment(mapping, "ends_at", seen),
        link=_text(mapping, "link", seen) if mapping.link is not None else "",
        confidence=labels.confidence(told),
    )


def _told(mapping: AlertMapping, seen: dict[str, JsonValue]) -> dict[str, str]:
    found: JsonValue = {}
    if mapping.all_labels is not None:
        found = _value(mapping, "all_labels", mapping.all_labels, ITEM, seen)
    if not isinstance(found, dict):
        raise _wrong(mapping, "all_labels", "is no object")
    own = {name: text for name, text in found.items() if isinstance(text, str)}
    return {**own, **dict(_texts(mapping.labels, seen))}


def _texts(written: dict[str, str], seen: dict[str, JsonValue]) -> Iterator[tuple[str, str]]:
    """What has no value, or another than a text, a number or a yes, is left out."""
    for name, text in written.items():
        try:
            found = Expression.compile(text, ITEM).value(seen)
        except ExpressionError:
            continue
        if isinstance(found, bool):
            yield name, str(found).lower()
        elif isinstance(found, str | int | float):
            yield name, str(found)


def _known_by(mapping: AlertMapping, seen: dict[str, JsonValue], told: dict[str, str]) -> str:
    if mapping.fingerprint is None:
        return labels.fingerprint(told)
    own = _value(mapping, "fingerprint", mapping.fingerprint, ITEM, seen)
    if isinstance(own, bool) or not isinstance(own, str | int) or own == "":
        raise _wrong(mapping, "fingerprint", "is neither a text nor a whole number")
    return labels.named(mapping.mapping, str(own))


def _moment(mapping: AlertMapping, name: str, seen: dict[str, JsonValue]) -> datetime | None:
    if (written := getattr(mapping, name)) is None:
        return None
    found = _value(mapping, name, written, ITEM, seen)
    if found is None:
        return None
    when = _read_time(found)
    if when is None:
        raise _wrong(mapping, name, "is no time with its zone, and no count since 1970")
    return when


def _read_time(found: JsonValue) -> datetime | None:
    if isinstance(found, str):
        try:
            return _TIME.validate_json(f'"{found}"', strict=True)
        except ValueError:
            return None
    if isinstance(found, bool) or not isinstance(found, int | float):
        return None
    counted = str(int(found))
    return sent.counted(counted, 1000 if len(counted) > 10 else 1)


def _text(mapping: AlertMapping, name: str, seen: dict[str, JsonValue]) -> str:
    found = _value(mapping, name, getattr(mapping, name), ITEM, seen)
    if not isinstance(found, str):
        raise _wrong(mapping, name, "is no text")
    return found


def _yes(mapping: AlertMapping, name: str, text: str, seen: dict[str, JsonValue]) -> bool:
    found = _value(mapping, name, text, ITEM, seen)
    if not isinstance(found, bool):
        raise _wrong(mapping, name, "is neither true nor false")
    return found


def _value(
    mapping: AlertMapping, name: str, text: str, names: Names, seen: dict[str, JsonValue]
) -> JsonValue:
    try:
        return Expression.compile(text, names).value(seen)
    except ExpressionError:
        raise _wrong(mapping, name, "has no value here") from None


def _wrong(mapping: AlertMapping, name: str, why: str) -> AlertRejected:
    """Say it without the reason of CEL, which repeats what was sent."""
    written = spelling.quoted(getattr(mapping, name))
    return AlertRejected(f"the mapping {mapping.mapping}: {name} {why}: {written}")


PROMETHEUS = AlertMapping(
    mapping="prometheus",
    when="(type(body) == list ? body : has(body.alerts) ? body.alerts : [body])"
    ".all(one, has(one.status) && has(one.labels.alertname))",
    alerts="type(body) == list ? body : has(body.alerts) ? body.alerts : [body]",
    name="item.labels.alertname",
    firing="{'firing': true, 'resolved': false}[item.status]",
    starts_at="has(item.startsAt) ? item.startsAt : null",
    ends_at="has(item.endsAt) ? item.endsAt : null",
    link="has(item.generatorURL) ? item.generatorURL : ''",
    all_labels="item.labels",
    annotations={
        "summary": "item.annotations.summary",
        "description": "item.annotations.description",
    },
)
"""What much speaks that is not Prometheus: one alert, a list of them, or a group."""
