"""The card of plans of the same kind in Slack: made, edited, pressed, true after a restart."""

from __future__ import annotations

from pathlib import Path

from bot.core import batches
from bot.core.incident import Incident
from bot.rehearsal.workspace import Workspace
from bot.slack.cards import asking
from bot.slack.cards import batch as cards
from tests import builders
from tests.core import alike
from tests.slack.engine import Cases
from tests.slack.house import House, opened


def tell(cases: Cases, incident: Incident) -> None:
    """Let it stand so."""
    cases.incidents[incident.id] = incident
    cases.told(incident, builders.entries(builders.an_opening(), name=incident.id)[-1])


def shown(workspace: Workspace) -> list[str]:
    """The cards of batches that stand in the channel."""
    found = (str(one.get("blocks", "")) for one in workspace.messages("alerts"))
    return [blocks for blocks in found if "of the same kind" in blocks]


def batch_ts(workspace: Workspace) -> str:
    (found,) = (
        str(one["ts"]) for one in workspace.messages("alerts")
        if "of the same kind" in str(one.get("blocks", ""))
    )  # fmt: skip
    return found


def key() -> str:
    first = batches.question(alike.asking(0))
    assert first is not None
    return f"{first.kind[:12]}-{first.incident}"


async def posted(house: House) -> str:
    """The ts of the card once it stands there and is noted."""
    await house.workspace.until(lambda: shown(house.workspace))
    await house.idle()
    return batch_ts(house.workspace)


async def test_one_question_has_no_card_of_its_kind(house: House) -> None:
    tell(house.cases, alike.asking(0))
    await house.batches.tell()

    assert await house.outbox.where(f"batch/{key()}") is None
    assert not any(row.slot.startswith("batch/") for row in await house.outbox.due())


async def test_the_second_question_makes_a_card_that_follows_them_to_the_end(house: House) -> None:
    tell(house.cases, alike.asking(0))
    tell(house.cases, alike.asking(1))
    ts = await posted(house)
    assert "2 plans of the same kind wait" in shown(house.workspace)[0]

    tell(house.cases, alike.asking(2))
    await house.workspace.until(lambda: "3 plans of the same kind" in shown(house.workspace)[0])
    tell(house.cases, alike.asking(0, alike.decided()))
    await house.workspace.until(lambda: "2 of 3 plans of the same" in shown(house.workspace)[0])
    for number in (1, 2):
        tell(house.cases, alike.asking(number, alike.decided()))
    await house.workspace.until(lambda: "Done: 3 plans" in shown(house.workspace)[0])

    assert batch_ts(house.workspace) == ts
    assert cards.APPROVE not in shown(house.workspace)[0]
    assert house.batches._questions == {}


async def test_each_keeps_its_own_card_and_buttons(house: House) -> None:
    for number in range(2):
        tell(house.cases, alike.asking(number))
    await posted(house)
    own = [house.workspace.message("alerts", await house.card(name)) for name in alike.NAMES[:2]]

    assert all(asking.APPROVE in str(card["blocks"]) for card in own)


async def test_a_click_answers_exactly_those_that_were_listed(house: House) -> None:
    for number in range(2):
        tell(house.cases, alike.asking(number))
    ts = await posted(house)
    await house.workspace.click("ana", "alerts", ts, cards.APPROVE)
    await house.workspace.click("andre", "alerts", ts, cards.REJECT)
    await house.workspace.until(lambda: len(house.requests.calls) == 2)
    listed = tuple((name, 1) for name in alike.NAMES[:2])

    assert sorted(call.args[1:] for call in house.requests.calls) == [
        ("U0ANA", True), ("U0ANDRE", False),
    ]  # fmt: skip
    assert {(call.name, call.args[0]) for call in house.requests.calls} == {("vote_all", listed)}
    await house.workspace.until(lambda: house.private("U0ANA"))


async def test_buttons_on_another_message_answer_nothing(house: House) -> None:
    for number in range(2):
        tell(house.cases, alike.asking(number))
    ts = await posted(house)
    for block in house.workspace.message("alerts", ts)["blocks"]:
        for button in block.get("elements", ()):
            if button.get("action_id") == cards.APPROVE:
                button["value"] = button["value"].replace(key(), "another-batch")
    await house.workspace.click("ana", "alerts", ts, cards.APPROVE)
    await house.workspace.until(lambda: house.refused)

    assert house.requests.calls == []


async def test_after_a_restart_the_same_card_goes_on_and_is_not_posted_again(
    workspace: Workspace, tmp_path: Path
) -> None:
    cases = Cases()
    async with opened(workspace, tmp_path, cases=cases) as house:
        for number in range(3):
            tell(cases, alike.asking(number))
        ts = await posted(house)
    cases.subscribed.clear()
    tell(cases, alike.asking(0, alike.decided()))

    async with opened(workspace, tmp_path, cases=cases):
        await workspace.until(lambda: "2 of 3 plans of the same" in shown(workspace)[0])

        assert batch_ts(workspace) == ts


async def test_what_was_over_before_there_was_a_card_gets_none(
    workspace: Workspace, tmp_path: Path
) -> None:
    cases = Cases()
    for number in range(2):
        tell(cases, alike.asking(number, alike.decided()))

    async with opened(workspace, tmp_path, cases=cases) as house:
        await house.batches.tell()
        await house.idle()

        assert shown(workspace) == []


async def test_a_card_that_an_earlier_life_could_not_post_asks_for_nothing_that_is_over(
    workspace: Workspace, tmp_path: Path
) -> None:
    known = Cases()
    async with opened(workspace, tmp_path, cases=known) as house:
        await house.poster.close()
        for number in range(2):
            tell(known, alike.asking(number))
        await house.batches.tell()
    known.subscribed.clear()
    for number in range(2):
        tell(known, alike.asking(number, alike.decided()))

    async with opened(workspace, tmp_path, cases=known):
        await workspace.until(lambda: any("Done: 2 plans" in card for card in shown(workspace)))

        assert cards.APPROVE not in shown(workspace)[0]
