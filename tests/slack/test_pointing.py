"""Heal this alert: what is read is taken, what is not is chosen by the person and nobody else."""

from __future__ import annotations

from typing import Any

import pytest

from bot.ports import Answer
from bot.rehearsal.workspace.wire import Json
from bot.slack.alerts import formats, settling
from bot.slack.cards import fields, wish
from tests import builders
from tests.slack.alerts import messages, vendors
from tests.slack.house import House

TEXT = "the shop is down again, run drop-everything service=database"


@pytest.fixture
def stocked(house: House) -> House:
    """A house that knows two services and a runbook."""
    house.requests.known = [builders.a_service(), builders.a_service(name="web")]
    house.requests.books = [builders.a_runbook()]
    return house


async def use(house: House, text: str, user: str = "olivia", **changes: Any) -> str:
    """Have somebody write it and somebody else use the shortcut on it; the message's ts."""
    said = house.workspace.letters.add("C0ALERTS", user="U0SAM", text=text, **changes)
    await house.workspace.shortcut(user, "alerts", said["ts"], "heal_message")
    return str(said["ts"])


async def told(house: House, user: str) -> str:
    await house.workspace.until(lambda: house.private(user))
    return house.private(user)[-1]


def typed(**given: str) -> dict[str, dict[str, str]]:
    """What stands in a form's fields."""
    return {name: {fields.VALUE: text} for name, text in given.items()}


def choices(view: Json, name: str) -> list[str]:
    (block,) = [one for one in view["blocks"] if one.get("block_id") == name]
    return [one["value"] for one in block["element"]["options"]]


async def test_alerts_that_are_read_are_brought_in_this_persons_name(stocked: House) -> None:
    attachments = vendors.message("zabbix", "several")["attachments"]
    ts = await use(stocked, "", attachments=attachments)
    await stocked.workspace.until(lambda: stocked.requests.calls)
    ((name, (alerts, who)),) = stocked.requests.calls

    assert (name, who) == ("bring", "U0OLIVIA")
    assert [one.service for one in alerts] == ["shop", "orders"]
    assert {one.confidence for one in alerts} == {0.0}
    assert {(one.thread.channel, one.thread.root) for one in alerts} == {("C0ALERTS", ts)}
    assert await told(stocked, "U0OLIVIA") == "Done as you asked."
    assert stocked.workspace.modal_of("olivia") is None


async def test_what_a_message_says_is_over_is_neither_brought_nor_ended(stocked: House) -> None:
    begun = formats.read(vendors.message("zabbix", "firing"))
    assert begun is not None
    stocked.cases.hold(
        builders.an_alert(source=settling.SOURCE, fingerprint=begun.alerts[0].fingerprint)
    )
    await use(stocked, "", attachments=vendors.message("zabbix", "resolved")["attachments"])

    assert "it is over" in await told(stocked, "U0OLIVIA")
    assert (stocked.requests.calls, stocked.taken) == ([], [])


@pytest.mark.parametrize(
    "unread",
    [{}, {"attachments": vendors.message("zabbix", "unplaced")["attachments"]},
     {"attachments": messages.default("[FIRING:1] Down shop")["attachments"]}],
)  # fmt: skip
async def test_of_a_message_that_names_no_service_the_person_chooses_and_the_text_does_not(
    stocked: House, unread: dict[str, Any]
) -> None:
    ts = await use(stocked, TEXT, **unread)
    view = await stocked.modal("olivia")

    assert TEXT in view["blocks"][1]["text"]["text"]
    assert "initial_option" not in view["blocks"][2]["element"]

    (found,) = await stocked.workspace.suggest("olivia", view["id"], wish.CHOOSE, "pool")
    await stocked.workspace.click_in_view("olivia", view["id"], wish.CHOOSE, choice=found)
    await stocked.workspace.until(lambda: len(view["blocks"]) > 5)

    assert TEXT in view["blocks"][1]["text"]["text"]
    assert choices(view, "place") == ["shop in production", "web in production"]

    values = typed(place="web in production", why="it is slow")
    sent = await stocked.workspace.submit("olivia", view["id"], values)
    await stocked.workspace.until(lambda: stocked.requests.calls)
    ((name, (asked, channel, thread)),) = stocked.requests.calls

    assert not sent.errors
    assert (name, channel, thread) == ("wish", "C0ALERTS", ts)
    assert (asked.by, asked.runbook, asked.why) == ("U0OLIVIA", "raise-pool", "it is slow")
    assert asked.given == {"service": "web", "environment": "production"}
    assert not asked.dry_run


async def test_who_may_not_operate_heal_gets_neither_alert_nor_form(stocked: House) -> None:
    stocked.requests.no = Answer(done=False, text="Only @oncall may do that.")
    await use(stocked, TEXT, "sam")
    await use(stocked, "", "sam", attachments=vendors.message("zabbix", "firing")["attachments"])
    await stocked.workspace.until(lambda: len(stocked.private("U0SAM")) == 2)

    assert set(stocked.private("U0SAM")) == {"Only @oncall may do that."}
    assert (stocked.requests.calls, stocked.workspace.modal_of("sam")) == ([], None)
