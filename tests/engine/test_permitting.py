"""A yes in advance: who gives it, what it stands for, and everything that ends it."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from bot.core import facts
from bot.core.blast_radius import Target
from bot.core.library import Library
from bot.core.lifecycle import State
from bot.core.plan import Reversibility, Scope
from bot.engine import recording
from bot.ports import Allowance
from tests import builders
from tests.engine.houses import WAITING, House
from tests.fakes import FakeAction

HOUR = timedelta(hours=1)
RAISE = Allowance("raise-pool", "shop", "", HOUR, 2, "the release shakes the pool tonight")
OPEN = {"ask_when_critical": False}


def library(**changes: Any) -> Library:
    """A house whose windows do not get in the way of many runs."""
    rules = builders.a_rulebook(concurrency=1000, **changes)
    safety = {"cool_down": "1s", "attempts": [{"limit": 100, "within": "1h"}]}
    return builders.a_library(builders.a_runbook(safety=safety), rulebook=rules)


class Restless(FakeAction):
    """Starts from another state whenever it is looked at."""

    async def scope(self, params: Any) -> Scope:
        self.value += 1
        return await super().scope(params)


class Wide(FakeAction):
    """Each value has a target of its own, so that many may run at once."""

    async def scope(self, params: Any) -> Scope:
        scope = await super().scope(params)
        target = Target(key=f"fake:shop/{params.to}", name=f"slot {params.to}")
        radius = scope.blast_radius.model_copy(update={"targets": (target,)})
        still = {"pre_state": {"value": 0}, "undo_says": "set it back"}
        return scope.model_copy(update={"blast_radius": radius, **still})


async def asked(house: House, wish: Allowance = RAISE, who: str = "U1") -> str:
    """Ask for it; the permit's id."""
    answer = await house.permits.allow(wish, who, "")
    assert answer.done, answer.text
    return house.cases.standing().permits[-1].id


async def granted(house: House, wish: Allowance = RAISE) -> str:
    name = await asked(house, wish)
    answer = await house.permits.decide(name, "U2", yes=True, why="")
    assert answer.done, answer.text
    return name


async def test_what_was_allowed_in_advance_runs_without_asking_and_says_by_whose_yes(
    house: House,
) -> None:
    name = await granted(house)
    await house.fire()
    known = await house.until(State.HEALED, within=60)

    assert known.decided is not None
    assert known.decided.by == ("U2",)
    assert known.decided.permit is not None
    assert (known.decided.permit.id, known.decided.permit.left) == (name, 1)
    assert known.started is not None
    assert known.started.permit == name
    assert known.votes == ()


async def test_before_anybody_said_yes_it_allows_nothing(house: House) -> None:
    await asked(house)
    await house.fire()

    assert (await house.until(WAITING)).decided is None


async def test_who_asks_for_it_may_not_grant_it(house: House) -> None:
    name = await asked(house)
    answer = await house.permits.decide(name, "U1", yes=True, why="")

    assert answer.text == "You asked for this yourself, so somebody else must approve it."
    assert [fact.who for fact in await house.facts(facts.PermitBarred)] == ["U1"]
    assert house.cases.standing().permits[0].until is None


async def test_a_stranger_may_neither_ask_for_it_nor_decide_it_nor_revoke_it(house: House) -> None:
    refused = await house.permits.allow(RAISE, "U7", "")
    name = await granted(house)
    voted = await house.permits.decide(name, "U7", yes=False, why="no")
    revoked = await house.permits.revoke(name, "U7", "no")

    assert [one.done for one in (refused, voted, revoked)] == [False, False, False]
    assert house.cases.standing().permits[0].over == ""


async def test_a_quorum_of_two_is_two_different_people_for_a_permit_too(house: House) -> None:
    house.library = library(approvers={"high": {"groups": ["oncall"], "quorum": 2}})
    name = await asked(house)
    first = await house.permits.decide(name, "U2", yes=True, why="")
    again = await house.permits.decide(name, "U2", yes=True, why="")
    assert house.cases.standing().permits[0].until is None
    await house.permits.decide(name, "U3", yes=True, why="")
    await house.fire()
    known = await house.until(State.HEALED, within=60)

    assert (first.text, again.done) == ("1 of 2 have approved.", False)
    assert known.decided is not None
    assert known.decided.by == ("U2", "U3")


async def test_one_yes_in_advance_is_not_enough_for_a_plan_that_needs_two(house: House) -> None:
    low = {"groups": ["oncall"], "quorum": 2}
    house.library = library(approvers={"low": low, "high": {"groups": ["oncall"]}})
    await granted(house)
    await house.fire()

    assert (await house.until(WAITING)).decided is None


async def test_who_granted_it_does_not_say_yes_to_their_own_wish_by_it(house: House) -> None:
    await granted(house)
    given = {"service": "shop", "environment": "production"}
    await house.requests.wish(facts.Wish(by="U2", runbook="raise-pool", given=given), "", "")
    await house.until(WAITING)
    await house.requests.cancel(house.incident.id, "U2", "")
    await house.until(State.CANCELLED)
    await house.requests.wish(facts.Wish(by="U3", runbook="raise-pool", given=given), "", "")
    known = await house.until(State.RESOLVED, State.HEALED, within=60)

    assert known.decided is not None
    assert known.decided.by == ("U2",)


async def again(house: House, number: int) -> str:
    """Another trouble of the same service, after the last one was taken care of."""
    house.health.says({"status": 503})
    house.pool.value = 20
    house.clock.advance(1500)  # longer ago than what counts as a relapse
    alert = builders.an_alert(fingerprint=f"g{number}", starts_at=house.clock.now())
    return await house.fire(alert)


async def healed(house: House, number: int) -> None:
    await again(house, number)
    await house.until(State.HEALED, within=60)
    alert = builders.an_alert(fingerprint=f"g{number}", starts_at=house.clock.now())
    await house.resolve(alert)
    await house.until(State.RESOLVED, within=60)


async def test_its_runs_are_counted_and_after_the_last_one_people_are_asked(house: House) -> None:
    house.library = library(**OPEN)
    name = await granted(house, RAISE._replace(lasts=8 * HOUR))
    for number in (1, 2):
        await healed(house, number)
    await again(house, 3)
    await house.until(WAITING)

    assert house.cases.runs.by_permit(name) == 2


async def test_its_count_survives_a_restart(house: House) -> None:
    house.library = library(**OPEN)
    name = await granted(house, RAISE._replace(lasts=8 * HOUR))
    await healed(house, 1)
    await house.restart()
    assert house.cases.runs.by_permit(name) == 1
    await healed(house, 2)
    await house.restart()
    await again(house, 3)

    assert (await house.until(WAITING)).decided is None


async def test_it_ends_when_its_time_is_over(house: House) -> None:
    await granted(house)
    await house.pass_(HOUR.total_seconds())
    await house.fire()

    assert (await house.until(WAITING)).decided is None


async def test_a_moment_before_its_end_it_still_holds(house: House) -> None:
    await granted(house)
    await house.pass_(HOUR.total_seconds() - 1)
    await house.fire()
    await house.until(State.HEALED, within=60)


async def test_it_ends_when_it_is_revoked(house: House) -> None:
    name = await granted(house)
    answer = await house.permits.revoke(name, "U3", "the release is over")
    await house.fire()
    await house.until(WAITING)
    late = await house.permits.revoke(name, "U3", "again")

    assert answer.done
    assert (late.done, late.text) == (
        False, f"{name} holds no more: revoked by U3: the release is over.",
    )  # fmt: skip


async def test_the_kill_switch_ends_it_for_good(house: House) -> None:
    name = await granted(house)
    await house.orders.halt("U1", "storm")
    await house.orders.resume("U1", "calm again")
    await house.fire()
    await house.until(WAITING)

    assert house.cases.standing().permits[0].over == "all healing was halted by U1"
    assert not (await house.permits.decide(name, "U3", yes=True, why="")).done


@pytest.mark.parametrize(
    "changed",
    [
        builders.a_library(builders.a_runbook(description="It now does something else as well.")),
        builders.a_library(rulebook=builders.a_rulebook(concurrency=2)),
    ],
    ids=["runbook", "policy"],
)
async def test_what_was_changed_since_is_not_what_was_allowed(
    house: House, changed: Library
) -> None:
    before = house.library
    await granted(house)
    house.library = changed
    await house.fire()

    assert (await house.until(WAITING)).decided is None
    assert "changed since it was asked for" in house.cases.standing().permits[0].over

    house.library = before
    await house.requests.cancel(house.incident.id, "U2", "")
    await again(house, 1)

    assert (await house.until(WAITING)).decided is None


async def test_what_changed_while_people_were_asked_is_not_granted(house: House) -> None:
    name = await asked(house)
    house.library = builders.a_library(rulebook=builders.a_rulebook(concurrency=2))
    answer = await house.permits.decide(name, "U2", yes=True, why="")

    assert not answer.done
    assert "the policy changed" in answer.text
    assert house.cases.standing().permits[0].until is None


async def test_a_denial_is_never_answered_by_it(house: House) -> None:
    freeze = {
        "name": "freeze", "starts": "2026-03-14T03:01:00Z", "ends": "2026-03-14T09:00:00Z",
    }  # fmt: skip
    house.library = library(freezes=[freeze])
    await granted(house)
    await house.pass_(90)
    await house.fire()
    await house.until(State.ESCALATED)

    assert house.effects == []


async def test_what_cannot_be_taken_back_is_asked_for_all_the_same(house: House) -> None:
    house.pool.kind = Reversibility.IRREVERSIBLE
    await granted(house)
    await house.fire()

    assert (await house.until(WAITING)).decided is None


async def test_more_risk_than_the_policy_lets_it_answer_is_asked_for(house: House) -> None:
    house.pool.down = 4
    house.library = library(
        permits={"up_to_risk": "low", "answers": ["unattended", "production", "risk level",
                                                  "critical", "blast cap"]}
    )  # fmt: skip
    await granted(house)
    await house.fire()

    assert (await house.until(WAITING)).decided is None


async def test_the_policy_may_let_it_answer_for_what_cannot_be_taken_back(house: House) -> None:
    house.pool.kind = Reversibility.IRREVERSIBLE
    answers = ["unattended", "production", "risk level", "critical", "irreversible"]
    house.library = library(permits={"up_to_risk": "high", "answers": answers})
    await granted(house)
    await house.fire()

    assert (await house.until(State.HEALED, within=60)).decided is not None


async def test_a_plan_that_moved_is_shown_to_people_in_spite_of_it(house: House) -> None:
    await granted(house)
    house.pool = Restless("pool", then=house.get_well)
    house.plugins.actions["fake.pool"] = house.pool
    await house.fire()
    known = await house.until(WAITING, State.HEALED, within=60)

    assert (known.state, house.effects) == (WAITING, [])
    assert known.planned is not None
    assert known.planned.round == 2
    assert house.cases.runs.by_permit(house.cases.standing().permits[0].id) == 0


async def test_a_question_that_was_open_before_it_was_granted_stays_open(house: House) -> None:
    name = await house.asked()
    house.clock.advance(1)
    await granted(house)
    await house.restart()
    await house.settle()

    assert house.of(name).state is WAITING
    assert house.of(name).decided is None


async def test_it_is_bounded_by_the_policy(house: House) -> None:
    long = RAISE._replace(lasts=timedelta(hours=9))
    many = RAISE._replace(runs=6)
    told = [(await house.permits.allow(one, "U1", "")).text for one in (long, many)]

    assert told == [
        "The policy lets a pre-approval last 8 h at most. Nothing was asked for.",
        "The policy lets a pre-approval be for 5 runs at most. Nothing was asked for.",
    ]


@pytest.mark.parametrize(
    ("wish", "says"),
    [
        (RAISE._replace(runbook="rase-pool"), "raise-pool"),
        (RAISE._replace(service="till"), "Say which environment till is meant in"),
        (RAISE._replace(environment="staging"), "in one of production"),
    ],
)
async def test_what_nobody_can_mean_is_not_asked_for(
    house: House, wish: Allowance, says: str
) -> None:
    answer = await house.permits.allow(wish, "U1", "")

    assert not answer.done
    assert says in answer.text
    assert house.cases.standing().permits == ()


async def test_two_do_not_stand_for_the_same(house: House) -> None:
    name = await granted(house)
    answer = await house.permits.allow(RAISE, "U1", "")

    assert answer.text.startswith(f"{name} stands for that already: revoke it first.")


async def test_a_question_nobody_answered_in_time_is_over(house: House) -> None:
    name = await asked(house)
    house.clock.advance(1800)
    answer = await house.permits.decide(name, "U2", yes=True, why="")

    assert answer.text == f"{name} was decided already: nobody decided in time."


async def test_a_vote_whose_decision_was_lost_in_a_crash_is_counted_after_it(house: House) -> None:
    name = await asked(house)
    vote = facts.PermitVoted(permit=name, vote={"who": "U2", "yes": True})
    await recording.record(house.world, "", f"permit:{name}:vote:U2:yes", vote, "U2")
    await house.restart()

    assert house.cases.standing().permits[0].granted_by == ("U2",)


async def test_fifty_plans_at_once_begin_no_more_runs_than_were_allowed(house: House) -> None:
    size = {"type": "integer", "min": 1, "max": 500}
    book = builders.a_runbook(
        parameters={"size": size},
        steps=[{"do": "fake.pool", "with": {"to": "${params.size}"}}],
        safety={"cool_down": "1s", "attempts": [{"limit": 100, "within": "1h"}]},
    )
    house.library = builders.a_library(book, rulebook=builders.a_rulebook(concurrency=1000, **OPEN))
    house.plugins.actions["fake.pool"] = Wide("pool")
    name = await granted(house, RAISE._replace(runs=3))
    place = {"service": "shop", "environment": "production"}
    wishes = [
        facts.Wish(by="U3", runbook="raise-pool", given={**place, "size": str(100 + n)})
        for n in range(50)
    ]
    await asyncio.gather(*(house.requests.wish(wish, "", "") for wish in wishes))
    await house.settle()
    decided = [fact.permit for fact in await house.facts(facts.Decided) if fact.permit]
    began = [one for one in await house.facts(facts.Started) if one.permit == name]

    assert [one.left for one in decided] == [2, 1, 0]
    assert [one.refused for one in began] == [(), (), ()]
    assert sum(one.state is WAITING for one in house.cases.open()) == 47
