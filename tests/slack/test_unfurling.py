"""A link to a page of ours shows how its incident stands, and nothing to anybody who is strange."""

from __future__ import annotations

from typing import Any

import pytest

from bot.core.links import Links
from bot.rehearsal.workspace.lines import Attempt, Kind
from bot.slack.cards import root
from tests import builders
from tests.slack import tales
from tests.slack.cards import stories
from tests.slack.house import House

PAGE = "https://heal.example.org/incidents/inc-7f3k2m"


async def pasted(house: House, url: str, channel: str = "incidents") -> str:
    message = await house.workspace.post("olivia", channel, f"look: <{url}>")
    await house.workspace.settled()
    return str(message["ts"])


def below(house: House, ts: str, channel: str = "incidents") -> list[Any]:
    return list(house.workspace.message(channel, ts).get("attachments", ()))


@pytest.mark.parametrize(
    "url", [PAGE, f"{PAGE}?by=U1&until=2", PAGE.replace("incidents/inc", "runs/run")]
)
async def test_a_pasted_link_shows_how_its_incident_stands_and_nothing_to_press(
    house: House, url: str
) -> None:
    house.cases.tell(*tales.awaiting())
    ts = await pasted(house, url)
    await house.workspace.until(lambda: below(house, ts))
    (shown,) = below(house, ts)

    assert "Approval needed" in str(shown["blocks"])
    assert "⏳ Waits for" in str(shown["blocks"])
    assert "button" not in str(shown["blocks"])


@pytest.mark.parametrize(
    "url",
    [
        "https://heal.example.org.evil.example/incidents/inc-7f3k2m",
        "http://heal.example.org/incidents/inc-7f3k2m",
        "https://heal.example.org/incidents/inc-unknown",
        "https://heal.example.org/reports",
        "https://heal.example.org@evil.example/incidents/inc-7f3k2m",
    ],
)
async def test_what_only_looks_like_ours_shows_nothing(house: House, url: str) -> None:
    house.cases.tell(*tales.awaiting())
    seen = {"type": "link_shared", "user": "U0OLIVIA", "is_bot_user_member": True,
            "links": [{"domain": "heal.example.org", "url": url}]}  # fmt: skip
    ts = await pasted(house, url)
    await shared(house, {**seen, "channel": "C0INCIDENTS", "message_ts": ts})

    assert house.workspace.called("chat.unfurl") == []


async def shared(house: House, event: dict[str, Any], **about: Any) -> None:
    name, us = f"Ev{event['message_ts']}{len(about)}", house.connection.me.team_id
    body = {"type": "event_callback", "team_id": us, "event_id": name, "event": event, **about}
    await house.workspace.sockets.send(Kind.EVENT, body, Attempt())
    await house.workspace.settled()


@pytest.mark.parametrize(
    ("event", "about"),
    [
        ({"is_bot_user_member": True}, {"is_ext_shared_channel": True}),
        ({"is_bot_user_member": False}, {}),
        ({"is_bot_user_member": True}, {"team_id": "T0OTHER"}),
        ({"is_bot_user_member": False, "channel": "COMPOSER", "message_ts": "composer-1"}, {}),
    ],
)
async def test_where_strangers_read_along_or_nobody_asked_heal_in_it_stays_a_link(
    house: House, event: dict[str, Any], about: dict[str, Any]
) -> None:
    house.cases.tell(*tales.awaiting())
    told = {"type": "link_shared", "user": "U0OLIVIA", "channel": "C0INCIDENTS",
            "message_ts": "1700000000.000100", "links": [{"domain": "x", "url": PAGE}]}  # fmt: skip
    await shared(house, {**told, **event}, **about)
    house.cases.tell(*tales.resolved(), name="inc-2222aa")
    ts = await pasted(house, PAGE.replace("7f3k2m", "2222aa"))
    await house.workspace.until(lambda: below(house, ts))

    assert len(house.workspace.called("chat.unfurl")) == 1, "only the one that was asked for"


async def test_an_unfurl_that_slack_refuses_harms_nobody(house: House) -> None:
    house.cases.tell(*tales.awaiting())
    house.workspace.fail_next("chat.unfurl", "cannot_unfurl_url")
    ts = await pasted(house, PAGE)
    await house.workspace.until(lambda: house.workspace.called("chat.unfurl"))
    await house.workspace.post("olivia", "incidents", "<@U0HEAL> status")
    await house.workspace.until(lambda: house.private("U0OLIVIA"))

    assert below(house, ts) == []


def test_a_card_leads_to_its_page_where_pages_are_and_says_nothing_of_them_where_not() -> None:
    incident, links = stories.incident("resolved"), Links("https://heal.example.org", b"k")
    shown = str(root.card(incident, builders.START, links.page(incident.id)).blocks)

    assert f"<{PAGE}|Open page>" in shown
    assert "Open page" not in str(root.card(incident, builders.START, Links().page("x")).blocks)
