"""The doctor knows whom Heal listens to, and finds the ids that people cannot see in Slack."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.doctor.finding import Finding, State
from bot.rehearsal.workspace.cast import ROOMS
from tests.clients.servers import recorder
from tests.doctor.bodies import Body, examined, healthy, listening

ASKED = "HEAL_ALERTMANAGER_URL"
LISTED = "SLACK_ALERT_SENDERS"
HOOK = {"subtype": "bot_message", "bot_id": "B0HOOK", "username": "Alertmanager", "text": "x"}
TOKEN = {"user": "U0G", "bot_id": "B0GRAF", "app_id": "A0GRAF", "text": "x",
         "bot_profile": {"name": "Grafana"}}  # fmt: skip


async def findings(
    directory: Path, listed: str, *posts: dict[str, Any], **changes: Any
) -> list[Finding]:
    """What is found about alert channels and Alertmanager."""
    async with listening() as port:
        body: Body = replace(healthy(directory, port), **changes)
        body.settings[LISTED] = listed
        body.posts = tuple(("C0ALERTS", post) for post in posts)
        found = await examined(body)
    return [one for one in found if one.name.startswith((LISTED, "HEAL_ALERTMANAGER_URL"))]


@pytest.mark.parametrize(
    ("listed", "state", "found", "remedy"),
    [
        ("#alerts=B0HOOK", State.OK, "hears B0HOOK; not B0GRAF (Grafana)", ""),
        ("#alerts=B0HOOK,#alerts=A0GRAF", State.OK, "hears A0GRAF, B0HOOK", ""),
        ("#alerts=B0OLD", State.WARNING, "B0HOOK (Alertmanager) did", f"{LISTED}=…=B0GRAF"),
        ("#alerts=B0HEAL", State.FAILED, "B0HEAL is Heal itself", "a token of its own"),
        ("#alerts=A0F7XDUAZ", State.FAILED, "every incoming webhook", "the one bot (B…)"),
        ("#alertz=B0HOOK", State.FAILED, LISTED, "did you mean 'alerts'"),
        ("#alerts=Alertmanager", State.FAILED, LISTED, "channel=id"),
    ],
)
async def test_who_is_heard_is_told_with_who_is_not(
    tmp_path: Path, listed: str, state: State, found: str, remedy: str
) -> None:
    first = (await findings(tmp_path, listed, HOOK, TOKEN))[0]

    assert (first.state, remedy in first.remedy) == (state, True)
    assert found in f"{first.name} {first.found} {first.remedy}"


async def test_a_channel_without_heal_is_one_where_nothing_is_heard(tmp_path: Path) -> None:
    rooms = tuple(replace(one, bot_inside=one.id == "C0ALERTS") for one in ROOMS)
    for listed in ("#incidents=B0HOOK", "C0INCIDENTS=B0HOOK"):
        first, *_ = await findings(tmp_path / listed, listed, rooms=rooms)

        assert (first.state, "/invite @" in first.remedy) == (State.FAILED, True)


async def test_without_senders_there_is_nothing_to_say(tmp_path: Path) -> None:
    assert await findings(tmp_path, "") == []


async def test_alerts_that_nobody_confirms_are_warned_of(tmp_path: Path) -> None:
    *_, last = await findings(tmp_path, "#alerts=B0HOOK")

    assert (last.name, last.state) == (ASKED, State.WARNING)
    assert "a person decides" in last.found


async def test_each_alertmanager_is_asked(tmp_path: Path) -> None:
    async with recorder() as alertmanager, listening() as port:
        alertmanager.kept["/api/v2/alerts"] = []
        body = healthy(tmp_path, port)
        body.settings[ASKED] = f"{alertmanager.url('')},http://127.0.0.1:1"
        found = {one.name: one for one in await examined(body)}

    assert found[f"alertmanager {alertmanager.url('')}"].found == "answers; it holds 0 alerts"
    assert found["alertmanager http://127.0.0.1:1"].state is State.FAILED


async def test_an_alertmanager_that_is_no_address_is_named(tmp_path: Path) -> None:
    async with listening() as port:
        body = healthy(tmp_path, port)
        body.settings[ASKED] = "alertmanager:9093"
        (found,) = (one for one in await examined(body) if one.name == ASKED)

    assert (found.state, "http://alertmanager:9093" in found.remedy) == (State.FAILED, True)


async def test_a_channel_alone_raises_alerts(tmp_path: Path) -> None:
    async with listening() as port:
        body = healthy(tmp_path, port)
        body.environment.pop("HEAL_ALERTMANAGER_TOKEN")
        for path in (tmp_path / "runbooks" / "detectors").iterdir():
            path.unlink()
        body.settings[LISTED] = "#alerts=B0HOOK"
        (found,) = (one for one in await examined(body) if one.name == "alerts")

    assert found.state is State.OK
