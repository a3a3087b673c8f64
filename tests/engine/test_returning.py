"""What clears, or comes back, after it was healed or while it runs."""

from __future__ import annotations

from bot.core.lifecycle import State
from tests import builders
from tests.engine.houses import HEALTHY, House, later
from tests.engine.libraries import reverting


async def test_an_alert_that_comes_back_while_its_all_clear_is_awaited_takes_the_change_back(
    house: House,
) -> None:
    two = builders.an_alert(fingerprint="f2")
    await house.fire()
    await house.fire(two)
    await house.until(State.AWAITING_APPROVAL)
    await house.vote()
    await house.until(State.HEALED, within=60)
    await house.resolve()
    again = await house.fire(later(200))
    known = await house.until(State.ESCALATED, name="inc-a1")

    assert house.effects == ["pool=50", "undo pool=20"]
    assert known.closed is not None
    assert f"the alert came back and is now {again}" in known.closed.says
    assert house.of(again).opened.relapse_of == "inc-a1"


async def test_an_alert_that_comes_back_before_the_change_went_back_takes_it_back_at_once(
    house: House,
) -> None:
    house.library = reverting(after="30m")
    await house.healed()
    await house.resolve()
    await house.pass_(600)
    again = await house.fire(later(600))
    known = await house.until(State.ESCALATED, name="inc-a1")

    assert house.effects == ["pool=50", "undo pool=20"]
    assert known.closed is not None
    assert known.closed.says.startswith(
        f"it did not help: the alert came back and is now {again}; rolled back"
    )
    assert house.of(again).opened.relapse_of == "inc-a1"


async def test_an_alert_that_cleared_while_it_ran_resolves_it_when_it_is_healed(
    house: House,
) -> None:
    await house.asked()
    await house.vote()
    await house.until(State.VERIFYING)
    await house.resolve()

    assert (await house.until(State.RESOLVED, within=60)).id == "inc-a1"


async def test_an_alert_that_cleared_and_fires_again_while_it_runs_is_not_resolved(
    house: House,
) -> None:
    await house.asked()
    await house.vote()
    await house.until(State.VERIFYING)
    await house.resolve()
    await house.fire(later(200))
    await house.until(State.HEALED, within=60)
    await house.pass_(60)

    assert house.incident.state is State.HEALED


async def test_an_alert_that_cleared_long_before_it_was_kept_resolves_it(house: House) -> None:
    house.library = reverting(after="1h")
    name = await house.healed()
    await house.pass_(1300)
    await house.resolve()
    await house.pass_(100)
    await house.requests.keep(name, "U1")

    assert (await house.until(State.RESOLVED)).escalated is None


async def test_an_alert_that_never_clears_under_a_healed_target_is_a_persons_work(
    house: House,
) -> None:
    await house.healed()
    house.health.says(HEALTHY)

    assert (await house.until(State.ESCALATED, within=1201)).escalated is not None
