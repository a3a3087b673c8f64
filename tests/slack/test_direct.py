"""Who stands in is written to in private: once, with the way to the card, and told how it ended."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bot.core import facts
from bot.rehearsal.workspace import Workspace
from tests.builders import START
from tests.slack import house as houses
from tests.slack import tales
from tests.slack.engine import Cases
from tests.slack.house import House

CALLED = facts.Reminded(round=1, fallback=True, who=("U0SAM", "U0OLIVIA"))


def told(workspace: Workspace, person: str = "SAM") -> list[dict[str, Any]]:
    """What stands in the direct messages of one person."""
    return [m for m in workspace.world.top_level(f"D0{person}") if m["user"] == "U0HEAL"]


def said(message: dict[str, Any]) -> str:
    return str(message["blocks"][0]["text"]["text"])


async def called(house: House) -> None:
    """Ask; when the card stands, call those who stand in."""
    house.cases.tell(*tales.awaiting())
    await house.card()
    await house.idle()
    house.cases.tell(*tales.awaiting(), CALLED)
    await house.idle()


async def test_each_of_them_gets_one_line_with_a_link_to_the_card_and_no_buttons(
    house: House,
) -> None:
    await called(house)
    (mine,), (others,) = told(house.workspace), told(house.workspace, "OLIVIA")
    ts = (await house.card()).replace(".", "")

    assert f"archives/C0ALERTS/p{ts}|Decide at its card>" in said(mine)
    assert "restart" in said(mine).lower()
    assert "<!date^" in said(mine)
    assert [block["type"] for block in mine["blocks"]] == ["section"]
    assert said(others) == said(mine)


async def test_it_says_what_was_decided_once_it_is(house: House) -> None:
    await called(house)
    house.cases.tell(*tales.awaiting(), CALLED, *tales.rejected()[len(tales.awaiting()) :])
    await house.idle()
    (mine,) = told(house.workspace)

    assert said(mine).startswith("☑️ Decided: rejected by <@U0ANA>")


async def test_it_says_that_nobody_decided_in_time(house: House) -> None:
    await called(house)
    house.cases.tell(*tales.awaiting(), CALLED, facts.Expired(deadline=START))
    await house.idle()
    (mine,) = told(house.workspace)

    assert said(mine).startswith("☑️ Not decided: its time is over")


async def test_a_restart_writes_to_nobody_again(workspace: Workspace, tmp_path: Path) -> None:
    cases = Cases()
    async with houses.opened(workspace, tmp_path, cases=cases) as house:
        await called(house)
    posts = len(workspace.called("chat.postMessage"))
    async with houses.opened(workspace, tmp_path, cases=cases) as house:
        house.announcer.renew(cases.open())
        await house.idle()

    assert len(told(workspace)) == 1
    assert len(workspace.called("chat.postMessage")) == posts
