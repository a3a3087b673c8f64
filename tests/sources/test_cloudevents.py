"""CloudEvents in their three wrappings are the same alert; what wraps something else is refused."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.core.alert import Alert, AlertStatus, Severity
from bot.core.errors import AlertRejected
from bot.core.posted import Posted
from tests.sources import samples
from tests.sources.samples import NOW, Sample

SOURCE = samples.made("cloudevents")


def sample(what: str) -> Sample:
    return next(one for one in samples.of("cloudevents") if one.file == f"cloudevents_{what}.json")


def read(one: Sample, **headers: str | None) -> list[Alert]:
    told = {**one.headers, **{f"ce-{name}": text for name, text in headers.items()}}
    return SOURCE.read(Posted({k: v for k, v in told.items() if v is not None}, one.body, NOW))


def changed(**fields: Any) -> Sample:
    one = sample("structured")
    event = {**json.loads(one.body), **fields}
    event["data"] = {**json.loads(one.body)["data"], **fields.get("data", {})}
    return one._replace(body=json.dumps(event).encode())


def test_a_structured_event_is_the_alert_in_its_data() -> None:
    [alert] = read(sample("structured"))

    assert alert.model_copy(update={"fingerprint": "any"}) == Alert(
        source="cloudevents",
        name="PoolExhausted",
        fingerprint="any",
        status=AlertStatus.FIRING,
        severity=Severity.CRITICAL,
        labels={
            "alertname": "PoolExhausted",
            "service": "shop",
            "environment": "prod",
            "severity": "critical",
        },
        annotations={"summary": "no connection is free"},
        starts_at=datetime(2026, 11, 21, 2, 59, 30, tzinfo=UTC),
        link="https://monitoring.example/alerts/17",
    )


def test_the_wrapping_makes_no_difference() -> None:
    structured, binary = read(sample("structured")), read(sample("binary"))

    assert structured == binary == read(sample("batch"))[:1]


def test_of_a_batch_each_event_is_an_alert_of_its_own() -> None:
    alerts = read(sample("batch"))

    assert [one.service for one in alerts] == ["shop", "web"]
    assert len({one.fingerprint for one in alerts}) == 2


def test_what_is_over_is_known_by_the_same_name() -> None:
    [fired], [over] = read(sample("structured")), read(sample("resolved"))

    assert (over.firing, over.fingerprint) == (False, fired.fingerprint)
    assert over.ends_at == datetime(2026, 11, 21, 3, 5, tzinfo=UTC)


def test_labels_that_differ_are_the_same_where_the_sender_says_so() -> None:
    one, other = (
        changed(data={"fingerprint": "f1", "labels": {"value": value}, "alertname": "A"})
        for value in ("1", "2")
    )

    assert read(one)[0].fingerprint == read(other)[0].fingerprint


def test_without_a_name_the_type_is_one() -> None:
    [alert] = read(changed(data={"labels": {"service": "shop"}}))

    assert alert.name == "com.example.alert"


def test_an_event_is_known_by_source_and_id_however_it_is_wrapped() -> None:
    delivered = [SOURCE.delivery(sample(what).posted()) for what in ("structured", "binary")]
    other = SOURCE.delivery(changed(source="/monitoring/eu-2").posted())

    assert delivered[0] == delivered[1] != other


def test_headers_are_read_as_they_are_written_there() -> None:
    [alert] = read(sample("binary"), subject="sh%6Fp")

    assert alert == read(sample("binary"))[0]


@pytest.mark.parametrize(
    ("one", "place"),
    [
        (changed(specversion="0.3"), "'specversion'"),
        (changed(id=""), "'id'"),
        (changed(source=""), "'source'"),
        (changed(time="noon"), "'time'"),
        (changed(data={"status": "acknowledged"}), "'data.status'"),
        (changed(data={"labels": {"service": 1}}), "'data.labels.service'"),
    ],
)
def test_what_is_no_such_event_is_refused_by_its_place(one: Sample, place: str) -> None:
    with pytest.raises(AlertRejected, match=place):
        read(one)


@pytest.mark.parametrize("header", ["id", "source", "type"])
def test_a_header_that_is_missing_is_named(header: str) -> None:
    with pytest.raises(AlertRejected, match=f"'{header}'.*ce- headers"):
        read(sample("binary"), **{header: None})


def test_what_is_not_wrapped_at_all_is_refused() -> None:
    with pytest.raises(AlertRejected, match="neither Content-Type"):
        read(sample("binary"), specversion=None)
