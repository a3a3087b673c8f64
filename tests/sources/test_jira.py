"""Issues of the right type become alerts; done and deleted are over; comments change nothing."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.core.alert import Alert, Severity
from bot.core.errors import AlertRejected
from bot.core.posted import Posted
from bot.sources.jira import PLUGIN, JiraSettings

NOW = datetime(2026, 11, 20, 18, 30, tzinfo=UTC)
PAYLOADS = Path(__file__).parent / "payloads"


def content(name: str = "created", **fields: Any) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((PAYLOADS / f"jira_{name}.json").read_text())
    if fields:
        read["issue"]["fields"].update(fields)
    return read


def posted(said: dict[str, Any], **headers: str) -> Posted:
    return Posted(headers, json.dumps(said).encode(), NOW)


def parsed(said: dict[str, Any], **settings: Any) -> list[Alert]:
    return PLUGIN(JiraSettings(**settings)).read(posted(said))


def test_an_incident_is_an_alert_and_its_labels_are_pairs() -> None:
    [alert] = parsed(content())

    assert (alert.name, alert.severity) == ("The shop answers nobody", Severity.CRITICAL)
    assert (alert.service, alert.environment) == ("shop", "prod")
    assert (alert.labels["component"], alert.labels["issue"]) == ("web", "OPS-118")
    assert alert.link == "https://example.atlassian.net/browse/OPS-118"
    assert alert.starts_at == datetime(2026, 11, 20, 18, 28, 2, 763000, tzinfo=UTC)


@pytest.mark.parametrize("name", ["resolved", "deleted"])
def test_done_and_deleted_are_the_end_of_the_same_alert(name: str) -> None:
    [began], [over] = parsed(content()), parsed(content(name))

    assert (over.fingerprint, over.firing) == (began.fingerprint, False)


def test_somebody_at_work_is_still_the_same_alert() -> None:
    status = {"name": "In Progress", "statusCategory": {"key": "indeterminate"}}

    assert [one.firing for one in parsed(content(status=status))] == [True]


def test_a_comment_changes_nothing() -> None:
    assert parsed(content("comment")) == []


@pytest.mark.parametrize(
    ("settings", "alerts"),
    [
        ({}, 1),
        ({"types": ("Bug",)}, 0),
        ({"types": ("[system] incident",), "projects": ("ops",), "marks": ("OnCall",)}, 1),
        ({"projects": ("SHOP",)}, 0),
        ({"marks": ("heal",)}, 0),
    ],
)
def test_which_issues_are_alerts_is_a_setting(settings: dict[str, Any], alerts: int) -> None:
    assert len(parsed(content(), **settings)) == alerts


def test_what_heal_opened_itself_is_no_alert() -> None:
    assert parsed(content(labels=["service:shop"]))
    assert parsed(content(labels=["service:shop", "Opened-by-Heal"])) == []


def test_a_document_is_reduced_to_its_words() -> None:
    [alert] = parsed(content("deleted"))

    assert alert.annotations["description"].splitlines() == [
        "What we see",
        "No answer from shop",
        "@Mia looks.",
        "https://status.example",
    ]


def test_a_document_without_end_is_read_as_far_as_it_may_be() -> None:
    long = {"type": "doc", "content": [{"type": "text", "text": "x" * 100}] * 5000}

    [alert] = parsed(content(description=long))

    assert len(alert.annotations["description"]) == 10_000


@pytest.mark.parametrize(
    ("priority", "severity"),
    [("High", Severity.CRITICAL), ("Medium", Severity.WARNING), ("Low", Severity.INFO),
     ("Strange", Severity.WARNING)],
)  # fmt: skip
def test_priority_says_how_bad_it_is(priority: str, severity: Severity) -> None:
    [alert] = parsed(content(priority={"name": priority}))

    assert alert.severity is severity


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"status": {"name": "Open"}}, "status.statusCategory"),
        ({"status": {"name": "x", "statusCategory": {"key": "undefined"}}}, "statusCategory.key"),
        ({"summary": ""}, "summary"),
        ({"created": "yesterday"}, "created"),
        ({"issuetype": None}, "issuetype"),
    ],
)
def test_what_is_no_issue_is_refused_by_its_place(fields: dict[str, Any], place: str) -> None:
    with pytest.raises(AlertRejected, match=place):
        parsed(content(**fields))


def test_an_issue_of_no_jira_is_refused() -> None:
    said = content()
    said["issue"]["self"] = "file:///rest/"

    with pytest.raises(AlertRejected, match=r"issue\.self"):
        parsed(said)


def test_a_delivery_is_called_as_jira_calls_it() -> None:
    message = Posted({"x-atlassian-webhook-identifier": "d5b1"}, b"{}", NOW)

    assert PLUGIN(JiraSettings()).delivery(message) == "d5b1"


def test_its_signature_counts_and_so_does_the_time_that_it_signs() -> None:
    door, message = PLUGIN(JiraSettings(secret="quiet")), posted(content())
    right = hmac.new(b"quiet", message.body, hashlib.sha256).hexdigest()
    signed = message._replace(headers={"x-hub-signature": f"sha256={right}"})

    assert door.unsigned(signed) == ""
    assert "played again" in door.unsigned(signed._replace(at=NOW + timedelta(hours=3)))
    assert door.unsigned(signed._replace(headers={"x-hub-signature": f"sha1={right}"}))
    assert door.unsigned(signed._replace(body=message.body + b" "))
    assert door.unsigned(message)
