"""What was healed goes back when the house may act, and never over what came after it."""

from __future__ import annotations

from bot.core.errors import TemporaryError
from bot.core.facts import Wish
from bot.core.lifecycle import State
from bot.core.values import Facts
from tests import builders
from tests.engine.houses import WAITING, House, later
from tests.engine.libraries import reverting
from tests.fakes import FakeProbe

PLACE = {"service": "shop", "environment": "production"}


async def waits(house: House) -> str:
    """Healed and cleared; the change goes back after five minutes."""
    house.library = reverting(after="5m")
    name = await house.healed()
    await house.resolve()
    return name


async def wish(house: House) -> str:
    """A run of its own on the same target, as far as the question."""
    house.health.says({"status": 503})
    asked = Wish(by="U1", runbook="raise-pool", given=PLACE)
    name = (await house.requests.wish(asked, "", "")).incident
    await house.until(WAITING, name=name)
    return name


async def test_while_the_house_is_stopped_nothing_goes_back(house: House) -> None:
    await waits(house)
    await house.orders.halt("U1", "storm")
    await house.pass_(900)

    assert house.effects == ["pool=50"]

    await house.orders.resume("U1", "over")
    await house.until(State.REVERTED, within=6)

    assert house.effects == ["pool=50", "undo pool=20"]


async def test_a_change_goes_back_only_after_another_run_has_left_its_target(
    house: House,
) -> None:
    first = await waits(house)
    await house.pass_(290)
    second = await wish(house)
    house.slow(house.pool, 20)
    await house.requests.vote(second, 0, "U2", yes=True, why="")
    await house.until(State.RUNNING, name=second)
    await house.pass_(15)

    assert (house.of(second).state, house.of(first).state) == (State.RUNNING, State.HEALED)
    assert house.effects == ["pool=50"]


async def test_what_another_run_changed_since_is_never_overwritten(house: House) -> None:
    first = await waits(house)
    second = await wish(house)
    await house.requests.vote(second, 0, "U2", yes=True, why="")
    await house.until(State.HEALED, State.RESOLVED, name=second, within=60)
    known = await house.until(State.ESCALATED, name=first, within=310)

    assert house.effects == ["pool=50", "pool=50"]
    assert known.closed is not None
    assert known.closed.says == (
        f"its time is up and nobody kept it, but {second} changed the same target since: "
        "nothing was put back"
    )


async def test_a_change_that_goes_back_under_an_alert_that_fires_calls_a_person(
    house: House,
) -> None:
    house.library = reverting(after="5m")
    await house.healed()
    known = await house.until(State.ESCALATED, within=301)

    assert house.effects == ["pool=50", "undo pool=20"]
    assert known.closed is not None
    assert known.closed.says.endswith("but its alert still fires")


async def test_new_trouble_while_a_change_waits_to_go_back_is_an_incident_of_its_own(
    house: House,
) -> None:
    first = await waits(house)
    house.health.says({"status": 503})
    second = await house.fire(builders.an_alert(fingerprint="f2"))
    await house.until(WAITING, name=second)

    assert second != first


async def test_an_alert_is_told_to_the_incident_that_holds_it(house: House) -> None:
    house.library = reverting(after="5m")
    first = await house.healed()
    await house.fire(builders.an_alert(fingerprint="f2"))
    await house.resolve()

    assert house.of(first).firing == ()

    house.health.says({"status": 503})
    again = await house.fire(later(200))
    await house.until(State.ESCALATED, name=first)

    assert house.of(again).opened.relapse_of == first


async def test_a_probe_that_breaks_once_does_not_end_the_watch_for_recovery(
    house: House,
) -> None:
    class Broken(FakeProbe):
        async def read(self, params: object) -> Facts:
            seen = await super().read(params)
            if self.reads == 1:
                raise ZeroDivisionError("a bug")
            return seen

    house.plugins.probes["fake.upstream"] = Broken({"status": 200})
    house.library = reverting(
        on_recovery="upstream.status == 200",
        hold="0s",
        probes=[{"probe": "fake.upstream", "as": "upstream"}],
    )
    await house.healed()
    await house.resolve()
    await house.until(State.REVERTED, within=21)

    assert house.effects == ["pool=50", "undo pool=20"]


async def test_while_a_change_goes_back_no_other_run_touches_its_target(house: House) -> None:
    house.pool.undo_errors = [TemporaryError("busy", retry_after=30)]
    first = await waits(house)
    await house.pass_(290)
    second = await wish(house)
    await house.until(State.REVERTING, within=15, name=first)
    await house.requests.vote(second, 0, "U2", yes=True, why="")
    known = await house.until(State.ESCALATED, name=second)

    assert known.closed is not None
    assert f"{first} is working on pool of shop" in known.closed.says
    assert house.of(first).state is State.REVERTING
    assert house.effects == ["pool=50"]
