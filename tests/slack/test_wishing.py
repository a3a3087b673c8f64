"""Asking for a run in a form: searched, drawn as it is filled in, checked, and done once."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from bot.ports import Answer
from bot.rehearsal.workspace.lines import Attempt, Kind
from bot.rehearsal.workspace.wire import Json
from bot.slack.asked import Chosen
from bot.slack.cards import wish
from bot.slack.cards.fields import VALUE
from tests import builders
from tests.slack.house import House

PARAMETERS: dict[str, dict[str, Any]] = {
    "to": {"type": "integer", "min": 20, "max": 80, "value": 50},
    "unit": {"type": "string", "pattern": "[a-z]+"},
}


@pytest.fixture
def stocked(house: House) -> House:
    """A house that knows two services and two runbooks, one of which asks for something."""
    house.requests.known = [builders.a_service(), builders.a_service(name="web")]
    other = builders.a_runbook(runbook="restart-service", title="Restart it", parameters=PARAMETERS)
    house.requests.books = [builders.a_runbook(), other]
    return house


async def opened(house: House, who: str = "olivia") -> Json:
    """The form that `/heal` without words opens."""
    await house.workspace.command(who, "alerts", "/heal")
    return await house.modal(who)


async def choose(house: House, view: Json, typed: str, who: str = "olivia") -> None:
    """Search for a runbook, take the first, and wait for its fields."""
    found = await house.workspace.suggest(who, view["id"], wish.CHOOSE, typed)
    before = view["hash"]
    await house.workspace.click_in_view(who, view["id"], wish.CHOOSE, choice=found[0])
    await house.workspace.until(lambda: view["hash"] != before)


def blocks(view: Json) -> dict[str, Json]:
    return {block["block_id"]: block for block in view["blocks"] if block["type"] == "input"}


def typed(**given: str) -> dict[str, dict[str, str]]:
    return {name: {VALUE: text} for name, text in given.items()}


def filled(**more: str) -> dict[str, dict[str, str]]:
    return typed(**{"place": "web in production", "restart-service:unit": "shop", **more})


async def test_heal_without_words_opens_a_form_that_is_searched(stocked: House) -> None:
    view = await opened(stocked)
    every = await stocked.workspace.suggest("olivia", view["id"], wish.CHOOSE)
    found = await stocked.workspace.suggest("olivia", view["id"], wish.CHOOSE, "resta")
    slip = await stocked.workspace.suggest("olivia", view["id"], wish.CHOOSE, "restrat-servcie")
    none = await stocked.workspace.suggest("olivia", view["id"], wish.CHOOSE, "zzzz")

    assert list(blocks(view)) == ["runbook"]
    assert [one["value"] for one in every] == ["raise-pool", "restart-service"]
    assert [one["value"] for one in found] == ["restart-service"]
    assert [one["value"] for one in slip] == ["restart-service"]
    assert none == []
    assert await stocked.inbox.pending("slack") == []


async def test_its_fields_are_those_of_the_runbook_with_its_own_values_in_them(
    stocked: House,
) -> None:
    view = await opened(stocked)
    await choose(stocked, view, "restart")
    asked = blocks(view)

    assert list(asked) == [
        "runbook", "place", "restart-service:to", "restart-service:unit", "how", "why",
    ]  # fmt: skip
    assert asked["restart-service:to"]["element"] == {
        "type": "number_input", "action_id": "value", "is_decimal_allowed": False,
        "min_value": "20", "max_value": "80", "initial_value": "50",
    }  # fmt: skip
    assert asked["restart-service:to"]["optional"]
    assert not asked["restart-service:unit"]["optional"]
    assert "matches [a-z]+" in asked["restart-service:unit"]["hint"]["text"]

    await choose(stocked, view, "raise")

    assert list(blocks(view)) == ["runbook", "place", "how", "why"]


@pytest.mark.parametrize(("how", "dry"), [("ask", False), ("show", True)])
async def test_a_sent_form_is_a_wish_in_the_channel_where_it_was_opened(
    stocked: House, how: str, dry: bool
) -> None:
    view = await opened(stocked)
    await choose(stocked, view, "restart")
    sent = await stocked.workspace.submit(
        "olivia", view["id"], filled(how=how, why=" it hangs ", **{"restart-service:to": "60"})
    )
    await stocked.workspace.until(lambda: stocked.private("U0OLIVIA"))
    ((name, (asked, channel, thread)),) = stocked.requests.calls

    assert (sent.action, sent.errors, stocked.workspace.modal_of("olivia")) == (None, {}, None)
    assert (name, channel, thread) == ("wish", "C0ALERTS", "")
    assert (asked.by, asked.runbook, asked.dry_run) == ("U0OLIVIA", "restart-service", dry)
    assert (asked.why, asked.given) == ("it hangs", {
        "to": "60", "unit": "shop", "service": "web", "environment": "production",
    })  # fmt: skip
    assert stocked.private("U0OLIVIA") == ["Done as you asked."]


async def test_what_does_not_fit_stands_under_its_field_and_the_form_stays(stocked: House) -> None:
    view = await opened(stocked)
    await choose(stocked, view, "restart")
    stocked.requests.misfit = {"unit": "'SHOP' does not fit", "service": "not approved", "odd": "x"}
    sent = await stocked.workspace.submit("olivia", view["id"], filled())

    assert sent.errors["restart-service:unit"] == "'SHOP' does not fit"
    assert sent.errors["place"] == "odd: x"
    assert stocked.workspace.modal_of("olivia") is view
    assert stocked.requests.calls == []


async def test_a_form_that_is_sent_twice_is_the_same_asking(stocked: House) -> None:
    view = await opened(stocked)
    await choose(stocked, view, "restart")
    await stocked.workspace.submit("olivia", view["id"], filled())
    payload = stocked.workspace.deliveries.log[-1].payload
    again = {**payload, "trigger_id": "1.2.another"}
    await stocked.workspace.sockets.send(Kind.INTERACTION, payload, Attempt())
    await stocked.workspace.sockets.send(Kind.INTERACTION, again, Attempt())
    await stocked.workspace.until(lambda: len(stocked.requests.calls) == 2)

    assert len(set(stocked.requests.onces)) == 1
    assert stocked.requests.onces[0]


async def test_fields_of_another_runbook_are_drawn_anew_instead_of_believed(
    stocked: House,
) -> None:
    view = await opened(stocked)
    await choose(stocked, view, "restart")
    changed = builders.a_runbook(runbook="restart-service", parameters={
        **PARAMETERS, "grace": {"type": "duration"}})  # fmt: skip
    stocked.requests.books = [changed]
    sent = await stocked.workspace.submit("olivia", view["id"], filled())

    assert (sent.action, stocked.requests.calls) == ("update", [])
    assert "restart-service:grace" in blocks(view)
    assert "Look at its fields again" in str(view["blocks"][0])

    stocked.requests.books = []
    await stocked.workspace.submit("olivia", view["id"], filled(**{"restart-service:grace": "5s"}))

    assert list(blocks(view)) == ["runbook"]


async def test_of_two_choices_the_later_one_is_drawn_whichever_comes_first(
    stocked: House,
) -> None:
    view = await opened(stocked)
    found = await stocked.workspace.suggest("olivia", view["id"], wish.CHOOSE)
    acts = [stocked.workspace.click_in_view("olivia", view["id"], wish.CHOOSE, choice=one)
            for one in found]  # fmt: skip
    await asyncio.gather(*acts)
    await stocked.workspace.until(lambda: "restart-service:to" in blocks(view))
    before = view["hash"]
    late = Chosen(user="U0OLIVIA", view=view["id"], hash=before, form=wish.FORM,
                  action=wish.CHOOSE, value="raise-pool", at="1.0")  # fmt: skip
    await stocked.reception.desk.handle(late)

    assert view["hash"] == before


async def test_a_view_that_was_drawn_by_an_earlier_life_is_left_as_it_is(stocked: House) -> None:
    view = await opened(stocked)
    before = view["hash"]
    stale = Chosen(user="U0OLIVIA", view=view["id"], hash="1.stale", form=wish.FORM,
                   action=wish.CHOOSE, value="raise-pool", at="2.0")  # fmt: skip
    await stocked.reception.desk.handle(stale)

    assert (view["hash"], list(blocks(view))) == (before, ["runbook"])
    assert stocked.workspace.called("views.update")[-1].error == "hash_conflict"


async def test_who_may_not_ask_is_told_so_and_gets_no_form(stocked: House) -> None:
    stocked.requests.no = Answer(done=False, text="Only @oncall may do that.")
    await stocked.workspace.command("sam", "alerts", "/heal")
    (said,) = await stocked.workspace.until(lambda: stocked.private("U0SAM"))

    assert said.startswith("Only @oncall may do that.")
    assert stocked.workspace.modal_of("sam") is None


async def test_when_slack_took_too_long_the_form_is_explained_in_words(stocked: House) -> None:
    payload = {"trigger_id": "1.2.old", "command": "/heal", "text": "", "user_id": "U0OLIVIA",
               "channel_id": "C0ALERTS", "team_id": "T0LOCAL"}  # fmt: skip
    await stocked.workspace.sockets.send(Kind.COMMAND, payload, Attempt())
    (said,) = await stocked.workspace.until(lambda: stocked.private("U0OLIVIA"))

    assert "could not be opened in time" in said
    assert "/heal run" in said


async def test_a_search_from_another_company_finds_nothing_and_is_told_of(stocked: House) -> None:
    view = await opened(stocked)
    await stocked.workspace.suggest("olivia", view["id"], wish.CHOOSE)
    payload = stocked.workspace.deliveries.log[-1].payload
    foreign = {**payload, "team": {"id": "T0OTHER"}, "user": {"id": "U1", "team_id": "T0OTHER"}}
    reply = await stocked.workspace.sockets.send(Kind.INTERACTION, foreign, Attempt())

    assert reply.body == {"options": []}
    assert "'T0OTHER'" in stocked.refused[0]


async def test_the_shortcut_without_a_message_opens_the_same_form(stocked: House) -> None:
    await stocked.workspace.global_shortcut("olivia", "heal_global")

    assert list(blocks(await stocked.modal("olivia"))) == ["runbook"]
