"""Incidents as the documented business rule posts them become alerts, by number and by name."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.clients.senders import SignedSettings
from bot.core import updates
from bot.core.alert import Alert, Severity
from bot.core.errors import AlertRejected
from bot.core.posted import Posted
from bot.sources.servicenow import PLUGIN
from tests import builders
from tests.desks import servicenow

NOW = datetime(2026, 11, 20, 18, 30, tzinfo=UTC)
PAYLOADS = Path(__file__).parent / "payloads"


def content(name: str = "new", **changed: Any) -> dict[str, Any]:
    read = json.loads((PAYLOADS / f"servicenow_{name}.json").read_text())
    return {key: value for key, value in {**read, **changed}.items() if value is not None}


def posted(said: dict[str, Any], **headers: str) -> Posted:
    return Posted(headers, json.dumps(said).encode(), NOW)


def parsed(said: dict[str, Any]) -> Alert:
    [alert] = PLUGIN(SignedSettings()).read(posted(said))
    return alert


def test_an_incident_is_an_alert_with_its_own_columns() -> None:
    alert = parsed(content())

    assert (alert.name, alert.severity, alert.firing) == ("ServiceDown", Severity.CRITICAL, True)
    assert (alert.service, alert.environment) == ("shop", "prod")
    assert (alert.labels["cmdb_ci"], alert.labels["business_service"]) == ("web-1", "Shop")
    assert alert.summary == "The shop answers nobody"
    assert alert.starts_at == datetime(2026, 11, 20, 18, 28, 2, tzinfo=UTC)
    assert alert.link is not None


def test_an_update_is_the_same_alert_and_resolved_is_its_end() -> None:
    first, then, over = (
        parsed(content()),
        parsed(content("in_progress")),
        parsed(content("resolved")),
    )

    assert {first.fingerprint} == {then.fingerprint, over.fingerprint}
    assert (then.firing, over.firing) == (True, False)
    assert over.ends_at == datetime(2026, 11, 20, 18, 40, 11, tzinfo=UTC)


async def test_what_heal_itself_opened_there_is_no_alert() -> None:
    async with servicenow.opened() as stand:
        opening = builders.an_incident(builders.an_opening())
        [update] = updates.of(opening)
        reference = await stand.opener.tell(update, "", uncertain=False)
        assert isinstance(stand.desk, servicenow.ServiceNowDesk)
        row = stand.desk.row("incident", number=reference)
    for columns in (row, {name: {"value": text} for name, text in row.items()}):
        known = ("number", "state", "short_description", "correlation_display")
        own: dict[str, Any] = {name: columns[name] for name in known}
        said = content(**own)

        assert PLUGIN(SignedSettings()).read(posted(said)) == []
        said["correlation_display"] = ""
        assert len(PLUGIN(SignedSettings()).read(posted(said))) == 1


def test_columns_may_be_plain_texts() -> None:
    alert = parsed(content("plain"))

    assert (alert.name, alert.service, alert.firing) == ("The shop answers nobody", "", True)


@pytest.mark.parametrize(
    ("state", "firing"),
    [
        *((each, True) for each in ("1", "2", "3", "New", "In Progress", "On Hold")),
        *((each, False) for each in ("6", "7", "8", "Resolved", "Closed", "Canceled")),
    ],
)
def test_states_are_known_by_number_and_by_name(state: str, firing: bool) -> None:
    assert parsed(content(state=state)).firing is firing


@pytest.mark.parametrize(
    "state", ["", "4", "Awaiting", {"value": "1", "display_value": "Resolved"}, {"value": None}]
)
def test_a_state_that_nobody_knows_or_that_contradicts_itself_is_refused(state: Any) -> None:
    with pytest.raises(AlertRejected, match="'state'"):
        parsed(content(state=state))


@pytest.mark.parametrize(
    ("priority", "severity"),
    [("2", Severity.CRITICAL), ("3 - Moderate", Severity.WARNING), ("5", Severity.INFO),
     ("", Severity.WARNING), ("x", Severity.WARNING)],
)  # fmt: skip
def test_priority_says_how_bad_it_is(priority: str, severity: Severity) -> None:
    assert parsed(content(priority=priority)).severity is severity


@pytest.mark.parametrize(
    "changed", [{"sys_id": ""}, {"opened_at": "yesterday"}, {"number": None}, {"own": ["x"]}]
)
def test_what_lost_its_identity_is_refused_by_its_place(changed: dict[str, Any]) -> None:
    with pytest.raises(AlertRejected, match=f"'{next(iter(changed))}'"):
        parsed(content(**changed))


def test_each_version_of_a_record_is_one_delivery() -> None:
    door = PLUGIN(SignedSettings())

    assert door.delivery(posted(content())) == "9d385017c611228701d22104cc95c371/0"
    assert door.delivery(posted(content(sys_mod_count=None))) == ""


def test_its_signature_is_the_hmac_of_the_body_in_base64() -> None:
    door, message = PLUGIN(SignedSettings(secret="quiet")), posted(content())
    right = base64.b64encode(hmac.new(b"quiet", message.body, hashlib.sha256).digest()).decode()

    assert door.unsigned(message._replace(headers={"x-heal-signature": right})) == ""
    assert door.unsigned(message._replace(headers={"x-heal-signature": right[::-1]}))
    assert door.unsigned(message)
