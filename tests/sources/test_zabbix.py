"""A problem of Zabbix is one alert until it recovers, and its media type sends what is read."""

from __future__ import annotations

import json
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.clients.senders import WebhookSettings
from bot.core.alert import Alert, AlertStatus, Severity
from bot.core.errors import AlertRejected
from bot.core.posted import Posted
from bot.slack.alerts import formats
from bot.sources.zabbix import PLUGIN
from tests.rules import house
from tests.slack.alerts import vendors

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
PAYLOADS = Path(__file__).parent / "payloads"
NODE = shutil.which("node")
ZABBIX = """
const [script, value, status] = JSON.parse(require('fs').readFileSync(0, 'utf8'));
const seen = {headers: []};
class HttpRequest {
    addHeader(line) { seen.headers.push(line); }
    post(address, body) { seen.address = address; seen.body = JSON.parse(body); return 'no'; }
    getStatus() { return status; }
}
try {
    seen.said = new Function('value', 'HttpRequest', script)(value, HttpRequest);
} catch (thrown) {
    seen.thrown = String(thrown);
}
console.log(JSON.stringify(seen));
"""
"""As much of Zabbix as its media type's script touches."""


def told(what: str = "problem") -> dict[str, Any]:
    found: dict[str, Any] = json.loads((PAYLOADS / f"zabbix_{what}.json").read_bytes())
    return found


def changed(what: str = "problem", **fields: Any) -> bytes:
    return json.dumps({**told(what), **fields}).encode()


def parsed(body: bytes, at: datetime = NOW) -> list[Alert]:
    return PLUGIN(WebhookSettings()).read(Posted({}, body, at))


def only(body: bytes, at: datetime = NOW) -> Alert:
    (alert,) = parsed(body, at)
    return alert


def delivery(body: bytes) -> str:
    return PLUGIN(WebhookSettings()).delivery(Posted({}, body, NOW))


def test_a_problem_is_an_alert_with_the_tags_of_its_event() -> None:
    alert = only(changed())

    assert (alert.name, alert.status, alert.severity) == (
        "Shop is down",
        AlertStatus.FIRING,
        Severity.CRITICAL,
    )
    assert alert.labels == {
        "environment": "prod",
        "host": "web-1",
        "scope": "availability",
        "service": "shop",
        "severity": "critical",
        "trigger": "16199",
    }
    assert (alert.summary, alert.starts_at) == ("Shop is down on web-1", NOW)
    assert alert.annotations["operational"] == "Current value: 0"
    assert alert.link == "https://zabbix.example/tr_events.php?triggerid=16199&eventid=2043"


def test_its_recovery_is_the_same_alert() -> None:
    later = NOW + timedelta(minutes=5)
    over = only(changed("recovery"), later)

    assert over.fingerprint == only(changed()).fingerprint
    assert (over.firing, over.ends_at) == (False, later)


def test_what_a_channel_tells_of_it_is_the_same_alert() -> None:
    _, heard = formats.which(vendors.message("zabbix", "firing"))
    assert heard is not None

    assert heard.alerts[0].fingerprint == only(changed()).fingerprint
    assert heard.alerts[0].fingerprint == only(changed(zabbix="https://zabbix.example")).fingerprint


def test_the_same_number_of_another_zabbix_is_another_problem() -> None:
    elsewhere = only(changed(zabbix="https://zabbix.example/two/"))

    assert elsewhere.fingerprint != only(changed()).fingerprint


def test_what_people_do_with_an_event_neither_begins_nor_ends_it() -> None:
    assert parsed(changed("update")) == []
    assert parsed(changed("update", event_value="0")) == []


@pytest.mark.parametrize("source", ["1", "2", "3", "4"])
def test_events_that_are_no_problems_are_accepted_as_nothing(source: str) -> None:
    assert parsed(changed("internal", event_source=source)) == []
    assert delivery(changed("internal", event_source=source)) == ""


@pytest.mark.parametrize(
    ("said", "severity"),
    [
        *(("0", Severity.INFO), ("1", Severity.INFO), ("2", Severity.WARNING)),
        *(("3", Severity.WARNING), ("4", Severity.CRITICAL), ("5", Severity.CRITICAL)),
    ],
)
def test_severity_goes_from_not_classified_to_disaster(said: str, severity: Severity) -> None:
    assert only(changed(event_severity=said)).severity is severity


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"event_id": "{EVENT.ID}"}, "'event_id'"),
        ({"event_value": "*UNKNOWN*"}, "'event_value'"),
        ({"event_update": "2"}, "'event_update'"),
        ({"event_severity": "6"}, "'event_severity'"),
        ({"event_tags": "[]"}, "'event_tags'"),
        ({"event_source": ""}, "'event_source'"),
        ({"zabbix": "{$ZABBIX.URL}"}, r"\{\$ZABBIX.URL\}"),
        ({"event_name": ""}, "no name"),
    ],
)
def test_what_is_not_as_it_should_be_is_named(fields: dict[str, Any], named: str) -> None:
    with pytest.raises(AlertRejected, match=named):
        parsed(changed(**fields))


def test_a_step_of_an_escalation_counts_once_and_the_recovery_by_itself() -> None:
    begun, over = delivery(changed()), delivery(changed("recovery"))

    assert begun == delivery(changed(event_severity="5"))
    assert len({begun, over, delivery(changed("update")), delivery(changed(event_id="7"))}) == 4


async def test_it_proves_itself_by_the_token_that_its_script_sends() -> None:
    source = PLUGIN(WebhookSettings.model_validate({"token": "old,new"}))

    def posted(token: str) -> Posted:
        return Posted({"authorization": f"Bearer {token}"}, changed(), NOW)

    assert await source.authentic(posted("old")) == await source.authentic(posted("new")) == ""
    assert "token" in await source.authentic(posted("other"))


def media() -> dict[str, Any]:
    page = house.ROOT / "deploy/zabbix/media_heal.yaml"
    found: dict[str, Any] = yaml.safe_load(page.read_text(encoding="utf-8"))
    return found["zabbix_export"]["media_types"][0]  # type: ignore[no-any-return]


def test_its_media_type_has_a_parameter_for_every_field_that_is_read() -> None:
    names = {one["name"] for one in media()["parameters"]}

    assert names - {"heal", "token"} == set(told())


@pytest.mark.skipif(NODE is None, reason="not run: no node")
@pytest.mark.parametrize(
    ("status", "ended"), [(202, {"said": "OK"}), (422, {"thrown": "Heal answered 422: no"})]
)
def test_its_script_posts_what_is_read_and_keeps_the_token_out_of_it(
    status: int, ended: dict[str, str]
) -> None:
    filled = {**told(), "event_tags": json.dumps(told()["event_tags"])}
    given = json.dumps({**filled, "heal": "https://heal.example/alerts/zabbix", "token": "t0"})
    asked = json.dumps([media()["script"], given, status])

    ran = subprocess.run(
        [str(NODE), "-e", ZABBIX], input=asked, capture_output=True, text=True, check=True
    )

    assert json.loads(ran.stdout) == {
        "address": "https://heal.example/alerts/zabbix",
        "headers": ["Content-Type: application/json", "Authorization: Bearer t0"],
        "body": told(),
        **ended,
    }
