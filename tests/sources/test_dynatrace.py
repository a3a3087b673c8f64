"""A problem of Dynatrace is one alert until it is resolved; merged and tested ones are none."""

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
from bot.sources.dynatrace import PLUGIN
from tests.rules import house
from tests.slack.alerts import vendors

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
PAYLOADS = Path(__file__).parent / "payloads"
DEFAULT = {"State": "OPEN", "ProblemID": "P-123", "ProblemTitle": "Process unavailable"}
"""All that the template has which Dynatrace begins with."""


def changed(what: str = "open", **fields: Any) -> bytes:
    told = json.loads((PAYLOADS / f"dynatrace_{what}.json").read_bytes())
    return json.dumps({**told, **fields}).encode()


def parsed(body: bytes) -> list[Alert]:
    return PLUGIN(WebhookSettings()).read(Posted({}, body, NOW))


def only(body: bytes) -> Alert:
    (alert,) = parsed(body)
    return alert


def test_a_problem_that_opens_is_an_alert_with_the_tags_of_what_it_is_about() -> None:
    alert = only(changed())

    assert (alert.name, alert.status, alert.severity) == (
        "Process unavailable",
        AlertStatus.FIRING,
        Severity.CRITICAL,
    )
    assert alert.labels == {
        "entity": "shop",
        "environment": "prod",
        "problem": "P-123",
        "service": "shop",
        "severity": "critical",
        "team": "pay",
    }
    assert alert.summary == "Process unavailable: shop"
    assert alert.starts_at == datetime(2026, 11, 21, 2, 58, tzinfo=UTC)
    assert alert.link == json.loads(changed())["ProblemURL"]


def test_when_it_is_resolved_it_is_the_same_and_says_when_it_ended() -> None:
    over = only(changed("resolved"))

    assert over.fingerprint == only(changed()).fingerprint
    assert (over.firing, over.ends_at) == (False, datetime(2026, 11, 21, 3, 3, tzinfo=UTC))


def test_what_a_channel_tells_of_it_is_the_same_alert() -> None:
    _, told = formats.which(vendors.message("dynatrace", "firing"))
    assert told is not None

    assert told.alerts[0].fingerprint == only(changed()).fingerprint


def test_the_same_number_in_another_environment_is_another_problem() -> None:
    other = changed(ProblemURL="https://def67890.live.dynatrace.com/#problems")

    assert only(other).fingerprint != only(changed()).fingerprint


def test_one_that_was_merged_neither_begins_nor_ends() -> None:
    assert parsed(changed("merged")) == []
    assert parsed(changed(State="MERGED")) == []


@pytest.mark.parametrize("fields", [{}, {"ProblemID": "TESTID"}, {"State": "RESOLVED"}])
def test_the_test_of_its_settings_page_is_accepted_as_nothing(fields: dict[str, Any]) -> None:
    assert parsed(changed("test", **fields)) == []


def test_the_template_that_it_begins_with_is_enough() -> None:
    begun = only(json.dumps(DEFAULT).encode())
    over = only(json.dumps({**DEFAULT, "State": "RESOLVED"}).encode())

    assert (begun.fingerprint, begun.severity) == (over.fingerprint, Severity.WARNING)
    assert (begun.starts_at, over.ends_at) == (NOW, NOW)


def test_a_host_that_nobody_can_see_is_not_surely_down() -> None:
    assert only(changed(ProblemSeverity="MONITORING_UNAVAILABLE")).confidence == 0.0
    assert only(changed()).confidence == 1.0


@pytest.mark.parametrize(
    ("said", "severity"),
    [
        ("ERROR", Severity.CRITICAL),
        ("PERFORMANCE", Severity.WARNING),
        ("RESOURCE_CONTENTION", Severity.WARNING),
        ("CUSTOM_ALERT", Severity.WARNING),
        ("NEWER", Severity.WARNING),
    ],
)
def test_severity_is_its_own(said: str, severity: Severity) -> None:
    assert only(changed(ProblemSeverity=said)).severity is severity


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"ProblemID": "{ProblemID}"}, "'ProblemID'"),
        ({"State": "{State}"}, "'State'"),
        ({"ProblemURL": "{ProblemURL}"}, "'ProblemURL'"),
        ({"ImpactedEntities": "{ImpactedEntities}"}, "'ImpactedEntities'"),
        ({"ProblemDetailsJSON": {"startTime": "soon"}}, "'ProblemDetailsJSON.startTime'"),
        ({"ProblemTitle": " "}, "no name"),
    ],
)
def test_what_is_not_as_it_should_be_is_named(fields: dict[str, Any], named: str) -> None:
    with pytest.raises(AlertRejected, match=named.replace(".", r"\.")):
        parsed(changed(**fields))


def test_the_payload_to_paste_fills_exactly_these_fields() -> None:
    page = (house.ROOT / "docs/alerts.md").read_text(encoding="utf-8")
    found = re.search(r"### Dynatrace\n.*?```text\n(.*?)```", page, re.DOTALL)
    assert found
    filled = re.sub(r"(?<!\")(\{\w+\})(?!\")", r'"\1"', found[1])  # two have no quotes

    template = json.loads(filled)

    assert sorted(template) == sorted(json.loads(changed()))
    assert all(value == f"{{{name}}}" for name, value in template.items())


async def test_it_proves_itself_by_a_header_of_its_own() -> None:
    source = PLUGIN(WebhookSettings.model_validate({"token": "old,new"}))

    def posted(token: str) -> Posted:
        return Posted({"authorization": f"Bearer {token}"}, changed(), NOW)

    assert await source.authentic(posted("old")) == await source.authentic(posted("new")) == ""
    assert "token" in await source.authentic(posted("other"))
