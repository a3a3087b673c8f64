"""What a monitor of Datadog posts is one alert a group, and a monitor without data is no health."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.clients.senders import WebhookSettings
from bot.core.alert import Alert, AlertStatus, Severity
from bot.core.errors import AlertRejected
from bot.core.posted import Posted
from bot.slack.alerts import formats
from bot.sources.datadog import PLUGIN
from tests.rules import house
from tests.slack.alerts import vendors

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
PAYLOADS = Path(__file__).parent / "payloads"


def changed(what: str = "triggered", **fields: Any) -> bytes:
    return json.dumps(
        {**json.loads((PAYLOADS / f"datadog_{what}.json").read_bytes()), **fields}
    ).encode()


def parsed(body: bytes) -> list[Alert]:
    return PLUGIN(WebhookSettings()).read(Posted({}, body, NOW))


def only(body: bytes) -> Alert:
    (alert,) = parsed(body)
    return alert


def test_a_monitor_that_triggered_is_an_alert_with_its_tags() -> None:
    alert = only(changed())

    assert (alert.name, alert.status, alert.severity) == (
        "Shop is down",
        AlertStatus.FIRING,
        Severity.CRITICAL,
    )
    assert alert.labels == {
        "environment": "prod",
        "host": "web-1",
        "monitor": "922154",
        "service": "shop",
        "severity": "critical",
        "team": "pay",
    }
    assert alert.starts_at == datetime(2026, 11, 21, 2, 58, tzinfo=UTC)
    assert alert.link == "https://app.datadoghq.eu/event/jump_to?event_id=8306082202796025694"
    assert alert.annotations["status"].startswith("shop.up over")


def test_its_recovery_is_the_same_alert_in_whatever_order_its_group_is_written() -> None:
    begun, over = only(changed()), only(changed("recovered"))

    assert (begun.fingerprint, begun.name) == (over.fingerprint, over.name)
    assert (over.firing, over.ends_at) == (False, datetime(2026, 11, 21, 3, 3, tzinfo=UTC))


def test_another_group_of_the_monitor_is_another_alert() -> None:
    assert only(changed()).fingerprint != only(changed(scope="service:orders")).fingerprint


def test_a_group_that_is_no_tag_is_another_alert_too() -> None:
    """Monitors of logs group by facets: what recovers of one is not over of the other."""
    groups = ("@http.url:/buy", "@http.url:/sell", "env:prod,@http.url:/sell", "*")
    known = {only(changed(scope=scope)).fingerprint for scope in groups}

    assert len(known) == len(groups)
    assert only(changed(scope="*")).fingerprint == only(changed(scope="")).fingerprint


def test_a_channel_tells_such_groups_apart_as_the_webhook_does() -> None:
    message = vendors.message("datadog", "firing")
    told = [
        formats.read(json.loads(json.dumps(message).replace("service:shop", facet)))
        for facet in ("@http.url:/buy", "@http.url:/sell")
    ]
    known = [one.alerts[0].fingerprint for one in told if one]

    assert len(set(known)) == 2


def test_what_a_channel_tells_of_it_is_the_same_alert() -> None:
    _, told = formats.which(vendors.message("datadog", "firing"))
    assert told is not None

    assert told.alerts[0].fingerprint == only(changed()).fingerprint


def test_a_monitor_without_data_fires_and_nobody_may_be_sure_of_it() -> None:
    blind = only(changed("no_data"))

    assert (blind.firing, blind.confidence) == (True, 0.0)
    assert blind.fingerprint == only(changed()).fingerprint
    assert only(changed(transition="Re-No Data")).confidence == 0.0


@pytest.mark.parametrize("transition", ["Re-Triggered", "Re-Warn"])
def test_a_reminder_is_the_same_alert_again(transition: str) -> None:
    again = only(changed(transition=transition))

    assert (again.firing, again.fingerprint) == (True, only(changed()).fingerprint)


@pytest.mark.parametrize("transition", ["Renotify", "Null", ""])
def test_what_neither_begins_nor_ends_is_accepted_as_nothing(transition: str) -> None:
    assert parsed(changed(transition=transition)) == []
    assert parsed(changed("renotify")) == []


@pytest.mark.parametrize(
    ("priority", "transition", "severity"),
    [
        ("P1", "Triggered", Severity.CRITICAL),
        ("P3", "Triggered", Severity.WARNING),
        ("P5", "Triggered", Severity.INFO),
        ("", "Triggered", Severity.CRITICAL),
        ("P1", "Warn", Severity.WARNING),
        ("P4", "Warn", Severity.INFO),
    ],
)
def test_severity_is_the_priority_and_a_warning_stays_one(
    priority: str, transition: str, severity: Severity
) -> None:
    assert only(changed(priority=priority, transition=transition)).severity is severity


def test_tags_that_differ_name_no_service() -> None:
    assert only(changed(tags="service:orders")).service == ""


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"monitor": "$ALERT_ID"}, "'monitor'"),
        ({"transition": "$ALERT_TRANSITION"}, "'transition'"),
        ({"link": "https://evil.example/datadoghq.com"}, "'link'"),
        ({"link": "https://app.datadoghq.com.evil.example/"}, "'link'"),
        ({"date": "$DATE"}, "'date'"),
        ({"title": "[Triggered] "}, "no name"),
        ({"scope": 1}, "'scope'"),
    ],
)
def test_what_is_not_as_it_should_be_is_named(fields: dict[str, Any], named: str) -> None:
    with pytest.raises(AlertRejected, match=named):
        parsed(changed(**fields))


def test_a_delivery_is_named_by_the_event() -> None:
    source = PLUGIN(WebhookSettings())

    def delivery(body: bytes) -> str:
        return source.delivery(Posted({}, body, NOW))

    assert delivery(changed()) == delivery(changed())
    assert delivery(changed()) != delivery(changed("recovered"))
    assert delivery(changed()) != delivery(changed(scope="service:orders"))
    assert delivery(changed(id="7" * 200)) != delivery(changed("recovered", id="7" * 200))
    assert delivery(changed(id="")) == ""


def test_the_payload_to_paste_fills_exactly_these_fields() -> None:
    page = (house.ROOT / "docs/alerts.md").read_text(encoding="utf-8")
    found = re.search(r"### Datadog\n.*?```json\n(.*?)```", page, re.DOTALL)
    assert found

    template = json.loads(found[1])

    assert sorted(template) == sorted(json.loads(changed()))
    assert all(re.fullmatch(r"\$[A-Z_]+", variable) for variable in template.values())


async def test_it_proves_itself_by_the_header_that_its_custom_headers_carry() -> None:
    source = PLUGIN(WebhookSettings.model_validate({"token": "old,new"}))

    def posted(token: str) -> Posted:
        return Posted({"authorization": f"Bearer {token}"}, changed(), NOW)

    assert await source.authentic(posted("old")) == await source.authentic(posted("new")) == ""
    assert "token" in await source.authentic(posted("other"))
