"""Block Kit's limits: those of slack_sdk's models, and those that they leave to Slack."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.rehearsal.workspace.kit.shapes import MODELLED
from bot.rehearsal.workspace.kit.surfaces import Surface, accepted
from bot.rehearsal.workspace.wire import Refused

MRKDWN = {"type": "mrkdwn", "text": "x"}
PLAIN = {"type": "plain_text", "text": "x"}
SECTION = {"type": "section", "text": MRKDWN}
RICH = {
    "type": "rich_text",
    "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "x"}]}],
}
TASK = {"type": "task_card", "task_id": "1", "title": "drain", "status": "pending"}
ALERT = {"type": "alert", "text": MRKDWN, "level": "warning"}
INPUT = {
    "type": "input",
    "label": PLAIN,
    "element": {"type": "plain_text_input", "action_id": "a"},
}


def words(kind: str, length: int) -> dict[str, Any]:
    return {"type": kind, "text": "x" * length}


def button(**changes: Any) -> dict[str, Any]:
    return {"type": "button", "action_id": "go", "text": PLAIN, **changes}


def actions(*elements: Any) -> dict[str, Any]:
    return {"type": "actions", "elements": list(elements)}


def table(rows: int, cells: int = 1) -> dict[str, Any]:
    return {"type": "table", "rows": [[{"type": "raw_text", "text": "x"}] * cells] * rows}


BAD: dict[str, tuple[Any, str]] = {
    "a section's text of 3,001": ({"type": "section", "text": words("mrkdwn", 3001)}, "/blocks/0"),
    "a section's field of 2,001": (
        {"type": "section", "fields": [MRKDWN, words("mrkdwn", 2001)]},
        "/blocks/0/fields/1/text",
    ),
    "eleven fields": ({"type": "section", "fields": [MRKDWN] * 11}, "/blocks/0"),
    "a header of 151": ({"type": "header", "text": words("plain_text", 151)}, "/blocks/0"),
    "a header in mrkdwn": ({"type": "header", "text": MRKDWN}, "/blocks/0/text/type"),
    "an empty text": ({"type": "section", "text": words("mrkdwn", 0)}, "/blocks/0/text/text"),
    "a bare string for a text": ({"type": "section", "text": "hello"}, "/blocks/0/text"),
    "emoji in mrkdwn": ({"type": "section", "text": {**MRKDWN, "emoji": True}}, "/blocks/0/text"),
    "eleven context elements": ({"type": "context", "elements": [MRKDWN] * 11}, "/blocks/0"),
    "an unknown block": ({"type": "hologram"}, "/blocks/0/type"),
    "no block at all": ("hello", "/blocks/0/type"),
    "an unknown property": ({**SECTION, "colour": "red"}, "/blocks/0"),
    "a disabled button": (actions(button(disabled=True)), "/blocks/0/elements/0"),
    "an unknown element": (actions({"type": "lever"}), "/blocks/0/elements/0/type"),
    "a button of 76": (actions(button(text=words("plain_text", 76))), "/blocks/0/elements/0"),
    "a value of 2,001": (actions(button(value="x" * 2001)), "/blocks/0/elements/0"),
    "a button in mrkdwn": (actions(button(text=MRKDWN)), "/blocks/0/elements/0/text/type"),
    "an action id of 256": (actions(button(action_id="x" * 256)), "/blocks/0/elements/0"),
    "one action id twice": (actions(button(), button()), "/blocks/0/elements"),
    "26 actions": (actions(*[button(action_id=str(i)) for i in range(26)]), "/blocks/0"),
    "a menu without options": (
        actions({"type": "static_select", "action_id": "a", "options": []}),
        "/blocks/0/elements/0/options",
    ),
    "an option in mrkdwn": (
        actions(
            {"type": "overflow", "action_id": "a", "options": [{"text": MRKDWN, "value": "1"}]}
        ),
        "/blocks/0/elements/0/options/0/text/type",
    ),
    "a first choice that is not offered": (
        actions(
            {
                "type": "static_select",
                "action_id": "a",
                "options": [{"text": PLAIN, "value": "1"}],
                "initial_option": {"text": PLAIN, "value": "2"},
            }
        ),
        "/blocks/0/elements/0/initial_option",
    ),
    "a confirmation without a title": (
        actions(button(confirm={"text": PLAIN, "confirm": PLAIN, "deny": PLAIN})),
        "/blocks/0/elements/0",
    ),
    "101 rows": (table(101), "/blocks/0/rows"),
    "21 cells": (table(1, 21), "/blocks/0/rows/0"),
    "a cell of another kind": (
        {"type": "table", "rows": [[{"type": "mrkdwn", "text": "x"}]]},
        "/blocks/0/rows/0/0/type",
    ),
    "an alert in a message": (ALERT, "/blocks/0/type"),
    "a task that is `completed`": ({**TASK, "status": "completed"}, "/blocks/0"),
    "a bad task in a plan": (
        {"type": "plan", "title": "Plan", "tasks": [TASK, {**TASK, "status": "done"}]},
        "/blocks/0/tasks/1",
    ),
    "a section in a plan": ({"type": "plan", "title": "P", "tasks": [SECTION]}, "/tasks/0/type"),
    "a task's output in plain words": ({**TASK, "output": PLAIN}, "/blocks/0/output/type"),
    "a card body of 201": ({"type": "card", "body": words("mrkdwn", 201)}, "/blocks/0"),
    "a bad block in a container": (
        {"type": "container", "title": PLAIN, "child_blocks": [{"type": "hologram"}]},
        "/blocks/0",
    ),
    "empty words in rich text": (
        {
            "type": "rich_text",
            "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": ""}]}],
        },
        "/blocks/0/elements/0/elements/0/text",
    ),
}
GOOD: dict[str, dict[str, Any]] = {
    "a section's text of 3,000": {"type": "section", "text": words("mrkdwn", 3000)},
    "fields of 2,000": {"type": "section", "fields": [words("mrkdwn", 2000)]},
    "a plan": {"type": "plan", "title": "Plan", "tasks": [{**TASK, "output": RICH}]},
    "a table of 100 rows": table(100, 20),
    "rich text": RICH,
    "a card": {"type": "card", "title": MRKDWN, "actions": [button()]},
    "a fold": {
        "type": "container",
        "title": PLAIN,
        "is_collapsible": True,
        "child_blocks": [SECTION, {"type": "divider"}],
    },
    "feedback buttons": {
        "type": "context_actions",
        "elements": [
            {
                "type": "feedback_buttons",
                "action_id": "fb",
                "positive_button": {"text": PLAIN, "value": "1"},
                "negative_button": {"text": PLAIN, "value": "0"},
            }
        ],
    },
    "a menu": {
        **SECTION,
        "accessory": {
            "type": "static_select",
            "action_id": "a",
            "placeholder": PLAIN,
            "options": [{"text": PLAIN, "value": "1"}],
        },
    },
    "a button that asks back": actions(
        button(
            style="danger",
            confirm={"title": PLAIN, "text": MRKDWN, "confirm": PLAIN, "deny": PLAIN},
        )
    ),
    "what slack_sdk does not know yet": {"type": "data_table", "rows": []},
    "an image": {"type": "image", "image_url": "https://example.com/i.png", "alt_text": "graph"},
    "a list": {
        "type": "rich_text",
        "elements": [
            {"type": "rich_text_list", "style": "bullet", "elements": RICH["elements"]},
            {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "x"}]},
        ],
    },
}


@pytest.mark.parametrize("name", BAD)
def test_slack_refuses(name: str) -> None:
    block, pointer = BAD[name]

    with pytest.raises(Refused) as refusal:
        accepted([block], Surface.MESSAGE)

    messages = refusal.value.extra["response_metadata"]["messages"]
    assert refusal.value.error == "invalid_blocks"
    assert any(m.startswith("[ERROR] ") and pointer in m.partition("pointer:")[2] for m in messages)


@pytest.mark.parametrize("name", GOOD)
def test_slack_takes(name: str) -> None:
    kept = accepted([GOOD[name]], Surface.MESSAGE)

    assert kept[0]["block_id"]
    assert "block_id" not in GOOD[name]


PIECES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(["", "x", "mrkdwn", "button"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["type", "text", "elements", "options", "value"]), inner)
    ),
    max_leaves=8,
)
KINDS = st.sampled_from(sorted(MODELLED))
PARTS = st.sampled_from(
    [
        "block_id",
        "text",
        "fields",
        "elements",
        "accessory",
        "rows",
        "tasks",
        "title",
        "child_blocks",
        "details",
    ]
)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(KINDS, st.dictionaries(PARTS, PIECES, max_size=4))
def test_whatever_is_sent_is_taken_or_refused(kind: str, parts: dict[str, Any]) -> None:
    with suppress(Refused):
        kept = accepted([{**parts, "type": kind}], Surface.MESSAGE)

        assert kept[0]["block_id"]


WRONG_TOGETHER = {
    "51 blocks": [SECTION] * 51,
    "one block id twice": [{**SECTION, "block_id": "a"}, {**SECTION, "block_id": "a"}],
    "a plan beside a loose task": [{"type": "plan", "title": "P", "tasks": [TASK]}, TASK],
    "two tables": [table(1), table(1)],
    "markdown of 12,001 in sum": [words("markdown", 6000), words("markdown", 6001)],
}


@pytest.mark.parametrize("name", WRONG_TOGETHER)
def test_a_message_does_not_hold(name: str) -> None:
    with pytest.raises(Refused, match="invalid_blocks"):
        accepted(WRONG_TOGETHER[name], Surface.MESSAGE)


def test_a_message_with_too_many_words_in_all_is_refused() -> None:
    full = [{"type": "section", "text": words("mrkdwn", 2640)}] * 5
    accepted(full, Surface.MESSAGE)

    with pytest.raises(Refused, match="msg_blocks_too_long"):
        accepted([*full, SECTION], Surface.MESSAGE)


def test_a_modal_holds_a_hundred_blocks_and_an_alert() -> None:
    assert len(accepted([ALERT, *[SECTION] * 99], Surface.MODAL)) == 100

    with pytest.raises(Refused):
        accepted([SECTION] * 101, Surface.MODAL)


@pytest.mark.parametrize("kind", [Surface.MODAL, Surface.HOME])
def test_views_hold_no_plan_and_no_table(kind: Surface) -> None:
    for block in ({"type": "plan", "title": "P", "tasks": [TASK]}, table(1)):
        with pytest.raises(Refused, match="invalid_blocks"):
            accepted([block], kind)


def test_what_is_kept_is_not_what_was_given() -> None:
    given = [dict(SECTION)]
    kept = accepted(given, Surface.MESSAGE)
    kept[0]["text"]["text"] = "changed"

    assert given[0]["text"] == MRKDWN
