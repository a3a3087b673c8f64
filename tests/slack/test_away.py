"""Slack is away for long: whoever was to be asked or called hears of it first when it is back."""

from __future__ import annotations

import json
from pathlib import Path

from bot.rehearsal.workspace import Workspace
from bot.store.outbox import Outbox
from tests.slack import house as houses
from tests.slack import tales
from tests.slack.cards import stories
from tests.slack.house import FAST, House

SEVERAL = 3
LONG = FAST.model_copy(update={"longest_pause": 0.5})
KINDS = ("ask", "call", "done", "run")
"""By urgency: people are asked, called, told how it ended, told how far it is."""


def tell(house: House) -> None:
    """The least urgent first, some of each."""
    for number in range(SEVERAL):
        house.cases.tell(*stories.STORIES["running"](), name=f"inc-run{number}")
        house.cases.tell(*tales.resolved(), name=f"inc-done{number}")
        house.cases.tell(*tales.expired(), name=f"inc-call{number}")
        house.cases.tell(*tales.awaiting(), name=f"inc-ask{number}")


def slots(workspace: Workspace, since: int) -> list[str]:
    """What was posted since that call, in order."""
    posted = [one for one in workspace.calls[since:]
              if one.method == "chat.postMessage" and one.error is None]  # fmt: skip
    return [str(_metadata(one.args["metadata"])["event_payload"]["slot"]) for one in posted]


def _metadata(told: object) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = json.loads(told) if isinstance(told, str) else told  # type: ignore[assignment]
    return found


async def tried(outbox: Outbox, count: int) -> None:
    """Until so many cards have met a Slack that is not there."""
    rows = await outbox.due()
    while sum(row.slot.endswith("/card") and row.tries > 1 for row in rows) < count:
        rows = await outbox.due()


async def test_once_slack_is_back_people_are_asked_first_then_called_then_told(
    workspace: Workspace, tmp_path: Path
) -> None:
    async with houses.opened(workspace, tmp_path, pace=LONG) as house:
        await workspace.until(lambda: workspace.connections)
        await workspace.go_away("error")
        tell(house)
        await tried(house.outbox, SEVERAL * len(KINDS))
        away = len(workspace.calls)
        await workspace.come_back()
        await house.idle()
    cards = [one for one in slots(workspace, away) if one.endswith("/card")]
    first, *rest = [next(kind for kind in KINDS if kind in one) for one in cards]

    assert len(cards) == len(set(cards)) == SEVERAL * len(KINDS)
    assert rest == sorted(rest, key=KINDS.index), f"{first} was tried when it was back"
    assert len({*slots(workspace, 0)}) == len(slots(workspace, 0))
