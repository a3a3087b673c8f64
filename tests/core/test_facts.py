"""Every kind of fact survives the ledger, and says by itself which move it is."""

from __future__ import annotations

import json
from typing import get_args

import pytest
from pydantic import ValidationError

from bot.core import facts
from bot.core.facts import StepEnding
from bot.core.lifecycle import Event
from tests import builders

KINDS = get_args(get_args(facts.AnyFact)[0])
SAMPLES = (
    builders.an_opening(),
    facts.Chosen(runbook="x", misses=(facts.Miss(runbook="y", reason="no"),)),
    facts.Planned(round=1, plan=builders.a_plan()),
    facts.Refused(door="alerts/zabbix", why="a wrong token"),
)


@pytest.mark.parametrize("fact", SAMPLES, ids=lambda fact: fact.kind)
def test_a_fact_comes_back_from_its_body_as_it_was(fact: facts.Fact) -> None:
    assert facts.read(fact.body) == fact


@pytest.mark.parametrize("fact", SAMPLES, ids=lambda fact: fact.kind)
def test_a_body_says_all_of_a_fact_in_the_order_in_which_it_is_declared(fact: facts.Fact) -> None:
    assert list(json.loads(fact.body).items()) == list(fact.model_dump(mode="json").items())
    assert fact.body == facts.written(fact)


def test_half_a_character_is_written_as_a_question_mark_and_read_so_at_once() -> None:
    fact = facts.Refused(door="alerts/zabbix", why="broken: \ud800")

    assert facts.read(facts.written(fact)) == facts.Refused(door="alerts/zabbix", why="broken: ?")


def test_every_kind_has_a_name_of_its_own() -> None:
    names = [kind.model_fields["kind"].default for kind in KINDS]

    assert len(set(names)) == len(names)
    assert all("." in name for name in names)


def test_a_kind_that_nobody_knows_is_refused() -> None:
    with pytest.raises(ValidationError, match="does not match any of the expected tags"):
        facts.read('{"kind":"model.decided"}')


def test_a_field_that_nobody_declared_is_refused() -> None:
    with pytest.raises(ValidationError):
        facts.read('{"kind":"runbook.chosen","approve":true}')


@pytest.mark.parametrize(
    ("fact", "move"),
    [
        (facts.Planned(round=1, plan=builders.a_plan()), Event.PLAN_MADE),
        (facts.Planned(round=1, plan=builders.a_plan(), healthy=True), None),
        (facts.Planned(round=1, refused=("no",)), None),
        (facts.Allowed(round=1, digest="d"), Event.POLICY_ALLOWED),
        (facts.Rebuilt(round=1, digest="d"), Event.APPROVAL_GIVEN),
        (facts.Rebuilt(round=1, digest="d", changes=("moved",)), Event.PLAN_MOVED),
        (facts.Acted(), Event.STEPS_DONE),
        (facts.Acted(failed="no"), Event.STEP_FAILED),
        (facts.Acted(failed="no", cancelled="stop"), Event.CANCELLED),
        (facts.Kept(by="U1"), None),
    ],
)
def test_a_fact_says_which_move_it_is(fact: facts.Fact, move: Event | None) -> None:
    assert fact.moves is move


@pytest.mark.parametrize(
    ("passed", "back", "move"),
    [
        (True, False, Event.VERIFIED),
        (False, False, Event.NOT_VERIFIED),
        (True, True, None),
        (False, True, None),
    ],
)
def test_only_the_proof_of_a_heal_is_a_move(passed: bool, back: bool, move: Event | None) -> None:
    proof = facts.Verified(passed=passed, why="", checks=1, held=0, seconds=0, back=back)

    assert proof.moves is move


@pytest.mark.parametrize(
    ("ending", "applied"),
    [
        (StepEnding.DONE, True),
        (StepEnding.FOUND_DONE, True),
        (StepEnding.UNKNOWN, True),
        (StepEnding.FAILED, True),
        (StepEnding.SKIPPED, False),
    ],
)
def test_what_may_be_out_there_counts_as_applied(ending: StepEnding, applied: bool) -> None:
    assert facts.Stepped(number=1, ending=ending, says="it says").applied is applied
