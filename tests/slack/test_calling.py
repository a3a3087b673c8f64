"""The note that calls people: its button, its ✅, the next level's note and letters, its end."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from bot.core import facts
from bot.core.facts import Raised, Taken, Unheard
from bot.core.ladder import Level, Need
from bot.core.lifecycle import Event
from bot.ports import Answer
from bot.slack.cards import calling
from tests.builders import START
from tests.slack import tales
from tests.slack.house import House
from tests.slack.tales import Tale

LEADS = Level(groups=("leads",), wait=600)
CALL = facts.Escalated(
    to="oncall", why="it did not help", need=Need.FAILED, page=True, levels=(LEADS,)
)
CLOSED = facts.Closed(event=Event.NO_PLAN, says="it did not help")
RAISED = Raised(level=2, calls=("leads", "U0SAM"), who=("U0SAM",))
NOTE = f"inc-7f3k2m/note/{calling.FIRST}"


def called(*more: facts.Fact) -> Tale:
    return (*tales.looking(), CALL, CLOSED, *more)


async def note(house: House, slot: str = NOTE) -> tuple[str, str]:
    """The ts of a note, and what stands there."""
    await house.card()
    await house.idle()
    place = await house.outbox.where(slot)
    assert place is not None
    blocks = house.workspace.message("alerts", place.ts)["blocks"]
    return place.ts, json.dumps(blocks, ensure_ascii=False)


def letters(house: House) -> list[dict[str, Any]]:
    return [m for m in house.workspace.world.top_level("D0SAM") if m["user"] == "U0HEAL"]


async def test_r124_the_button_says_that_somebody_has_it_and_goes_when_it_is_taken(
    house: House,
) -> None:
    house.cases.tell(*called())
    ts, before = await note(house)
    await house.workspace.click("ana", "alerts", ts, calling.TAKE)
    await house.workspace.until(lambda: house.private("U0ANA"))
    house.cases.tell(*called(Taken(by="U0ANA")))
    _, after = await note(house)

    assert house.requests.calls == [("take", ("inc-7f3k2m", "U0ANA"))]
    assert calling.TAKE in before
    assert calling.TAKE not in after
    assert "<@U0ANA> has it" in after


async def test_the_note_says_until_when_and_who_is_called_then(house: House) -> None:
    house.cases.tell(*called())
    _, shown = await note(house)
    until = int((START + timedelta(seconds=600)).timestamp())

    assert abs(int(shown.partition("<!date^")[2].partition("^")[0]) - until) < 300
    assert "leads is called" in shown


async def test_who_is_called_then_is_never_told_as_an_id_of_slack(house: House) -> None:
    level = Level(groups=("S0APPROVERS",), people=("U0ANA",), wait=600)
    call = CALL.model_copy(update={"levels": (level,)})
    house.cases.tell(*tales.looking(), call, CLOSED)
    _, shown = await note(house)

    assert "else the next level is called" in shown
    assert "S0APPROVERS" not in shown


@pytest.mark.parametrize(("sign", "calls"), [("white_check_mark", 1), ("x", 0)])
async def test_a_tick_on_the_note_means_the_same_and_no_other_sign_does(
    house: House, sign: str, calls: int
) -> None:
    house.cases.tell(*called())
    ts, _ = await note(house)
    await house.workspace.react("ana", "alerts", ts, sign)
    await house.workspace.settled()
    await house.workspace.until(lambda: not len(house.inbox))
    await house.workspace.until(lambda: len(house.private("U0ANA")) >= calls)

    assert house.requests.calls == [("take", ("inc-7f3k2m", "U0ANA"))] * calls


async def test_the_next_level_is_called_in_the_thread_and_in_private_and_hears_who_has_it(
    house: House,
) -> None:
    house.cases.tell(*called(RAISED))
    _, level = await note(house, "inc-7f3k2m/note/level-2")
    letter = json.dumps(letters(house)[0]["blocks"])
    house.cases.tell(*called(RAISED, Taken(by="Bea", at="pagerduty")))
    await house.idle()
    [settled] = letters(house)

    assert "level 2 is called" in level
    assert calling.TAKE in level
    assert "nobody has said that they have it" in letter
    assert calling.TAKE in letter
    assert "☑️ Bea has it" in json.dumps(settled["blocks"], ensure_ascii=False)
    assert calling.TAKE not in json.dumps(settled["blocks"])


async def test_the_button_of_a_letter_counts_too(house: House) -> None:
    house.cases.tell(*called(RAISED))
    await note(house)
    [letter] = letters(house)
    house.requests.answer = Answer(done=False, text="<@U0ANA> has it already.")
    await house.workspace.click("sam", "D0SAM", letter["ts"], calling.TAKE)
    await house.workspace.until(lambda: house.requests.calls)

    assert house.requests.calls == [("take", ("inc-7f3k2m", "U0SAM"))]


async def test_that_all_were_called_in_vain_is_said_and_can_still_be_taken(house: House) -> None:
    house.cases.tell(*called(RAISED, Unheard(levels=2)))
    _, shown = await note(house, "inc-7f3k2m/note/unheard")

    assert "Everybody was called" in shown
    assert calling.TAKE in shown
