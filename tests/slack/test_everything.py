"""Everything that people can reach is reached here: whatever is added is asked for by itself."""

from __future__ import annotations

import asyncio
import json
from functools import partial

import pytest
from slack_sdk.errors import SlackApiError

from bot.rehearsal.workspace import Workspace
from bot.slack.cards import spoken
from bot.slack.manual import BOOK
from bot.slack.verbs import Verb
from tests.builders import INCIDENT
from tests.slack import tales
from tests.slack.cards import goldens, stories
from tests.slack.house import House
from tests.slack.test_editing import SIZE

ASKS = {
    Verb.RUN, Verb.DRY_RUN, Verb.APPROVE, Verb.REJECT, Verb.CANCEL, Verb.BREAK_GLASS, Verb.UNDO,
    Verb.KEEP, Verb.PROBLEM, Verb.FREEZE, Verb.UNFREEZE, Verb.STOP, Verb.RESUME, Verb.ALLOW,
    Verb.RETRY, Verb.SNOOZE, Verb.AUDIT, Verb.REVOKE, Verb.TICKETS,
}  # fmt: skip
"""The words that ask the engine for something; the others only look."""
WRONG = ("did you mean", "is unknown", "write `", "no incident is called", "Something went wrong")


async def answered(house: House, known: int) -> str:
    """What was told in private after so many notes, once all is dealt with."""
    await house.workspace.until(lambda: len(house.workspace.ephemerals) > known)
    while len(house.inbox):
        await asyncio.sleep(0.01)
    return json.dumps(house.workspace.ephemerals[-1].message)


@pytest.mark.parametrize("way", ["slash command", "mention"])
async def test_the_example_of_every_word_is_done_or_told(house: House, way: str) -> None:
    house.cases.tell(*tales.awaiting())
    card = await house.card()
    await house.idle()
    wrong: dict[str, str] = {}
    for verb, entry in BOOK.items():
        asked, told = len(house.requests.calls), len(house.workspace.ephemerals)
        words = entry.example.replace("p-7f3k2m", INCIDENT)
        if way == "mention":
            await house.workspace.post("ana", "alerts", f"<@U0HEAL> {words}", thread_ts=card)
        else:
            await house.workspace.command("ana", "alerts", "/heal", words)
        said = await answered(house, told)
        if any(one in said for one in WRONG):
            wrong[verb] = said
        if (len(house.requests.calls) > asked) != (verb in ASKS):
            wrong[verb] = f"asked for {house.requests.calls[asked:]}"

    assert wrong == {}


async def test_slack_takes_every_card_and_every_form_as_it_was_looked_at(
    workspace: Workspace, house: House
) -> None:
    client = house.connection.posting
    refused: dict[str, str] = {}
    for name, one in goldens.messages().items():
        try:
            if one.get("type") == "modal":
                trigger = workspace.triggers.give("U0ANA")
                await client.views_open(trigger_id=trigger, view=one)
            elif one.get("type") == "home":
                await client.views_publish(user_id="U0ANA", view=one)
            else:
                blocks = one["blocks"]
                text = str(one.get("text") or "x")
                await client.chat_postMessage(channel="C0ALERTS", text=text, blocks=blocks)
        except SlackApiError as error:
            refused[name] = str(error.response["error"])

    assert refused == {}


def test_every_block_has_words_for_who_hears_it() -> None:
    silent = {
        name: block["type"]
        for name, one in goldens.messages().items()
        if one.get("type") != "modal"
        for block in one["blocks"]
        if block["type"] != "divider" and not "".join(spoken.spoken(block)).strip()
    }

    assert silent == {}


def pressed() -> dict[str, str]:
    """Each button that the cards of incidents have, and a story whose card has it."""
    found: dict[str, str] = {}
    for name, one in goldens.messages().items():
        if name.startswith("root/"):
            for block in one["blocks"]:
                for element in block.get("elements", ()):
                    if element["type"] == "button" and "url" not in element:
                        found.setdefault(element["action_id"], name.removeprefix("root/"))
    return found


def _answered(house: House, asked: int) -> bool:
    """Whether a press had a form, a call of the engine or at least words for an answer."""
    called = len(house.requests.calls) > asked or house.workspace.modal_of("ana") is not None
    return called or "no meaning" in " ".join(house.private("U0ANA"))


async def test_every_button_of_an_incidents_card_asks_the_engine_or_opens_a_form(
    house: House,
) -> None:
    house.requests.parameters = {"size": SIZE}
    deaf: dict[str, str] = {}
    for at, (action, story) in enumerate(pressed().items()):
        name, asked = f"inc-00000{at}", len(house.requests.calls)
        house.cases.tell(*stories.STORIES[story](), name=name)
        card = await house.card(name)
        await house.workspace.click("ana", "alerts", card, action)
        await house.workspace.until(partial(_answered, house, asked))
        if (form := house.workspace.modal_of("ana")) is not None:
            await house.workspace.close("ana", form["id"])
        elif len(house.requests.calls) == asked:
            deaf[action] = house.private("U0ANA")[-1]

    assert deaf == {}
