"""A reaction counts on an incident's own card, after its question was there to be read."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.ports import Answer
from bot.rehearsal.workspace.lines import Attempt, Kind
from tests.slack import tales
from tests.slack.house import House
from tests.slack.tales import Tale

ASK = "inc-7f3k2m/note/ask-1"


async def asking(house: House) -> str:
    """The ts of a card whose question stands in its thread."""
    house.cases.tell(*tales.awaiting())
    card = await house.card()
    await house.idle()
    return card


async def nothing_comes_of_it(house: House) -> None:
    await house.workspace.settled()
    await house.workspace.until(lambda: not len(house.inbox))

    assert (house.requests.calls, list(house.workspace.ephemerals)) == ([], [])


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("white_check_mark", ("react", ("inc-7f3k2m", 1, "U0ANA", True, ""))),
        ("x", ("react", ("inc-7f3k2m", 1, "U0ANA", False, "skipped"))),
        ("double_vertical_bar", ("pause", ("inc-7f3k2m", 1, "U0ANA"))),
        ("pause_button", ("pause", ("inc-7f3k2m", 1, "U0ANA"))),
    ],
)
async def test_each_sign_is_one_request_and_is_answered_in_private(
    house: House, name: str, call: object
) -> None:
    card = await asking(house)
    await house.workspace.react("ana", "alerts", card, name)
    await house.workspace.until(lambda: house.private("U0ANA"))

    assert house.requests.calls == [call]
    assert house.private("U0ANA") == ["Done as you asked."]


async def test_a_stranger_is_refused_in_private(house: House) -> None:
    card = await asking(house)
    house.requests.answer = Answer(done=False, text="Only @approvers may decide this.")
    await house.workspace.react("sam", "alerts", card, "white_check_mark")
    await house.workspace.until(lambda: house.private("U0SAM"))

    assert house.private("U0SAM") == ["Only @approvers may decide this."]


@pytest.mark.parametrize("name", ["eyes", "+1", "heavy_check_mark", "tada"])
async def test_other_reactions_mean_nothing(house: House, name: str) -> None:
    await house.workspace.react("ana", "alerts", await asking(house), name)

    await nothing_comes_of_it(house)


async def test_a_reaction_that_is_taken_back_means_nothing_more(house: House) -> None:
    card = await asking(house)
    await house.workspace.react("ana", "alerts", card, "white_check_mark")
    await house.workspace.until(lambda: house.private("U0ANA"))
    await house.workspace.unreact("ana", "alerts", card, "white_check_mark")
    await house.workspace.settled()

    assert len(house.requests.calls) == 1


async def test_in_the_thread_or_on_another_message_it_means_nothing(house: House) -> None:
    await asking(house)
    question = await house.outbox.where(ASK)
    assert question is not None
    said = await house.workspace.post("olivia", "alerts", "shop is slow")
    for ts in (question.ts, said["ts"]):
        await house.workspace.react("ana", "alerts", ts, "white_check_mark")

    await nothing_comes_of_it(house)


@pytest.mark.parametrize("tale", [tales.looking, tales.rejected, tales.resolved])
async def test_where_nothing_is_asked_it_is_only_a_reaction(
    house: House, tale: Callable[[], Tale]
) -> None:
    house.cases.tell(*tale())
    card = await house.card()
    await house.idle()
    await house.workspace.react("ana", "alerts", card, "white_check_mark")

    await nothing_comes_of_it(house)


async def test_a_reaction_from_before_the_question_does_not_count(house: House) -> None:
    house.cases.tell(*tales.looking())
    card = await house.card()
    await house.idle()
    await house.workspace.react("ana", "alerts", card, "white_check_mark")
    await house.workspace.settled()
    early = house.workspace.deliveries.log[-1].payload
    house.cases.tell(*tales.awaiting())
    await house.idle()
    await house.workspace.sockets.send(Kind.EVENT, {**early, "event_id": "Ev9"}, Attempt())
    (said,) = await house.workspace.until(lambda: house.private("U0ANA"))

    assert "You reacted before the plan was there to be read" in said
    assert house.requests.calls == []


async def test_a_reaction_that_slack_sends_twice_is_one(house: House) -> None:
    card = await asking(house)
    house.workspace.duplicate_next(times=2)
    await house.workspace.react("ana", "alerts", card, "white_check_mark")
    await house.workspace.settled()
    await house.workspace.until(lambda: house.private("U0ANA"))

    assert len(house.requests.calls) == 1


async def test_a_reaction_of_another_workspace_is_dropped(house: House) -> None:
    card = await asking(house)
    await house.workspace.react("ana", "alerts", card, "eyes")
    await house.workspace.settled()
    seen = house.workspace.deliveries.log[-1].payload
    event = {**seen["event"], "reaction": "white_check_mark"}
    foreign = {**seen, "team_id": "T0OTHER", "event_id": "Ev9", "event": event}
    await house.workspace.sockets.send(Kind.EVENT, foreign, Attempt())

    assert house.requests.calls == []
    assert "'T0OTHER'" in house.refused[0]
