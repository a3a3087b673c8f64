"""Whatever goes wrong unforeseen ends with a person, and the house lives on."""

from __future__ import annotations

import pytest

from bot.core import facts
from bot.core.lifecycle import Event, State
from bot.core.transcript import Draft
from bot.core.values import Facts
from tests import builders
from tests.engine.houses import WAITING, House
from tests.engine.libraries import POOL, WEIGHT, steps
from tests.fakes import FakeProbe


class BrokenProbe(FakeProbe):
    """Has a bug of its own."""

    async def read(self, params: object) -> Facts:
        raise ZeroDivisionError("token=abcdefgh was divided by zero")


async def test_a_bug_in_a_plug_in_calls_a_person_and_ends_the_incident(house: House) -> None:
    house.plugins.probes["fake.health"] = BrokenProbe()
    await house.fire()
    known = await house.until(State.ESCALATED)

    assert known.escalated is not None
    assert known.escalated.why == (
        "Heal itself failed: ZeroDivisionError: token=••• was divided by zero"
    )


async def test_after_a_bug_in_one_incident_the_house_lives_on(house: House) -> None:
    house.pool.errors = [ZeroDivisionError("a bug")]
    await house.asked()
    await house.vote()
    await house.until(State.ESCALATED)
    await house.resolve()
    house.clock.advance(2)
    await house.fire(builders.an_alert(fingerprint="f2"))
    await house.until(WAITING)

    assert len(house.cases.recent(9)) == 2


async def test_an_exception_in_the_middle_of_a_run_never_ends_as_a_success(house: House) -> None:
    house.pool.errors = [ZeroDivisionError("a bug")]
    await house.asked()
    await house.vote()
    known = await house.until(State.ESCALATED)

    assert known.closed is not None
    assert known.closed.event is Event.GAVE_UP


async def test_who_is_called_for_a_bug_is_told_what_was_changed_by_then(house: House) -> None:
    house.library = steps(WEIGHT, POOL)
    house.pool.errors = [ZeroDivisionError("a bug")]
    await house.asked()
    await house.vote()
    known = await house.until(State.ESCALATED)

    assert known.escalated is not None
    assert known.escalated.why.endswith(
        "; left as it is: step 1 (set weight to 10): done, "
        "step 2 (set pool to 50): begun, its end is unknown"
    )


async def test_an_incident_that_another_version_wrote_to_is_ended_and_not_replayed(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    name = await house.asked()
    body = facts.Chosen(runbook="x").body.replace("misses", "something_new")
    draft = Draft(at=house.clock.now(), incident=name, actor="heal", kind="runbook.chosen",
                  key=f"{name}:new", body=body)  # fmt: skip
    await house.ledger.append(draft)
    await house.restart()
    await house.settle()

    assert house.crashed == []
    assert facts.Closed.model_validate_json((await house.entries())[-1].body).event is Event.GAVE_UP
    assert "holds unknown entries" in caplog.text


async def test_a_file_that_cannot_be_written_stops_everything_until_it_can(house: House) -> None:
    await house.asked()
    moved = house.path.rename(house.path.with_name("moved.db"))
    house.clock.advance(301)
    await house.turn()
    moved.rename(house.path)
    await house.until(State.EXPIRED, within=60)

    assert house.effects == []
