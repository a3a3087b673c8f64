"""A pre-approval in Slack: asked for in words, decided and revoked on its own card only."""

from __future__ import annotations

from datetime import timedelta

from bot.ports import Allowance
from bot.slack.cards import permits as cards
from tests.core import permits
from tests.slack.house import House


async def card(house: House) -> str:
    """The ts of its card, once it is posted and noted."""
    await house.workspace.until(lambda: house.workspace.messages("alerts"))
    await house.idle()
    place = await house.outbox.where(f"permit/{permits.NAME}")
    assert place is not None
    return place.ts


def shown(house: House, ts: str) -> str:
    return str(house.workspace.message("alerts", ts)["blocks"])


async def test_it_is_asked_for_in_words(house: House) -> None:
    text = 'allow restart-service on shop in production for 2h max 3 runs "the release"'
    await house.workspace.command("olivia", "alerts", "/heal", text)
    await house.workspace.until(lambda: house.requests.calls)
    wish = Allowance("restart-service", "shop", "production", timedelta(hours=2), 3, "the release")

    assert (wish, "U0OLIVIA", "C0ALERTS") == house.requests.calls[0].args


async def test_its_card_asks_and_a_click_on_it_decides(house: House) -> None:
    house.cases.order(permits.ASKED)
    ts = await card(house)
    await house.workspace.click("ana", "alerts", ts, cards.GRANT)
    await house.workspace.click("andre", "alerts", ts, cards.REFUSE)
    await house.workspace.until(lambda: len(house.requests.calls) == 2)

    assert sorted(call.args for call in house.requests.calls) == [
        (permits.NAME, "U0ANA", True, ""), (permits.NAME, "U0ANDRE", False, ""),
    ]  # fmt: skip


async def test_its_card_follows_what_becomes_of_it(house: House) -> None:
    house.cases.order(permits.ASKED)
    ts = await card(house)
    house.cases.order(permits.VOTED, permits.GRANTED)
    await house.workspace.until(lambda: "Revoke" in shown(house, ts))
    await house.workspace.click("andre", "alerts", ts, cards.REVOKE)
    await house.workspace.until(lambda: house.requests.calls)
    house.cases.order(permits.REVOKED)
    await house.workspace.until(lambda: "Pre-approval is over" in shown(house, ts))

    assert house.requests.calls[0] == ("revoke", (permits.NAME, "U0ANDRE", ""))
    assert "Revoke" not in shown(house, ts)


async def test_a_button_of_another_message_decides_nothing(house: House) -> None:
    house.cases.order(permits.ASKED)
    ts = await card(house)
    other = house.workspace.message("alerts", ts)["blocks"]
    for block in other:
        for button in block.get("elements", ()):
            if button.get("action_id") == cards.GRANT:
                button["value"] = "p-000000"
    await house.workspace.click("ana", "alerts", ts, cards.GRANT)
    await house.workspace.until(lambda: house.refused)

    assert house.requests.calls == []


async def test_the_words_of_plans_decide_it_too(house: House) -> None:
    house.cases.order(permits.ASKED)
    for words in ("approve", "reject", "revoke"):
        text = f"{words} {permits.NAME} because"
        await house.workspace.command("ana", "alerts", "/heal", text)
    await house.workspace.until(lambda: len(house.requests.calls) == 3)

    assert sorted(call.name for call in house.requests.calls) == ["decide", "decide", "revoke"]


async def test_what_only_a_run_can_do_is_explained(house: House) -> None:
    house.cases.order(permits.ASKED)
    await house.workspace.command("ana", "alerts", "/heal", f"undo {permits.NAME}")
    (said,) = await house.workspace.until(lambda: house.private("U0ANA"))

    assert "is a pre-approval" in said
    assert house.requests.calls == []


async def test_status_lists_what_holds(house: House) -> None:
    house.cases.order(permits.ASKED, permits.VOTED, permits.GRANTED)
    await house.workspace.command("sam", "alerts", "/heal", "status")
    await house.workspace.until(lambda: house.private("U0SAM"))

    assert permits.NAME in str(house.workspace.ephemerals[-1].message)
