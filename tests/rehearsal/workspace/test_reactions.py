"""Reactions of the bot and of people on the same message."""

from __future__ import annotations

import pytest

from bot.rehearsal.workspace import NotPossible, Workspace
from tests.rehearsal.workspace.typed import Client, Refusal


async def test_a_reaction_counts_who_added_it(workspace: Workspace, client: Client) -> None:
    said = await workspace.post("ana", "alerts", "payments is down")
    where = {"channel": "C0ALERTS", "timestamp": said["ts"]}
    await client.reactions_add(**where, name="eyes")
    await workspace.react("sam", "alerts", said["ts"], "eyes")

    told = await client.reactions_get(**where)

    assert told["message"]["reactions"] == [
        {"name": "eyes", "users": ["U0HEAL", "U0SAM"], "count": 2}
    ]


async def test_a_second_time_it_is_refused(
    workspace: Workspace, client: Client, refusal: Refusal
) -> None:
    said = await workspace.post("ana", "alerts", "x")
    where = {"channel": "C0ALERTS", "timestamp": said["ts"]}
    await client.reactions_add(**where, name="eyes")

    assert (await refusal(client.reactions_add(**where, name="eyes")))["error"] == "already_reacted"
    assert (await refusal(client.reactions_add(**where, name=":x:")))["error"] == "invalid_name"


async def test_a_reaction_is_taken_back_by_its_owner(
    workspace: Workspace, client: Client, refusal: Refusal
) -> None:
    said = await workspace.post("ana", "alerts", "x")
    await workspace.react("sam", "alerts", said["ts"], "eyes")
    where = {"channel": "C0ALERTS", "timestamp": said["ts"], "name": "eyes"}

    assert (await refusal(client.reactions_remove(**where)))["error"] == "no_reaction"
    await workspace.unreact("sam", "alerts", said["ts"], "eyes")
    assert said["reactions"] == []


async def test_a_person_cannot_react_to_nothing(workspace: Workspace) -> None:
    with pytest.raises(NotPossible, match="message_not_found"):
        await workspace.react("sam", "alerts", "1.000000", "eyes")
