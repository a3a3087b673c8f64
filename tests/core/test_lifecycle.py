"""The product's promises, read off the table of legal moves."""

from __future__ import annotations

import pytest

from bot.core import lifecycle
from bot.core.errors import IllegalTransition
from bot.core.lifecycle import ENDS, TABLE, Event, State


def reachable(start: State, *, never_through: frozenset[State] = frozenset()) -> set[State]:
    """Every state that can come after this one without passing through some."""
    found: set[State] = set()
    ahead = [start]
    while ahead:
        for state in TABLE[ahead.pop()].values():
            if state not in found | never_through:
                found.add(state)
                ahead.append(state)
    return found


def test_nothing_runs_that_was_not_approved() -> None:
    found = reachable(State.OPENED, never_through=frozenset({State.APPROVED}))

    assert not found & {
        State.RUNNING, State.VERIFYING, State.ROLLING_BACK, State.HEALED, State.REVERTING,
    }  # fmt: skip


def test_nothing_is_reverted_that_was_not_healed() -> None:
    found = reachable(State.OPENED, never_through=frozenset({State.HEALED}))

    assert not found & {State.REVERTING, State.REVERTED}


def test_what_did_not_help_is_never_called_reverted() -> None:
    assert State.REVERTED not in reachable(State.ROLLING_BACK)


def test_nothing_is_called_resolved_that_was_not_verified() -> None:
    found = reachable(State.OPENED, never_through=frozenset({State.VERIFYING}))

    assert not found & {State.HEALED, State.RESOLVED}


def test_every_incident_can_end() -> None:
    stuck = [state for state in State if not ({state} | reachable(state)) & ENDS]

    assert stuck == []


def test_every_state_that_is_no_end_can_be_given_to_a_person() -> None:
    assert [s for s in State if s not in ENDS and Event.GAVE_UP not in TABLE[s]] == []


def test_nothing_runs_after_an_end() -> None:
    assert [state for state in ENDS if State.RUNNING in reachable(state)] == []


def test_an_end_is_left_only_by_an_alert_that_came_back() -> None:
    left = {event for state in ENDS for event in TABLE[state]}

    assert left == {Event.CAME_BACK}


def test_nothing_is_approved_but_by_policy_or_by_people() -> None:
    ways = {
        event for state, row in TABLE.items() for event, then in row.items()
        if then is State.APPROVED and state is not State.QUEUED
    }  # fmt: skip

    assert ways == {Event.POLICY_ALLOWED, Event.APPROVAL_GIVEN}


def test_only_what_was_approved_waits_its_turn() -> None:
    ways = {state for state, row in TABLE.items() if State.QUEUED in row.values()}

    assert ways == {State.APPROVED}


def test_every_state_has_a_row_and_can_be_reached() -> None:
    assert (set(TABLE), reachable(State.OPENED) | {State.OPENED}) == (set(State), set(State))


def test_every_event_happens_somewhere() -> None:
    assert {event for row in TABLE.values() for event in row} == set(Event)


def test_a_move_that_is_not_in_the_table_is_refused_with_both_names() -> None:
    with pytest.raises(IllegalTransition, match="run started cannot happen while opened"):
        lifecycle.after(State.OPENED, Event.RUN_STARTED)


def test_the_picture_is_drawn_the_same_every_time() -> None:
    assert lifecycle.picture() == lifecycle.picture()


def test_the_picture_shows_every_move_of_the_table_once() -> None:
    lines = lifecycle.picture().splitlines()
    moves = [
        f"    {state.name} --> {then.name} : {event}"
        for state, row in TABLE.items()
        for event, then in row.items()
    ]

    assert lines[0] == "stateDiagram-v2"
    assert [lines.count(move) for move in moves] == [1] * len(moves)


def test_the_picture_begins_once_and_shows_every_end() -> None:
    lines = lifecycle.picture().splitlines()

    assert "    [*] --> OPENED" in lines
    assert {line.split()[0] for line in lines if line.endswith("--> [*]")} == {
        state.name for state in ENDS
    }
