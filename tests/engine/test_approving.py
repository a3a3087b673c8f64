"""A yes holds for exactly what was shown, and not for long."""

from __future__ import annotations

from dataclasses import fields

from bot.core import facts
from bot.core.errors import PermanentError
from bot.core.facts import Wish
from bot.core.library import Library
from bot.core.lifecycle import State
from bot.core.policy.one_service import Claimants
from tests import builders
from tests.engine.houses import HEALTHY, WAITING, House


class Asked(Library):
    """Remembers how often a plan was put before policy, which looks up who claims its targets."""

    times = 0

    @property
    def claiming(self) -> Claimants:
        vars(self)["times"] = self.times + 1  # nothing else of it ever changes
        return Claimants(())


async def test_from_the_click_to_the_run_a_plan_is_judged_twice_and_not_for_its_place_too(
    house: House,
) -> None:
    known = builders.a_library()
    house.library = asked = Asked(**{one.name: getattr(known, one.name) for one in fields(known)})
    await house.asked()
    before = asked.times
    await house.vote()
    await house.until(State.HEALED, within=60)

    assert asked.times - before == 2  # as it was built anew at the click, and as its run began


async def test_b07_a_plan_that_moved_at_the_click_is_asked_again_with_what_changed(
    house: House,
) -> None:
    await house.asked()
    house.pool.value = 30
    await house.vote()
    known = await house.until(WAITING)

    assert known.planned is not None
    assert known.planned.round == 2
    assert known.planned.moved == (
        "step 1 starts from another state: value 20 → 30",
    )  # fmt: skip
    assert house.effects == []


async def test_the_second_yes_is_for_the_plan_as_it_is_now(house: House) -> None:
    await house.asked()
    house.pool.value = 30
    await house.vote()
    await house.until(WAITING)
    await house.vote("U2", round_=2)
    await house.until(State.HEALED, within=60)

    assert house.effects == ["pool=50"]


async def test_b03_a_policy_that_changed_before_the_click_is_asked_again(house: House) -> None:
    await house.asked()
    house.library = builders.a_library(rulebook=builders.a_rulebook(concurrency=2))
    await house.vote()
    known = await house.until(WAITING)

    assert known.planned is not None
    assert known.planned.moved == ("policy changed",)


async def test_a_freeze_that_began_between_the_question_and_the_click_denies(
    house: House,
) -> None:
    freeze = {
        "name": "freeze", "starts": "2026-03-14T03:01:00Z", "ends": "2026-03-14T09:00:00Z",
    }  # fmt: skip
    house.library = builders.a_library(rulebook=builders.a_rulebook(freezes=[freeze]))
    await house.asked()
    await house.pass_(90)
    await house.vote()
    known = await house.until(State.ESCALATED)

    assert house.effects == []
    assert known.escalated is not None
    assert "freeze freezes shop in production" in known.escalated.why


async def test_what_got_well_before_the_click_is_left_alone(house: House) -> None:
    await house.asked()
    house.health.says(HEALTHY)
    await house.vote()
    await house.until(State.ALREADY_HEALTHY)

    assert house.effects == []


async def test_an_approval_that_grew_old_while_the_house_was_away_is_asked_again(
    house: House,
) -> None:
    name = await house.asked()
    decided = facts.Decided(at=house.clock.now(), ending="approved", by=("U1",))
    await house.journal.close(0)
    await house.journal.signal(name, "decision:1", decided.body, "U1", kind=decided.kind)
    await house.restart(away=301)
    known = await house.until(WAITING)

    assert known.planned is not None
    assert known.planned.moved == ("the approval was 5 min old when it could be used",)
    assert house.effects == []


async def test_an_approval_that_is_just_young_enough_is_used(house: House) -> None:
    name = await house.asked()
    decided = facts.Decided(at=house.clock.now(), ending="approved", by=("U1",))
    await house.journal.close(0)
    await house.journal.signal(name, "decision:1", decided.body, "U1", kind=decided.kind)
    await house.restart(away=300)
    await house.until(State.HEALED, within=60)

    assert house.effects == ["pool=50"]


async def test_a_runbook_that_vanished_before_the_click_leads_to_a_person(house: House) -> None:
    await house.asked()
    house.library = builders.a_library(builders.a_runbook(runbook="another"))
    await house.vote()
    known = await house.until(State.ESCALATED)

    assert known.closed is not None
    assert "the runbook 'raise-pool' is no longer there" in known.closed.says


async def test_the_deadline_does_not_move_across_a_restart(house: House) -> None:
    await house.asked()
    before = house.incident.asked
    await house.restart(away=200)
    await house.settle()

    assert (house.incident.state, house.incident.asked) == (WAITING, before)

    await house.pass_(100)

    assert house.incident.state is State.EXPIRED


async def test_a_risk_that_rose_before_the_click_is_shown_and_asked_again(house: House) -> None:
    first = await house.asked()
    place = {"service": "shop", "environment": "production"}
    await house.requests.wish(Wish(by="U1", runbook="raise-pool", given=place), "", "")
    await house.until(WAITING)
    house.pool.errors = [PermanentError("no")]
    await house.vote("U2")
    await house.until(State.ESCALATED)
    house.clock.advance(2)
    await house.requests.vote(first, 1, "U3", yes=True, why="")
    known = await house.until(WAITING, name=first)

    assert known.planned is not None
    assert known.planned.moved == ("the risk rose from low (5) to low (15)",)
