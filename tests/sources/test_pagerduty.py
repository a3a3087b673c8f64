"""What PagerDuty's documents show becomes alerts; nothing else does, and no target is guessed."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from bot.core.alert import Alert, AlertStatus, Severity
from bot.core.errors import AlertRejected
from bot.core.posted import Posted
from bot.pagers import _paging
from bot.sources.pagerduty import PLUGIN, PagerdutyWebhookSettings
from tests import builders
from tests.sources.samples import NOW, PAYLOADS

OCCURRED = datetime(2026, 11, 20, 18, 28, 3, 169000, tzinfo=UTC)


def message(name: str) -> bytes:
    return (PAYLOADS / f"pagerduty_{name}.json").read_bytes()


def source(**settings: Any) -> PLUGIN:
    return PLUGIN(PagerdutyWebhookSettings(**settings))


def parsed(body: bytes, **settings: Any) -> list[Alert]:
    return source(**settings).read(Posted({}, body, NOW))


def only(body: bytes, **settings: Any) -> Alert:
    [alert] = parsed(body, **settings)
    return alert


def event(**fields: Any) -> bytes:
    """The event of an incident that was triggered, with fields of the event replaced."""
    return json.dumps({"event": {**json.loads(message("triggered"))["event"], **fields}}).encode()


def incident(**fields: Any) -> bytes:
    """The same with fields of the incident replaced."""
    return event(data={**json.loads(message("triggered"))["event"]["data"], **fields})


def test_heals_own_page_is_no_alert() -> None:
    page = _paging.key(builders.an_incident(builders.an_opening()))

    assert parsed(incident(incident_key=page)) == []
    assert parsed(incident(incident_key=f"{page}-again")) == []
    assert len(parsed(incident(incident_key=None))) == 1


def test_an_incident_that_was_triggered_fires() -> None:
    assert only(message("triggered")) == Alert(
        source="pagerduty",
        name="A little bump in the road",
        fingerprint="pagerduty-07ccbe7547d6238b",
        status=AlertStatus.FIRING,
        severity=Severity.CRITICAL,
        labels={"service": "API Service", "urgency": "high", "priority": "P1"},
        annotations={
            "summary": "A little bump in the road",
            "pagerduty_incident": "PGR0VU2",
            "pagerduty_service": "API Service",
        },
        starts_at=datetime(2026, 11, 20, 18, 28, 2, tzinfo=UTC),
        link="https://acme.pagerduty.com/incidents/PGR0VU2",
    )


def test_the_same_incident_resolved_is_over() -> None:
    fired, over = only(message("triggered")), only(message("resolved"))

    assert over.fingerprint == fired.fingerprint
    assert over.status is AlertStatus.RESOLVED
    assert over.starts_at == fired.starts_at
    assert over.ends_at == datetime(2026, 11, 20, 18, 45, 22, 512000, tzinfo=UTC)


def test_one_that_was_reopened_fires_anew_from_then_on() -> None:
    fired, again = only(message("triggered")), only(message("reopened"))

    assert again.fingerprint == fired.fingerprint
    assert again.firing
    assert again.starts_at == datetime(2026, 11, 20, 19, 2, 10, tzinfo=UTC)


@pytest.mark.parametrize("name", ["acknowledged", "annotated", "ping"])
def test_what_neither_begins_nor_ends_an_incident_is_accepted_as_no_alert(name: str) -> None:
    assert parsed(message(name)) == []


@pytest.mark.parametrize(
    "kind", ["incident.unacknowledged", "incident.escalated", "incident.priority_updated",
             "incident.custom_field_values.updated", "service.updated", "a.later.one"],
)  # fmt: skip
def test_whatever_else_happens_to_it_is_accepted_as_no_alert(kind: str) -> None:
    assert parsed(event(event_type=kind)) == []


def test_the_event_names_its_delivery() -> None:
    posted = Posted({}, message("triggered"), NOW)

    assert source().delivery(posted) == "01FKZOXA868SHYEE4DVNWB5P9A"


@pytest.mark.parametrize(
    ("name", "title", "service", "resource", "kind", "workload"),
    [
        (
            "test001", "High memory usage on api-deployment", "API Service",
            "deployment/api", "deployment", "api",
        ),
        (
            "test002", "Database cluster down - all replicas failing", "PostgreSQL",
            "statefulset/postgres", "statefulset", "postgres",
        ),
    ],
)  # fmt: skip
def test_the_documents_test_events_are_read_as_they_are_written(
    name: str, title: str, service: str, resource: str, kind: str, workload: str
) -> None:
    alert = only(message(name))

    assert (alert.name, alert.summary, alert.firing) == (title, title, True)
    assert alert.starts_at == NOW
    assert alert.link == f"https://yourcompany.pagerduty.com/incidents/{name.upper()}"
    assert alert.annotations["pagerduty_incident"] == name.upper()
    assert alert.labels == {
        "service": service, "namespace": "production", "resource": resource,
        "workload_kind": kind, "workload": workload, "urgency": "high",
    }  # fmt: skip


@pytest.mark.parametrize("kind", ["incident.resolved", "incident.acknowledged"])
def test_their_shape_may_say_what_happened(kind: str) -> None:
    told = json.loads(message("test001"))
    told["event"]["event_type"] = kind

    statuses = [alert.status for alert in parsed(json.dumps(told).encode())]

    assert statuses == ([AlertStatus.RESOLVED] if kind == "incident.resolved" else [])


FIELDS = {"namespace": "shop", "resource": "statefulset/db", "env": "prod", "service": "db"}


@pytest.mark.parametrize(
    "where",
    [
        {"custom_fields": FIELDS},
        {"custom_details": FIELDS},
        {"custom_fields": [{"name": name, "value": text} for name, text in FIELDS.items()]},
        {"body": {"type": "incident_body", "details": FIELDS}},
    ],
)
def test_fields_are_labels_however_they_are_written(where: dict[str, Any]) -> None:
    alert = only(incident(**where))

    assert (alert.service, alert.environment) == ("db", "prod")
    assert alert.labels["namespace"] == "shop"
    assert (alert.labels["workload_kind"], alert.labels["workload"]) == ("statefulset", "db")


def test_a_namespace_that_is_not_said_is_not_guessed() -> None:
    assert "namespace" not in only(incident(custom_fields={"resource": "deployment/api"})).labels


@pytest.mark.parametrize(
    ("resource", "typed"),
    [
        ("daemonset/agent", {"workload": "agent", "workload_kind": "daemonset"}),
        ("pod/api-7d9f", {"pod": "api-7d9f"}),
        ("service/api", {}),
        ("api", {}),
        ("deployment/api; rm -rf /", {}),
        ("deployment/../secrets", {}),
        ("Deployment/api", {}),
    ],
)
def test_only_a_resource_that_is_written_exactly_is_typed(
    resource: str, typed: dict[str, str]
) -> None:
    said = only(incident(custom_fields={"resource": resource})).labels

    found = {name: said[name] for name in ("workload", "workload_kind", "pod") if name in said}
    assert found == typed
    assert said["resource"] == resource


def test_two_places_that_differ_say_nothing() -> None:
    alert = only(incident(custom_fields={"namespace": "a"}, custom_details={"namespace": "b"}))

    assert "namespace" not in alert.labels


@pytest.mark.parametrize("theirs", ["API Service", "PF9KMXH"])
def test_a_setting_says_what_its_service_is_here_and_where(theirs: str) -> None:
    alert = only(message("triggered"), services=(f"api/production={theirs}", "db=PostgreSQL"))

    assert (alert.service, alert.environment) == ("api", "production")


def test_a_service_may_be_renamed_without_an_environment() -> None:
    alert = only(message("triggered"), services=("api=API Service",), add=("environment=staging",))

    assert (alert.service, alert.environment) == ("api", "staging")


def test_a_field_that_contradicts_the_setting_leaves_no_service() -> None:
    alert = only(incident(custom_fields={"service": "db"}), services=("api=API Service",))

    assert alert.service == ""


def test_a_runbook_knows_it_by_a_field_where_there_is_one() -> None:
    assert only(incident(custom_fields={"alertname": "KubePodCrashLooping"})).name == (
        "KubePodCrashLooping"
    )


@pytest.mark.parametrize(
    ("fields", "severity"),
    [
        ({"urgency": "high"}, Severity.CRITICAL),
        ({"urgency": "low"}, Severity.WARNING),
        ({"urgency": None}, Severity.WARNING),
        ({"urgency": "high", "custom_fields": {"severity": "info"}}, Severity.INFO),
    ],
)
def test_how_bad_it_is_comes_from_a_field_or_its_urgency(
    fields: dict[str, Any], severity: Severity
) -> None:
    assert only(incident(**fields)).severity is severity


def signature(body: bytes, secret: str) -> str:
    return "v1=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


async def refused(body: bytes, header: str | None, late: timedelta = timedelta()) -> str:
    headers = {} if header is None else {"x-pagerduty-signature": header}
    posted = Posted(headers, body, OCCURRED + late)
    return await source(secret=SecretStr("old,new")).authentic(posted)


@pytest.mark.parametrize("secret", ["old", "new"])
async def test_either_secret_is_good_while_one_replaces_the_other(secret: str) -> None:
    body = message("triggered")

    assert await refused(body, signature(body, secret)) == ""


async def test_one_good_signature_of_several_is_enough() -> None:
    body = message("triggered")
    both = f"{signature(body, 'next')}, {signature(body, 'new')}"

    assert await refused(body, both) == ""


async def test_a_body_that_was_changed_on_its_way_is_refused() -> None:
    body = message("triggered")

    assert await refused(body.replace(b"bump", b"jump"), signature(body, "old"))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda right: None,
        lambda right: "",
        lambda right: right.removeprefix("v1="),
        lambda right: right.replace("v1=", "v0="),
        lambda right: right[:-1],
        lambda right: "v1=",
        lambda right: signature(message("triggered"), "third"),
        lambda right: signature(message("resolved"), "old"),
    ],
)
async def test_any_other_signature_is_refused(spoil: Any) -> None:
    body = message("triggered")

    assert "none of its signatures" in await refused(body, spoil(signature(body, "old")))


async def test_it_may_come_two_days_late_and_is_played_again_after_that() -> None:
    body = message("triggered")
    right = signature(body, "new")

    assert await refused(body, right, timedelta(hours=48)) == ""
    assert "played again" in await refused(body, right, timedelta(hours=50))


async def test_what_is_signed_and_no_event_is_left_to_the_reading() -> None:
    assert await refused(b"[]", signature(b"[]", "new")) == ""


async def test_a_token_and_a_secret_are_both_wanted_where_both_are_set() -> None:
    body = message("triggered")
    both = source(secret=SecretStr("s"), token=SecretStr("t"))
    headers = {"x-pagerduty-signature": signature(body, "s")}

    assert await both.authentic(Posted(headers, body, OCCURRED))
    headers["authorization"] = "Bearer t"
    assert await both.authentic(Posted(headers, body, OCCURRED)) == ""


@pytest.mark.parametrize(
    ("body", "named"),
    [
        (event(event_type=""), "event.event_type"),
        (event(id=None), "event.id"),
        (event(data=None), "event.data"),
        (event(occurred_at="2026-11-20T18:28:03"), "event.occurred_at"),
        (incident(id=""), "event.data.id"),
        (incident(title=None), "event.data.title"),
        (incident(title=" "), "no name"),
        (incident(created_at="0001-01-01T00:00:00Z"), "not a time of this century"),
        (b'{"event": {"incident": {"title": "x"}}}', "event.incident.id"),
        (b'{"messages": []}', "event"),
        (b"{", "not JSON"),
    ],
)
def test_what_is_not_as_it_should_be_is_named(body: bytes, named: str) -> None:
    with pytest.raises(AlertRejected, match=named) as caught:
        parsed(body)

    assert caught.value.status == 422
