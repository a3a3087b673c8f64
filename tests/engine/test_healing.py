"""From the alert to the end of its incident, stage by stage."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.core.alert import Severity
from bot.core.errors import PermanentError
from bot.core.facts import StepEnding, Wish
from bot.core.lifecycle import State
from bot.store.verifying import verify
from tests import builders
from tests.engine.houses import HEALTHY, SICK, WAITING, House
from tests.engine.libraries import UNATTENDED


def said(house: House) -> str:
    closed = house.incident.closed
    return closed.says if closed else ""


async def test_an_approved_plan_heals_and_the_alert_resolves_it(house: House) -> None:
    await house.healed()
    await house.resolve()
    await house.until(State.RESOLVED)

    assert [entry.kind for entry in await house.entries()] == [
        "incident.opened", "runbook.chosen", "evidence.read", "plan.made", "approval.asked",
        "approval.voted", "approval.decided", "plan.rebuilt", "run.started", "step.claimed",
        "step.ended", "run.acted", "run.verified", "alert.joined", "mail.alert", "incident.closed",
    ]  # fmt: skip
    assert (house.effects, said(house)) == (
        ["pool=50"],
        "healed, verified, and the alert cleared",
    )


async def test_what_was_recorded_is_a_sound_chain(house: House) -> None:
    await house.healed()

    assert verify(house.path).sound


@pytest.mark.parametrize(
    ("severity", "state"), [(Severity.WARNING, State.HEALED), (Severity.CRITICAL, WAITING)]
)
async def test_what_runs_by_itself_is_asked_for_when_it_is_critical(
    house: House, severity: Severity, state: State
) -> None:
    strict = UNATTENDED.rulebook.model_copy(update={"ask_when_critical": True})
    house.library = replace(UNATTENDED, rulebook=strict)
    await house.fire(builders.an_alert(severity=severity))
    await house.pass_(30)

    assert house.incident.state is state


async def test_a_plan_that_policy_allows_runs_without_asking(house: House) -> None:
    house.library = UNATTENDED
    await house.fire()
    known = await house.until(State.HEALED, within=60)

    assert (known.asked, house.effects) == (None, ["pool=50"])


async def test_nothing_runs_while_people_are_asked(house: House) -> None:
    await house.asked()
    await house.pass_(299)

    assert (house.incident.state, house.effects) == (WAITING, [])


async def test_a_plan_that_policy_denies_is_handed_to_a_person(house: House) -> None:
    house.library = builders.a_library(builders.a_runbook(safe_when="health.status == 429"))
    await house.fire()
    known = await house.until(State.ESCALATED)

    assert said(house).startswith("policy says no: safe_when of raise-pool does not hold")
    assert known.escalated is not None
    assert (known.escalated.to, known.escalated.say) == ("oncall", "")


async def test_what_the_author_says_is_said_when_it_was_tried_and_did_not_help(
    house: House,
) -> None:
    house.pool.then = lambda: house.health.says(SICK)
    await house.asked()
    await house.vote()
    known = await house.until(State.ESCALATED, within=120)

    assert known.escalated is not None
    assert known.escalated.say == "Look at the database behind the shop first."


async def test_who_asked_for_what_may_not_be_is_told_and_nobody_else_is_woken(
    house: House,
) -> None:
    await house.orders.halt("U1", "the network is being moved")
    place = {"service": "shop", "environment": "production"}
    answer = await house.requests.wish(Wish(by="U2", runbook="raise-pool", given=place), "", "")
    known = await house.until(State.ESCALATED, name=answer.incident)

    assert known.escalated is not None
    assert known.escalated.to == "U2"
    assert house.effects == []


async def test_a_rejected_plan_keeps_its_reason_and_runs_nothing(house: House) -> None:
    await house.asked()
    answer = await house.vote(yes=False)
    await house.until(State.REJECTED)

    assert (answer.done, said(house), house.effects) == (
        True, "rejected: nothing was executed (not now)", [],
    )  # fmt: skip


async def test_a_question_expires_at_its_deadline(house: House) -> None:
    await house.asked()
    await house.pass_(300)

    assert (house.incident.state, house.effects) == (State.EXPIRED, [])


async def test_a_yes_just_before_the_deadline_counts(house: House) -> None:
    await house.asked()
    await house.pass_(299.999)
    answer = await house.vote()
    await house.until(State.HEALED, within=60)

    assert answer.done


@pytest.mark.parametrize("after", [300, 300.001])
async def test_a_yes_at_the_deadline_or_later_is_too_late(house: House, after: float) -> None:
    await house.asked()
    house.clock.advance(after)
    answer = await house.vote()
    await house.until(State.EXPIRED)

    assert (answer.done, house.effects) == (False, [])
    assert answer.text == "This request has expired; nothing was executed."


async def test_a_dry_run_shows_its_plan_and_does_nothing(house: House) -> None:
    answer = await house.requests.wish(
        Wish(
            by="U1",
            runbook="raise-pool",
            given={"service": "shop", "environment": "production"},
            dry_run=True,
        ),
        "",
        "",
    )
    known = await house.until(State.DRY_RUN)

    assert (answer.done, house.effects) == (True, [])
    assert known.plan is not None
    assert known.plan.steps[0].scope.says == "set pool to 50"


async def test_what_is_already_healthy_is_left_alone(house: House) -> None:
    house.health.says(HEALTHY)
    await house.fire()
    known = await house.until(State.ALREADY_HEALTHY)

    assert (known.asked, house.effects) == (None, [])
    assert known.planned is not None
    assert known.planned.readings[0].seen == HEALTHY


async def test_an_alert_without_a_runbook_goes_to_a_person_with_the_nearest_names(
    house: House,
) -> None:
    await house.fire(builders.an_alert(name="ServiceDwn"))
    await house.until(State.ESCALATED)

    assert "no runbook names alert 'ServiceDwn'; nearest: ServiceDown" in said(house)


async def test_a_parameter_that_does_not_fit_makes_no_plan_and_says_why(house: House) -> None:
    house.library = builders.a_library(
        builders.a_runbook(
            parameters={"to": {"type": "integer", "value": "${alert.labels.size}", "max": 80}},
            steps=[{"do": "fake.pool", "with": {"to": "${params.to}"}}],
        )
    )
    labels = {**builders.an_alert().labels, "size": "900"}
    await house.fire(builders.an_alert(labels=labels))
    known = await house.until(State.ESCALATED)

    assert known.planned is not None
    assert known.planned.refused == (
        "to: '900' does not fit: give an integer of at most 80",
    )  # fmt: skip


async def test_a_target_that_cannot_be_read_makes_no_plan(house: House) -> None:
    house.pool.scope_errors = [PermanentError("no such pool")]
    await house.fire()
    await house.until(State.ESCALATED)

    assert said(house) == "no plan could be made: step 1, fake.pool: no such pool"


async def test_a_probe_that_fails_is_shown_and_never_healthy(house: House) -> None:
    house.health.says(PermanentError("connection refused"))
    await house.asked()

    assert house.incident.evidence is not None
    assert house.incident.evidence.readings[0].error == "connection refused"


async def test_an_alert_that_clears_while_people_are_asked_withdraws_the_question(
    house: House,
) -> None:
    await house.asked()
    await house.resolve()
    await house.until(State.WITHDRAWN)
    late = await house.vote()

    assert (late.done, house.effects) == (False, [])
    assert "withdrawn" in late.text


async def test_an_alert_that_cleared_before_the_question_withdraws_it_too(house: House) -> None:
    house.clock.advance(1)
    await house.fire()
    await house.resolve()
    await house.until(State.WITHDRAWN)

    assert house.effects == []


async def test_a_healed_target_under_an_alert_that_goes_on_firing_wakes_a_person(
    house: House,
) -> None:
    await house.healed()
    await house.pass_(1200)

    assert house.incident.state is State.ESCALATED
    assert "the alert still fires 20 min later" in said(house)


async def test_a_wish_ends_with_its_own_proof(house: House) -> None:
    given = {"service": "shop", "environment": "production"}
    await house.requests.wish(Wish(by="U1", runbook="raise-pool", given=given), "", "")
    await house.until(WAITING)
    await house.vote("U2")
    known = await house.until(State.RESOLVED, within=60)

    assert (known.steps[0].ending, said(house)) == (StepEnding.DONE, "healed and verified")
