"""Payloads become values, or are refused with the field that is wrong."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.slack import reading, strangers
from bot.slack.asked import Click, Reacted, Sign
from bot.slack.strangers import Identity

US = Identity(team_id="T1", user_id="U0", bot_id="B0")
GRID = US.model_copy(update={"enterprise_id": "E1"})
COMMAND: dict[str, Any] = {
    "command": "/heal",
    "team_id": "T1",
    "user_id": "U1",
    "channel_id": "C1",
    "trigger_id": "1.2",
}
EVENT: dict[str, Any] = {
    "type": "event_callback",
    "team_id": "T1",
    "event_id": "Ev1",
    "event": {
        "type": "app_mention",
        "channel": "C1",
        "ts": "1.1",
        "user": "U1",
        "text": "<@U0> help",
    },
}
CLICK: dict[str, Any] = {
    "type": "block_actions",
    "team": {"id": "T1"},
    "user": {"id": "U1", "team_id": "T1"},
    "channel": {"id": "C1"},
    "message": {"ts": "2.2", "thread_ts": "1.1"},
    "trigger_id": "1.2",
    "actions": [{"action_id": "a", "value": "v", "action_ts": "9"}],
}


def event(**changes: Any) -> dict[str, Any]:
    return {**EVENT, "event": {**EVENT["event"], **changes}}


def reaction(**changes: Any) -> dict[str, Any]:
    item = {"type": "message", "channel": "C1", "ts": "1.1"}
    told = {"reaction": "white_check_mark", "item": item, "event_ts": "2.5", **changes}
    return event(type="reaction_added", **told)


def test_a_reaction_names_its_message_its_sign_and_its_moment() -> None:
    found = reading.read(reaction())

    assert found == Reacted(user="U1", channel="C1", message_ts="1.1", sign=Sign.APPROVE, at="2.5")


def test_a_click_in_a_thread_knows_its_thread() -> None:
    found = reading.read(CLICK)

    assert isinstance(found, Click)
    assert (found.message_ts, found.thread, found.action, found.value) == ("2.2", "1.1", "a", "v")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"type": "view_closed"},
        event(type="message", channel_type="channel"),
        event(type="message", channel_type="im", subtype="message_changed"),
        reaction(reaction="eyes"),
        reaction(item={"type": "file", "file": "F1"}),
        event(type="reaction_removed"),
        event(bot_id="B9"),
    ],
)
def test_what_concerns_nobody_is_nothing(body: dict[str, Any]) -> None:
    assert reading.read(body) is None


@pytest.mark.parametrize(
    "body",
    [
        {**COMMAND, "user_id": 7},
        {**CLICK, "actions": []},
        {**CLICK, "user": "U1"},
        event(channel=["C1"]),
        {"type": "event_callback", "event": {"type": "app_mention"}},
    ],
)
def test_what_is_malformed_is_refused_by_its_field(body: dict[str, Any]) -> None:
    with pytest.raises(reading.Unreadable):
        reading.read(body)


@pytest.mark.parametrize(
    ("body", "names"),
    [
        (EVENT, ("slack:Ev1", "slack:C1:1.1")),
        (event(type="message", subtype="x"), ("slack:Ev1",)),
        (CLICK, ("slack:1.2:9",)),
        (COMMAND, ("slack:1.2",)),
    ],
)
def test_a_second_delivery_has_the_same_names(body: dict[str, Any], names: tuple[str, ...]) -> None:
    assert names == reading.keys(body)


def test_two_clicks_of_one_message_are_two() -> None:
    again = {**CLICK, "trigger_id": "1.3"}

    assert reading.keys(CLICK) != reading.keys(again)


@settings(max_examples=60, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    ["type", "event", "user", "actions", "team_id", "block_actions", "id", "view"]
                ),
                inner | st.sampled_from(["block_actions", "event_callback", "app_mention"]),
                max_size=4,
            )
        ),
    )
)
def test_no_payload_is_an_error_of_ours(body: Any) -> None:
    if not isinstance(body, dict):
        return
    with contextlib.suppress(reading.Unreadable):
        reading.read(body)
    strangers.objection(body, US)

    assert reading.keys(body)


@pytest.mark.parametrize("body", [COMMAND, EVENT, CLICK])
def test_our_own_people_are_no_strangers(body: dict[str, Any]) -> None:
    assert strangers.objection(body, US) == ""


@pytest.mark.parametrize(
    "body",
    [
        {**COMMAND, "team_id": "T2"},
        {k: v for k, v in COMMAND.items() if k != "team_id"},
        {**CLICK, "user": {"id": "U1", "team_id": "T2"}},
        {**CLICK, "team": {"id": "T2"}},
        event(user_team="T2"),
        event(source_team="T2"),
        event(bot_id="B9"),
    ],
)
def test_others_are_strangers(body: dict[str, Any]) -> None:
    assert strangers.objection(body, US)


def test_in_a_grid_a_person_of_the_company_is_no_stranger() -> None:
    person = {**CLICK, "user": {"id": "U1", "team_id": "E1"}, "enterprise": {"id": "E1"}}

    assert strangers.objection(person, GRID) == ""


def test_another_company_is_a_stranger() -> None:
    assert strangers.objection({**COMMAND, "enterprise_id": "E2"}, GRID)
