"""The card of a pre-approval in each of its states, and its line in the lists."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from bot.core.approval import Request
from bot.core.facts.fact import Fact
from bot.core.permit import Permit
from bot.core.permits import follow
from bot.ports import Person
from bot.slack.cards import home, lists
from bot.slack.cards import permits as cards
from bot.slack.cards.message import Block
from tests import builders
from tests.builders import START
from tests.core import permits

Golden = Callable[[str, Any], Any]

TWO = permits.REQUEST.model_copy(update={"quorum": 2})
LATER = START + timedelta(minutes=10)
HOSTILE = permits.WANTED.model_copy(update={"why": "<!here> *bold* @channel"})
STATES: dict[str, tuple[tuple[Fact, ...], int]] = {
    "asked": ((permits.ASKED,), 0),
    "one_of_two": ((permits.ASKED.model_copy(update={"request": TWO}), permits.VOTED), 0),
    "holds": ((permits.ASKED, permits.VOTED, permits.GRANTED), 1),
    "used_up": ((permits.ASKED, permits.VOTED, permits.GRANTED), 3),
    "refused": ((permits.ASKED, permits.REFUSED), 0),
    "revoked": ((permits.ASKED, permits.VOTED, permits.GRANTED, permits.REVOKED), 1),
    "halted": ((permits.ASKED, permits.VOTED, permits.GRANTED, builders.halted()), 1),
    "hostile": ((permits.ASKED.model_copy(update={"wanted": HOSTILE}),), 0),
}


def permit(name: str) -> tuple[Permit, int]:
    """How it stands in this state, and how many runs began by it."""
    story, used = STATES[name]
    known: tuple[Permit, ...] = ()
    for fact in story:
        known = follow(known, fact, START)  # type: ignore[arg-type]
    return known[0], used


def pressed(view: list[Block]) -> list[str]:
    """The buttons that are there."""
    rows: list[Any] = [block["elements"] for block in view if block["type"] == "actions"]
    return [button["action_id"] for row in rows for button in row]


@pytest.mark.parametrize("name", STATES)
def test_its_card_is_as_it_was_looked_at(name: str, golden: Golden) -> None:
    card = cards.card(*permit(name), LATER).model_dump(mode="json")

    assert golden(f"permits/{name}", card) == card


@pytest.mark.parametrize(
    ("name", "at", "buttons"),
    [
        ("asked", LATER, [cards.GRANT, cards.REFUSE]),
        ("asked", START + timedelta(minutes=30), []),
        ("holds", LATER, [cards.REVOKE]),
        ("holds", START + timedelta(hours=2), []),
        ("used_up", LATER, []),
        ("refused", LATER, []),
        ("revoked", LATER, []),
        ("halted", LATER, []),
    ],
)
def test_only_buttons_that_mean_something_are_there(name: str, at: Any, buttons: Any) -> None:
    assert pressed(cards.card(*permit(name), at).blocks) == buttons


def test_it_stands_in_the_status_and_on_the_home_tab() -> None:
    line = cards.line(*permit("holds"), LATER)

    assert line in str(lists.status([], [], lists.Ordered(allowed=[line])).blocks)
    assert line in str(home.home(home.Seen(Person(), ordered=lists.Ordered(allowed=[line]))))
    assert "`p-7f3k2m`" in line
    assert "2 of 3 runs left" in line


def test_who_asked_is_named_as_one_who_may_not_approve() -> None:
    request = Request.model_validate(permits.REQUEST)
    said = str(cards.card(*permit("asked"), LATER).blocks)

    assert f"not <@{request.excluded[0]}>, who asked for it" in said
