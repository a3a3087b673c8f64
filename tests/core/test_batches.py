"""What may be answered together: never two different kinds, and nothing that is not harmless."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core import batches, facts
from bot.core.approval import Ending
from bot.core.batches import Question
from bot.core.circle import Demand
from bot.core.permit import Use
from bot.core.plan import WayBack
from bot.core.risk import Level
from tests import builders
from tests.builders import START
from tests.core import alike

USE = Use(id="p-7f3k2m", runs=3, left=2, until=START + timedelta(hours=1))
DIFFERENT: dict[str, dict[str, Any]] = {
    "another runbook": {"planned": {"runbook": "scale-out"}},
    "a changed runbook": {"planned": {"runbook_digest": "c" * 64}},
    "a changed policy": {"planned": {"policy_digest": "c" * 64}},
    "another environment": {"planned": {"environment": "staging"}},
    "another action": {"planned": {"steps": (builders.a_step(action="host.kill"),)}},
    "one more step": {"planned": {"steps": (builders.a_step(), builders.a_step(2))}},
    "another amount": {"size": 80},
    "another way back": {"planned": {"way_back": WayBack(after=1800)}},
    "another cost": {"planned": {"cost": "12 €"}},
    "another risk": {"level": Level.LOW},
    "other groups": {"groups": ("payments",)},
    "other people": {"people": ("U0BEN",)},
    "another schedule": {"schedules": ("rota:shop",)},
    "another quorum": {"quorum": 2},
    "a demand": {"demands": (Demand(name="payments", groups=("payments",)),)},
    "somebody excluded": {"excluded": ("U0OLIVIA",)},
    "another channel": {"opened": {"channel": "C0OTHER"}},
}
ALONE: dict[str, dict[str, Any]] = {
    "a high risk": {"level": Level.HIGH},
    "break-glass": {"override": ("freeze",)},
    "a later round": {"round": 2},
    "an undo": {"planned": {"undoes": "inc-9zzzzz"}},
    "no known service": {"planned": {"service": ""}},
    "nobody who could approve": {"hopeless": "nobody is there"},
}


def questions(*given: Any) -> list[Question]:
    return [found for one in given if (found := batches.question(one)) is not None]


def members(known: list[Question]) -> list[tuple[str, ...]]:
    return [tuple(one.incident for one in batch.questions) for batch in batches.batched(known)]


def test_what_differs_only_by_its_service_and_target_is_one_kind() -> None:
    known = questions(*(alike.asking(number) for number in range(5)))

    assert members(known) == [alike.NAMES]
    assert batches.of_one_kind(known)
    assert batches.away(known) == "5 of 15 (process)"


@pytest.mark.parametrize("name", DIFFERENT)
def test_what_differs_in_anything_else_is_apart(name: str) -> None:
    known = questions(alike.asking(0), alike.asking(1), alike.asking(2, **DIFFERENT[name]))

    assert len(known) == 3
    assert members(known) == [alike.NAMES[:2]]
    assert not batches.of_one_kind(known)


@pytest.mark.parametrize("name", ALONE)
def test_what_people_decide_by_itself_is_in_no_batch(name: str) -> None:
    assert batches.question(alike.asking(0)) is not None
    assert batches.question(alike.asking(0, **ALONE[name])) is None


def test_what_was_answered_in_advance_is_in_no_batch() -> None:
    assert batches.question(alike.asking(0, alike.decided(permit=USE))) is None


def test_a_target_that_the_alert_named_is_not_a_difference() -> None:
    step = alike.plan(alike.NAMES[1], "web").steps[0]
    target = step.scope.blast_radius.targets[0].model_copy(update={"key": "k8s:a/pod:web-7d9f"})
    radius = step.scope.blast_radius.model_copy(update={"targets": (target,)})
    scope = step.scope.model_copy(update={"blast_radius": radius})
    pod = step.model_copy(update={"scope": scope, "params": {**step.params, "unit": "web-7d9f"}})

    both = questions(alike.asking(0), alike.asking(1, planned={"steps": (pod,)}))

    assert batches.of_one_kind(both)


def test_a_word_of_the_service_inside_another_word_is_not_its_name() -> None:
    longer = [{"params": {"unit": f"{name}hook", "size": 50}} for name in alike.SERVICES[:2]]

    known = questions(*(alike.asking(n, planned=one) for n, one in enumerate(longer)))

    assert not batches.of_one_kind(known)


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_the_order_of_telling_means_nothing(order: tuple[int, ...]) -> None:
    known = questions(*(alike.asking(number) for number in order))

    assert members(known) == [alike.NAMES[:3]]


def test_what_was_asked_when_the_others_were_over_begins_another_batch() -> None:
    late = START + timedelta(minutes=30)
    early = [alike.asking(n, alike.decided()) for n in (0, 1)]

    known = questions(*early, alike.asking(2, at=late), alike.asking(3, at=late))

    assert members(known) == [alike.NAMES[:2], alike.NAMES[2:4]]


def test_a_batch_keeps_its_key_while_its_questions_close() -> None:
    before = questions(*(alike.asking(n) for n in range(3)))
    after = questions(alike.asking(0, alike.decided()), alike.asking(1), alike.asking(2))

    (was,), (now_,) = batches.batched(before), batches.batched(after)

    assert was.key == now_.key
    assert [one.incident for one in now_.open(START)] == [*alike.NAMES[1:3]]


def test_how_it_ended_and_by_whom_is_known() -> None:
    ended = questions(
        alike.asking(0, alike.decided(Ending.REJECTED)),
        alike.asking(1, facts.Edited(round=1, by="U0BEN", given={}, changes=())),
    )

    assert [(one.ending, one.by) for one in ended] == [
        ("rejected", ("U0ANA",)), ("changed", ("U0BEN",)),
    ]  # fmt: skip
    assert not any(one.open(START) for one in ended)


def test_what_has_expired_is_not_open() -> None:
    (one,) = questions(alike.asking(0))

    assert one.open(one.request.expires_at - timedelta(seconds=1))
    assert not one.open(one.request.expires_at)


@st.composite
def some(draw: st.DrawFn) -> list[Question]:
    """Many questions of few kinds, open now and then."""
    (one,) = questions(alike.asking(0))
    return [
        one._replace(
            incident=f"inc-{number}",
            kind=draw(st.sampled_from("abc")) * 64,
            asked_at=(asked := START + timedelta(seconds=draw(st.integers(0, 90)))),
            ended_at=draw(st.none() | st.just(asked + timedelta(seconds=draw(st.integers(0, 20))))),
        )
        for number in range(draw(st.integers(0, 60)))
    ]


@given(some(), st.randoms(use_true_random=False))
def test_no_batch_holds_two_kinds_and_nobody_is_in_two(known: list[Question], chance: Any) -> None:
    found = batches.batched(known)
    shuffled = list(known)
    chance.shuffle(shuffled)
    every = [one.incident for batch in found for one in batch.questions]

    assert sorted(batches.batched(shuffled)) == sorted(found)
    assert len(set(every)) == len(every)
    assert len({batch.key for batch in found}) == len(found)
    for batch in found:
        assert batches.of_one_kind(batch.questions)
        assert 2 <= len(batch.questions) <= batches.MOST
