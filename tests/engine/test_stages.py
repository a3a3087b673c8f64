"""What the ledger says of a runbook's record, counted from real runs."""

from __future__ import annotations

from bot.core.facts import Wish
from bot.core.lifecycle import State
from bot.core.policy.promotion import Record, Rung
from bot.core.policy.sections import Stage
from tests import builders
from tests.engine.houses import SICK, House, later
from tests.engine.libraries import UNATTENDED

PLACE = {"service": "shop", "environment": "production"}


async def rung(house: House) -> Rung:
    (found,) = await house.requests.stages()
    return found


async def test_what_is_shown_is_counted_by_what_it_would_have_been(house: House) -> None:
    stages = builders.a_rulebook(stages={"default": "dry_run"}).stages
    rulebook = UNATTENDED.rulebook.model_copy(update={"stages": stages})
    house.library = builders.a_library(*UNATTENDED.runbooks, rulebook=rulebook)
    await house.fire()
    await house.until(State.DRY_RUN)
    house.library = builders.a_library(rulebook=builders.a_rulebook(stages={"default": "dry_run"}))
    await house.fire(later(3600))
    await house.until(State.DRY_RUN)
    await house.requests.wish(
        Wish(by="U1", runbook="raise-pool", given=PLACE, dry_run=True), "", ""
    )
    await house.until(State.DRY_RUN)
    found = await rung(house)

    assert found.stage is Stage.DRY_RUN
    assert found.record == Record(shown=2, would_allow=1, would_ask=1)


async def test_yeses_noes_runs_and_relapses_are_counted(house: House) -> None:
    first = await house.healed()
    await house.resolve()
    await house.until(State.RESOLVED)
    house.health.says(SICK)
    house.clock.advance(60)
    again = later(120)
    await house.fire(again)
    await house.until(State.AWAITING_APPROVAL)
    await house.vote(yes=False)
    await house.until(State.REJECTED)
    found = await rung(house)
    record = found.record

    assert house.of(first).state is State.NOT_FIXED
    assert (record.approved, record.rejected) == (1, 1)
    assert (record.attempted, record.verified, record.relapses) == (1, 1, 1)
    assert record.first_run == house.of(first).started_at


async def test_a_run_that_did_not_help_is_attempted_and_not_verified(house: House) -> None:
    house.pool.then = lambda: None
    await house.asked()
    await house.vote()
    await house.until(State.ESCALATED, within=300)
    record = (await rung(house)).record

    assert (record.attempted, record.verified) == (1, 0)


async def test_a_run_under_way_counts_when_it_has_ended(house: House) -> None:
    house.slow(house.pool)
    await house.asked()
    await house.vote()
    await house.until(State.RUNNING)
    record = (await rung(house)).record

    assert (record.approved, record.attempted) == (1, 0)


async def test_an_undo_is_no_run_of_its_runbook(house: House) -> None:
    name = await house.healed()
    await house.resolve()
    await house.until(State.RESOLVED)
    await house.requests.undo(name, "U1", "", "")
    await house.until(State.AWAITING_APPROVAL)
    await house.vote("U2")
    await house.until(State.RESOLVED, within=60)
    record = (await rung(house)).record

    assert (record.approved, record.attempted, record.verified) == (1, 1, 1)
