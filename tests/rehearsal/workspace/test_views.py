"""Modals and Home tabs as the bot shows them: strict, stacked, and with what people typed."""

from __future__ import annotations

from typing import Any

import pytest

from bot.rehearsal.workspace import Workspace
from tests.rehearsal.workspace.typed import Client, Refusal

PLAIN = {"type": "plain_text", "text": "x"}
LONG = {"type": "plain_text", "text": "x" * 25}
ASK = {
    "type": "input",
    "block_id": "why",
    "label": PLAIN,
    "element": {"type": "plain_text_input", "action_id": "text"},
}


def modal(**changes: Any) -> dict[str, Any]:
    return {"type": "modal", "title": PLAIN, "submit": PLAIN, "blocks": [ASK], **changes}


def trigger(workspace: Workspace, view_id: str | None = None) -> str:
    return workspace.triggers.give("U0ANA", view_id)


async def test_a_modal_is_opened_for_who_did_something(
    workspace: Workspace, client: Client
) -> None:
    answer = await client.views_open(trigger_id=trigger(workspace), view=modal(callback_id="c"))

    shown = workspace.modal_of("ana") or {}
    assert (shown["id"], shown["callback_id"]) == (answer["view"]["id"], "c")
    assert (shown["app_id"], shown["bot_id"], shown["root_view_id"]) == (
        "A0HEAL",
        "B0HEAL",
        shown["id"],
    )
    assert shown["state"]["values"]["why"]["text"] == {"type": "plain_text_input", "value": None}
    assert workspace.modal_of("sam") is None


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"title": LONG}, "/view/title/text"),
        ({"submit": LONG}, "/view/submit/text"),
        ({"title": {"type": "mrkdwn", "text": "x"}}, "/view/title/type"),
        ({"submit": None}, "/view/submit"),
        ({"blocks": []}, "/view/blocks"),
        ({"blocks": [{"type": "divider"}] * 101}, "/view/blocks"),
        ({"blocks": [{"type": "hologram"}]}, "/view/blocks/0/type"),
        ({"private_metadata": "x" * 3001}, "/view/private_metadata"),
        ({"callback_id": "x" * 256}, "/view/callback_id"),
        ({"colour": "red"}, "/view"),
        ({"type": "home"}, "/view/type"),
    ],
)
async def test_a_bad_modal_is_refused_with_a_pointer(
    workspace: Workspace, client: Client, refusal: Refusal, changes: dict[str, Any], pointer: str
) -> None:
    answer = await refusal(client.views_open(trigger_id=trigger(workspace), view=modal(**changes)))

    assert answer["error"] == "invalid_arguments"
    assert f"[json-pointer:{pointer}]" in answer["response_metadata"]["messages"][0]


async def test_modals_are_stacked_three_deep(
    workspace: Workspace, client: Client, refusal: Refusal
) -> None:
    first = await client.views_open(trigger_id=trigger(workspace), view=modal())
    below = first["view"]["id"]
    for _ in range(2):
        pushed = await client.views_push(trigger_id=trigger(workspace, below), view=modal())
        assert pushed["view"]["previous_view_id"] == below
        below = pushed["view"]["id"]

    answer = await refusal(client.views_push(trigger_id=trigger(workspace, below), view=modal()))

    assert answer["error"] == "push_limit_reached"
    assert pushed["view"]["root_view_id"] == first["view"]["id"]


async def test_a_push_needs_a_trigger_from_a_modal(
    workspace: Workspace, client: Client, refusal: Refusal
) -> None:
    await client.views_open(trigger_id=trigger(workspace), view=modal())

    answer = await refusal(client.views_push(trigger_id=trigger(workspace), view=modal()))

    assert answer["error"] == "invalid_trigger_id"


async def test_an_update_keeps_what_was_typed(workspace: Workspace, client: Client) -> None:
    opened = await client.views_open(trigger_id=trigger(workspace), view=modal())
    view_id = opened["view"]["id"]
    await workspace.click_in_view("ana", view_id, "text", choice="because")
    await client.views_update(
        view_id=view_id, hash=opened["view"]["hash"], view=modal(blocks=[{"type": "divider"}, ASK])
    )

    shown = workspace.modal_of("ana") or {}
    assert len(shown["blocks"]) == 2
    assert shown["state"]["values"]["why"]["text"]["value"] == "because"


async def test_an_update_with_an_old_hash_is_refused(
    workspace: Workspace, client: Client, refusal: Refusal
) -> None:
    opened = await client.views_open(trigger_id=trigger(workspace), view=modal())
    where = {"view_id": opened["view"]["id"], "hash": opened["view"]["hash"]}
    await client.views_update(**where, view=modal())

    assert (await refusal(client.views_update(**where, view=modal())))["error"] == "hash_conflict"


async def test_an_update_finds_its_view_by_external_id(
    workspace: Workspace, client: Client, refusal: Refusal
) -> None:
    await client.views_open(trigger_id=trigger(workspace), view=modal(external_id="plan-1"))
    await client.views_update(external_id="plan-1", view=modal(external_id="plan-1", submit=PLAIN))

    nowhere = await refusal(client.views_update(external_id="plan-2", view=modal()))
    double = await refusal(
        client.views_open(
            trigger_id=workspace.triggers.give("U0SAM"), view=modal(external_id="plan-1")
        )
    )

    assert nowhere["error"] == "not_found"
    assert double["error"] == "duplicate_external_id"


async def test_a_home_tab_is_published_for_each_person(
    workspace: Workspace, client: Client, refusal: Refusal
) -> None:
    home = {"type": "home", "blocks": [{"type": "divider"}]}
    first = await client.views_publish(user_id="U0ANA", view=home)
    again = await client.views_publish(user_id="U0ANA", view={**home, "callback_id": "home"})

    nobody = await refusal(client.views_publish(user_id="U0NOBODY", view=home))
    with_submit = await refusal(
        client.views_publish(user_id="U0ANA", view={**home, "submit": PLAIN})
    )

    assert first["view"]["id"] == again["view"]["id"]
    assert (workspace.home_of("ana") or {})["callback_id"] == "home"
    assert nobody["error"] == "user_not_found"
    assert with_submit["error"] == "invalid_arguments"
