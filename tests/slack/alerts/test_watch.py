"""From Slack's event to the alerts that are taken: real WebSockets, and an API that answers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from slack_sdk.web.async_client import AsyncWebClient

from bot.clock import Clock
from bot.core.alert import Thread
from bot.core.errors import ConfigurationError
from bot.core.ticket import PAGED
from bot.rehearsal.workspace import Workspace
from bot.slack.alerts import senders, settling, watch
from bot.slack.listeners import ALERTS
from bot.store.inbox import Inbox
from bot.store.writer import Writer
from tests.clients.servers import Recorder, recorder
from tests.slack import house as houses
from tests.slack.alerts import messages, vendors
from tests.slack.alerts.test_senders import ME
from tests.slack.house import House

LISTED = "#alerts=B0HOOK,C0INCIDENTS=A0GRAFANA"
TITLE = "[FIRING:1] CrashLoop shop (critical)"
OVER = "[RESOLVED] CrashLoop shop (critical)"
API = "/api/v2/alerts"
LATER = datetime(2100, 1, 1, tzinfo=UTC)


@pytest.fixture
async def alertmanager() -> AsyncIterator[Recorder]:
    async with recorder() as opened:
        yield opened


@pytest.fixture
async def watching(
    workspace: Workspace, alertmanager: Recorder, tmp_path: Path
) -> AsyncIterator[House]:
    asked = f"http://am.example:9093={alertmanager.url('')}"
    async with houses.opened(workspace, tmp_path, listed=LISTED, alertmanager=asked) as house:
        await workspace.until(lambda: workspace.connections)
        yield house


def held(*pods: str, state: str = "active", **labels: str) -> list[dict[str, Any]]:
    """What Alertmanager answers about these."""
    return [
        {"labels": {"alertname": "CrashLoop", "service": "shop", "pod": pod, **labels},
         "annotations": {"summary": f"{pod} restarts"}, "fingerprint": f"f-{pod}",
         "startsAt": "2026-11-20T10:00:00.000Z", "endsAt": "2026-11-20T10:05:00.000Z",
         "updatedAt": "2026-11-20T10:00:00.000Z", "receivers": [{"name": "slack-default"}],
         "status": {"state": state, "silencedBy": [], "inhibitedBy": []}}
        for pod in pods
    ]  # fmt: skip


async def dealt_with(house: House) -> None:
    """Wait until everything that was delivered is worked off."""
    await house.workspace.settled()
    async with asyncio.timeout(180):
        while len(house.inbox):
            await asyncio.sleep(0.01)


def taken(house: House) -> list[tuple[str, str]]:
    return [(alert.fingerprint, alert.status.value) for alerts in house.taken for alert in alerts]


async def test_a_group_is_taken_with_what_alertmanager_knows_of_it(
    watching: House, alertmanager: Recorder
) -> None:
    alertmanager.kept[API] = held("a", "b")
    message = await watching.workspace.webhook("alerts", messages.default(TITLE))
    await dealt_with(watching)
    (alerts,) = watching.taken

    assert {alert.thread for alert in alerts} == {Thread(channel="C0ALERTS", root=message["ts"])}
    assert [alert.labels["pod"] for alert in alerts] == ["a", "b"]
    assert {alert.confidence for alert in alerts} == {1.0}
    assert alerts[0].annotations["summary"] == "a restarts"
    assert alertmanager.seen[0].path == f"{API}?receiver=slack%5C-default"


async def test_an_alert_in_a_private_channel_is_read_as_well(
    watching: House, alertmanager: Recorder
) -> None:
    watching.workspace.world.channels["C0ALERTS"].private = True
    alertmanager.kept[API] = held("a")
    await watching.workspace.webhook("alerts", messages.default(TITLE))
    await dealt_with(watching)
    (delivery,) = watching.workspace.deliveries.log

    assert delivery.payload["event"]["channel_type"] == "group"
    assert taken(watching) == [("f-a", "firing")]


async def test_the_end_of_a_group_ends_its_alerts(watching: House, alertmanager: Recorder) -> None:
    alertmanager.kept[API] = held("a", "b")
    await watching.workspace.webhook("alerts", messages.default(TITLE))
    await dealt_with(watching)
    alertmanager.kept[API] = []
    await watching.workspace.webhook("alerts", messages.default(OVER))
    await dealt_with(watching)

    assert taken(watching)[2:] == [("f-a", "resolved"), ("f-b", "resolved")]


async def test_an_edit_ends_and_never_begins(watching: House, alertmanager: Recorder) -> None:
    alertmanager.kept[API] = held("a")
    message = await watching.workspace.webhook("alerts", messages.default(TITLE))
    await dealt_with(watching)
    for title, known in (("[FIRING:3]", held("a", "b", "c")), (OVER, []), (TITLE, held("a"))):
        alertmanager.kept[API] = known
        change = {"attachments": messages.default(title)["attachments"]}
        watching.workspace.letters.edit("C0ALERTS", message["ts"], "U0HOOK", change)
        await dealt_with(watching)

    assert taken(watching) == [("f-a", "firing"), ("f-a", "resolved")]


async def test_an_app_with_a_token_is_read_in_its_own_channel_only(watching: House) -> None:
    said = messages.grafana("FIRING:1", f"**Firing**\n{messages.one()}")
    marks = {"user": "U0GRAFANA", "bot_id": "B0GRAFANA", "app_id": "A0GRAFANA"}
    for channel in ("C0ALERTS", "C0INCIDENTS"):
        watching.workspace.letters.add(channel, **marks, **said)
    await dealt_with(watching)
    ((alert,),) = watching.taken

    assert alert.thread is not None
    assert (alert.thread.channel, alert.labels["pod"], alert.confidence) == (
        "C0INCIDENTS", "api-1", 0.0,
    )  # fmt: skip


async def test_a08_a_thousand_forgeries_raise_nothing_and_are_not_even_kept(
    watching: House, alertmanager: Recorder
) -> None:
    alertmanager.kept[API] = held("a")
    add, edit = watching.workspace.letters.add, watching.workspace.letters.edit
    fake = messages.default(TITLE)
    for number in range(200):
        person = add("C0ALERTS", user="U0SAM", **fake)
        edit("C0ALERTS", person["ts"], "U0SAM", {"text": OVER})
        unfolded = {"attachments": [{**fake["attachments"][0], "from_url": "http://x"}]}
        edit("C0ALERTS", person["ts"], "U0SAM", unfolded)
        add("C0ALERTS", bot_id=f"B{number}", subtype="bot_message", **fake)
        add("C0ALERTS", bot_id="B0HOOK", subtype="file_comment", **fake)
    add("C0ALERTS", user="U0HEAL", bot_id="B0HEAL", **fake)
    add("C0GENERAL", bot_id="B0HOOK", subtype="bot_message", **fake)
    await watching.workspace.settled(timeout=60)
    await dealt_with(watching)

    assert (watching.taken, watching.refused, await watching.inbox.prune(LATER)) == ([], [], 0)
    assert not alertmanager.seen
    tries = watching.workspace.deliveries.log  # of a busy machine Slack may ask once more
    acked = {one.payload["event_id"] for one in tries if one.acked}
    assert acked == {one.payload["event_id"] for one in tries}


async def test_a_message_that_is_deleted_does_nothing(
    watching: House, alertmanager: Recorder
) -> None:
    alertmanager.kept[API] = held("a")
    message = await watching.workspace.webhook("alerts", messages.default(TITLE))
    await dealt_with(watching)
    alertmanager.kept[API] = []
    watching.workspace.letters.delete("C0ALERTS", message["ts"])
    await dealt_with(watching)

    assert taken(watching) == [("f-a", "firing")]


async def test_what_slack_delivers_again_is_taken_once(watching: House) -> None:
    watching.workspace.duplicate_next(times=2)
    text = f"<@U0HEAL> {TITLE}"
    message = await watching.workspace.webhook("alerts", {"text": TITLE})
    mentioned = {**message, "type": "app_mention", "text": text, "event_ts": message["ts"]}
    watching.workspace.letters.announce("C0ALERTS", mentioned)
    watching.workspace.letters.announce("C0ALERTS", {**message, "event_ts": message["ts"]})
    await dealt_with(watching)

    assert len(watching.taken) == 1
    assert not watching.requests.calls


async def test_a_link_to_an_address_that_is_not_listed_is_never_asked(
    watching: House, alertmanager: Recorder
) -> None:
    for host in ("169.254.169.254", f"am.example:9093@{alertmanager.host}", alertmanager.host,
                 "am.example:9093.evil.example", "am.example"):  # fmt: skip
        link = f"http://{host}/#/alerts?receiver=x"
        await watching.workspace.webhook("alerts", messages.default(TITLE, link))
    await dealt_with(watching)

    assert (alertmanager.seen, len(watching.taken)) == ([], 5)
    assert {alert.confidence for alerts in watching.taken for alert in alerts} == {0.0}


async def test_an_alertmanager_that_is_away_delays_one_message_and_loses_none(
    watching: House, alertmanager: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "PAUSE", 0.01)
    alertmanager.answers[API] = web.Response(status=503)
    for number in range(5):
        await watching.workspace.webhook("alerts", messages.default(f"[FIRING:1] Down s{number}"))
    await dealt_with(watching)

    assert (len(watching.taken), len(alertmanager.seen)) == (5, watch.TRIES)
    assert watching.taken[0][0].annotations["unconfirmed"] == settling.UNCONFIRMED


INCIDENT = "Q1UEOA2CBT90GM"


def opens(server: Recorder, status: str, **details: Any) -> None:
    """Have PagerDuty know the incident of the payload."""
    server.kept[f"/incidents/{INCIDENT}"] = {"incident": {
        "id": INCIDENT, "title": "Shop is down", "status": status, "urgency": "high",
        "created_at": "2026-11-20T10:00:00Z", "service": {"id": "P1", "summary": "Shop (prod)"},
        "html_url": f"https://acme.pagerduty.com/incidents/{INCIDENT}"}}  # fmt: skip
    server.kept[f"/incidents/{INCIDENT}/alerts"] = {"alerts": [{"body": {"details": details}}]}


@pytest.fixture
async def paged(
    workspace: Workspace, alertmanager: Recorder, tmp_path: Path
) -> AsyncIterator[House]:
    """The same house, where PagerDuty can be asked and its app is listed."""
    asked = alertmanager.url("")
    async with houses.opened(workspace, tmp_path, listed=VENDOR, pagerduty=asked) as house:
        await workspace.until(lambda: workspace.connections)
        yield house


VENDOR = "#alerts=A0VENDOR"


def post(house: House, message: dict[str, Any]) -> str:
    """Have the vendor's app post it, as itself; the message's ts."""
    said = {name: message[name] for name in ("user", "bot_id", "app_id", "text", "attachments")}
    return str(house.workspace.letters.add("C0ALERTS", **said)["ts"])


async def test_an_incident_is_taken_with_what_pagerduty_itself_says_of_it(
    paged: House, alertmanager: Recorder
) -> None:
    opens(alertmanager, "triggered", service="shop", env="prod")
    ts = post(paged, vendors.message("pagerduty", "firing"))
    await dealt_with(paged)
    ((alert,),) = paged.taken

    assert (alert.service, alert.environment, alert.confidence) == ("shop", "prod", 1.0)
    assert alert.thread == Thread(channel="C0ALERTS", root=ts)

    opens(alertmanager, "resolved")
    change = {"attachments": vendors.message("pagerduty", "resolved")["attachments"]}
    paged.workspace.letters.edit("C0ALERTS", ts, "U0VENDOR", change)
    await dealt_with(paged)

    assert taken(paged)[1:] == [(alert.fingerprint, "resolved")]


async def test_what_pagerduty_posts_of_heals_own_page_is_no_alert(
    paged: House, alertmanager: Recorder
) -> None:
    opens(alertmanager, "triggered", service="shop", env="prod")
    known = alertmanager.kept[f"/incidents/{INCIDENT}"]["incident"]
    known["incident_key"] = f"{PAGED}inc-7f3k2m"
    post(paged, vendors.message("pagerduty", "firing"))
    await dealt_with(paged)

    assert paged.taken == []

    known["incident_key"] = "somebody else's"
    post(paged, vendors.message("pagerduty", "firing"))
    await dealt_with(paged)

    assert len(paged.taken) == 1


async def test_an_end_that_pagerduty_does_not_know_of_is_not_believed(
    paged: House, alertmanager: Recorder
) -> None:
    opens(alertmanager, "triggered")
    for name in ("firing", "resolved"):
        post(paged, vendors.message("pagerduty", name))
        await dealt_with(paged)

    assert {status for _, status in taken(paged)} == {"firing"}


async def test_an_incident_that_pagerduty_does_not_know_has_no_confidence_and_stops_no_other(
    paged: House, alertmanager: Recorder
) -> None:
    unknown = vendors.message("pagerduty", "several")
    opens(alertmanager, "triggered", service="shop")
    post(paged, unknown)
    await dealt_with(paged)
    ((first, second),) = paged.taken

    assert (first.confidence, second.confidence) == (1.0, 0.0)
    assert second.annotations["unconfirmed"] == settling.UNCONFIRMED
    post(paged, vendors.message("pagerduty", "firing"))
    await dealt_with(paged)
    assert paged.taken[-1][0].confidence == 1.0


async def test_what_an_earlier_life_left_is_read_in_its_order(
    workspace: Workspace, tmp_path: Path
) -> None:
    writer = await Writer.open(tmp_path / "heal.db")
    inbox = await Inbox.open(writer)
    for number in range(4):
        said = {
            "type": "message",
            "channel": "C0ALERTS",
            "bot_id": "B0HOOK",
            "ts": f"1700000000.00000{number}",
            "text": f"[FIRING:1] Down s{number}",
        }
        body = {"type": "event_callback", "team_id": "T0LOCAL", "event": said}
        await inbox.put([str(number)], ALERTS, json.dumps(body).encode(), {}, Clock().now())
    await writer.close()
    async with houses.opened(workspace, tmp_path, listed=LISTED) as house:
        await dealt_with(house)

    assert [alerts[0].annotations["summary"] for alerts in house.taken] == [
        f"Down s{number}" for number in range(4)
    ]


async def test_a_channel_that_heal_is_not_in_is_named(workspace: Workspace) -> None:
    workspace.world.channels["C0ALERTS"].members.discard("U0HEAL")
    async with aiohttp.ClientSession() as session:
        client = AsyncWebClient("xoxb-local", workspace.api_url, session=session)
        with pytest.raises(ConfigurationError, match="SLACK_ALERT_SENDERS: Heal is not in #alerts"):
            await senders.find(client, LISTED, ME)
