"""A07, B08, B11: an answer counts on the card of its own plan only, whatever else is written."""

from __future__ import annotations

from random import Random
from typing import Any, NamedTuple

import pytest

from bot.core import facts
from bot.core.incident import Incident
from bot.rehearsal.workspace.lines import Attempt, Kind
from bot.slack.cards import asking, planned, root
from bot.slack.cards.message import Block
from tests import builders
from tests.attacks.counts import many
from tests.slack import tales
from tests.slack.cards import stories
from tests.slack.house import House

OTHER = "inc-9x8y7z"
NOW = builders.START


class Cards(NamedTuple):
    """Two plans that wait for an answer."""

    room: House
    card: str
    payload: dict[str, Any]
    """Of a genuine press of Details on the first one's card."""

    async def press(self, **changes: Any) -> None:
        """Press Approve on the first card, with something about it changed on the way."""
        action = {"action_id": "approve_recovery", "value": "inc-7f3k2m.1", "action_ts": "9.9"}
        named = {"trigger_id": str(changes), "actions": [action]}
        wanted = {**self.payload, **named, **changes}
        await self.room.workspace.sockets.send(Kind.INTERACTION, wanted, Attempt())


@pytest.fixture
async def cards(room: House) -> Cards:
    room.cases.tell(*tales.awaiting())
    room.cases.tell(*tales.awaiting(), name=OTHER)
    card = await room.card()
    await room.card(OTHER)
    await room.workspace.click("ana", "alerts", card, "view_recovery_details")
    payload = room.workspace.deliveries.log[-1].payload
    assert payload["type"] == "block_actions"
    return Cards(room, card, payload)


async def test_a07_a_card_that_was_copied_elsewhere_answers_nothing(cards: Cards) -> None:
    room, card = cards.room, cards.card
    copy = await room.workspace.post("sam", "general", "the same card, it says")
    places: list[dict[str, Any]] = [
        {"channel": {"id": "C0GENERAL"}},
        {"channel": {"id": "C0GENERAL"}, "message": {"ts": copy["ts"]}},
        {"channel": {"id": "D0ANA"}},
        {"message": {"ts": await room.card(OTHER)}},
        {"message": {"ts": "1700000000.000001"}},
        {"message": {"ts": f"{card}0"}},
        {"channel": {"id": "C0ALERTS "}},
    ]
    for place in places:
        await cards.press(**place)
    await room.workspace.until(lambda: len(room.refused) == len(places))

    assert room.requests.calls == []

    await cards.press()
    await room.workspace.until(lambda: room.requests.calls)
    assert room.requests.calls[0].args[:3] == ("inc-7f3k2m", 1, "U0ANA")


async def test_in_the_thread_of_another_run_a_yes_means_that_one_only(cards: Cards) -> None:
    thread = await cards.room.card(OTHER)
    await cards.room.workspace.post("ana", "alerts", "<@U0HEAL> approve", thread_ts=thread)
    await cards.room.workspace.until(lambda: cards.room.requests.calls)

    assert cards.room.requests.calls[0].args[0] == OTHER


VALUES = ("", ".1", "inc-7f3k2m.", "inc-7f3k2m.1.1", "inc-7f3k2m.-1", "inc-7f3k2m.1 ",
    " inc-7f3k2m.1",
          "INC-7F3K2M.1", "inc-7f3k2m.1\n", "inc-7f3k2m.١", f"{OTHER}.1", "inc-7f3k2m/card", "*",
          "inc-7f3k2m.9999999", "../inc-7f3k2m.1", "inc-7f3k2m%2e1", "${inc}", "inc-7f3k2m.1,x",
          "inc-7f3k2m\x00.1", "x" * 2000)  # fmt: skip


async def test_b08_a_value_that_was_tampered_with_is_no_answer(cards: Cards) -> None:
    chance = Random(8)
    tampered = [*VALUES, *(_tampered("inc-7f3k2m.1", chance) for _ in range(many(40, full=1000)))]
    for number, value in enumerate(tampered):
        action = {"action_id": "approve_recovery", "value": value, "action_ts": f"9.{number}"}
        await cards.press(actions=[action])
    await cards.room.workspace.until(lambda: len(cards.room.refused) == len(tampered), timeout=600)

    assert cards.room.requests.calls == []


def _tampered(value: str, chance: Random) -> str:
    """The incident's own name with a sign of it changed."""
    place = chance.randrange(4, 10)
    sign = chance.choice([one for one in "0123456789abcxyz-_.\u200b" if one != value[place]])
    return value[:place] + sign + value[place + 1 :]


LIES = (
    "*1 target* · risk *low*", "✅ Approved by @ana at 03:12", "Plan 1 of 1: nothing will change",
    "\n\n*What Heal will do*\n• nothing", "```\nblast radius: 0\n```", "risk: low",
    "no approval needed",
    "\u202e tegrat 1", "\u200b\u200b*Approved*", "<!date^1^{date}|now> approved", "> quoted",
    "| action | target |\n|---|---|\n| none | none |", "Press *Approve* to silence this alert",
    "<https://evil.example|View plan>", "restart of one test pod", ":white_check_mark: done",
)  # fmt: skip


@pytest.mark.parametrize("lie", LIES)
def test_b11_what_an_alert_says_changes_no_word_about_the_plan(lie: str) -> None:
    honest, lying = _awaiting("shop is down"), _awaiting(lie)
    shown = root.card(lying, NOW).blocks
    about = _about_the_plan(lying)

    assert about == _about_the_plan(honest)
    assert shown[-len(about) :] == about, "what the alert says stands before it, in its own blocks"


def _awaiting(text: str) -> Incident:
    """A question whose alert says this wherever it can."""
    opening, *rest = stories.STORIES["awaiting"]()
    assert isinstance(opening, facts.Opened)
    assert opening.alert is not None
    told = dict.fromkeys(("service", "environment", "pod", "note"), text)
    said = {"summary": text, "description": text, text[:100]: text}
    alert = opening.alert.model_copy(
        update={"name": text[:200], "labels": told, "annotations": said, "link": None}
    )
    return builders.an_incident(opening.model_copy(update={"alert": alert}), *rest)


def _about_the_plan(known: Incident) -> list[Block]:
    """What is said of the plan and its risk, and the buttons."""
    assert known.plan is not None
    said = (planned.actions(known, known.plan), planned.reasons(known, known.plan))
    actions, reasons = map(list, said)
    return [*actions, planned.terms(known.plan), *reasons, *asking.blocks(known, NOW)]
