"""The card of plans of the same kind: open, partly closed, done; and what its buttons name."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from bot.core import batches
from bot.core.approval import Ending
from bot.core.batches import Batch, Question
from bot.core.circle import Demand
from bot.core.incident import Incident
from bot.slack import batching
from bot.slack.cards import batch as cards
from tests.builders import START
from tests.core import alike

Golden = Callable[[str, Any], Any]

LATER = START + timedelta(minutes=5)
DEMANDING: dict[str, Any] = {
    "quorum": 2,
    "people": ("U0ANA",),
    "demands": (Demand(name="payments", groups=("payments",)),),
    "excluded": ("U0OLIVIA",),
}
HOSTILE = "<!here> *bold* `@channel`"


def a_batch(*known: Incident) -> Batch:
    questions = [found for one in known if (found := batches.question(one)) is not None]
    (batch,) = batches.batched(questions)
    return batch


def hostile() -> Batch:
    batch = a_batch(*(alike.asking(n) for n in range(2)))
    return Batch(batch.key, tuple(_hostile(one) for one in batch.questions))


def _hostile(one: Question) -> Question:
    plan = one.plan.model_copy(update={"service": HOSTILE, "title": HOSTILE, "runbook": HOSTILE})
    return one._replace(plan=plan, marks=(HOSTILE,))


def ending(number: int, how: Ending, by: str) -> Incident:
    return alike.asking(number, alike.decided(how, by))


STATES: dict[str, Callable[[], Batch]] = {
    "open": lambda: a_batch(*(alike.asking(n) for n in range(5))),
    "demanding": lambda: a_batch(*(alike.asking(n, **DEMANDING) for n in range(2))),
    "partly_closed": lambda: a_batch(
        ending(0, Ending.APPROVED, "U0ANA"), ending(1, Ending.REJECTED, "U0ANDRE"),
        *(alike.asking(n) for n in range(2, 5)),
    ),
    "one_left": lambda: a_batch(ending(0, Ending.APPROVED, "U0ANA"), alike.asking(1)),
    "done": lambda: a_batch(
        ending(0, Ending.APPROVED, "U0ANA"), ending(1, Ending.PAUSED, "U0ANDRE"),
        ending(2, Ending.EXPIRED, "heal"),
    ),
    "hostile": hostile,
}  # fmt: skip


def buttons(batch: Batch) -> dict[str, Any]:
    rows: list[Any] = [one["elements"] for one in cards.card(batch, LATER).blocks
                       if one["type"] == "actions"]  # fmt: skip
    return {button["action_id"]: button for row in rows for button in row}


@pytest.mark.parametrize("name", STATES)
def test_it_is_as_it_was_looked_at(name: str, golden: Golden) -> None:
    card = cards.card(STATES[name](), LATER).model_dump(mode="json")

    assert golden(f"batch/{name}", card) == card


def test_it_names_every_plan_and_asks_once_more_with_their_number() -> None:
    card = cards.card(STATES["open"](), LATER)
    pressed = buttons(STATES["open"]())

    assert card.text == "🔔 5 plans of the same kind wait"
    for name, service in zip(alike.NAMES, alike.SERVICES, strict=True):
        assert f"`{name}` *{service}*" in str(card.blocks)
        assert f"unit {service} on {service}-1: touches 1 of 3" in str(card.blocks)
    assert "5 of 15 (process) away" in str(card.blocks)
    assert pressed[cards.APPROVE]["text"]["text"] == "✅ Approve all 5"
    assert pressed[cards.APPROVE]["confirm"]["title"]["text"] == "Approve all 5?"
    assert pressed[cards.REJECT]["confirm"]["title"]["text"] == "Reject all 5?"


def test_its_buttons_name_exactly_those_that_wait() -> None:
    batch = STATES["partly_closed"]()
    key, plans = batching.named(buttons(batch)[cards.APPROVE]["value"])

    assert key == batch.key
    assert plans == tuple((name, 1) for name in alike.NAMES[2:])


@pytest.mark.parametrize("name", ["one_left", "done"])
def test_where_there_is_nothing_to_answer_together_are_no_buttons(name: str) -> None:
    assert buttons(STATES[name]()) == {}


def test_when_time_is_up_nothing_can_be_pressed() -> None:
    batch = STATES["open"]()
    card = cards.card(batch, START + timedelta(hours=1))

    assert "actions" not in {block["type"] for block in card.blocks}
    assert "expired" in str(card.blocks)


def test_the_fullest_card_fits_and_its_buttons_name_all_of_it() -> None:
    (one,) = a_batch(alike.asking(0), alike.asking(1)).questions[:1]
    names = [f"inc-{number:030}" for number in range(batches.MOST)]
    full = Batch(f"{'a' * 12}-{names[0]}", tuple(one._replace(incident=name) for name in names))
    value = buttons(full)[cards.APPROVE]["value"]

    assert len(value) <= cards.LONGEST_VALUE
    assert [plan.incident for plan in batching.named(value)[1]] == names
    assert all(name in str(cards.card(full, LATER).blocks[:-1]) for name in names)


def test_what_could_not_be_read_in_full_cannot_be_answered_together() -> None:
    batch = a_batch(alike.asking(0), alike.asking(1))
    (one, _) = batch.questions
    plan = one.plan.model_copy(update={"service": "&" * 60})
    told = one._replace(plan=plan, marks=("&" * 400,) * 5)
    names = [f"inc-{number:030}" for number in range(batches.MOST)]
    full = Batch(batch.key, tuple(told._replace(incident=name) for name in names))

    assert buttons(full) == {}
    assert cards.TOO_LONG in str(cards.card(full, LATER).blocks)


def test_a_blast_radius_that_does_not_fit_cannot_be_answered_together() -> None:
    batch = a_batch(alike.asking(0), alike.asking(1))
    (one, other) = batch.questions
    (step,) = one.plan.steps
    radius = step.scope.blast_radius.model_copy(update={"notes": ("it is long, ",) * 40})
    scope = step.scope.model_copy(update={"blast_radius": radius})
    plan = one.plan.model_copy(update={"steps": (step.model_copy(update={"scope": scope}),)})

    assert buttons(batch) != {}
    assert buttons(Batch(batch.key, (one._replace(plan=plan), other))) == {}


@pytest.mark.parametrize("value", ["", "key", "key:", ":inc-a.1", "key:inc-a", "k:inc-a.1;inc-b.1"])
def test_what_is_no_value_of_ours_names_nothing(value: str) -> None:
    assert batching.named(value) == ("", ())
