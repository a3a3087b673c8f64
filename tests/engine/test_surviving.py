"""
A house that dies after any entry goes on in its second life, and does nothing twice unknowing.

The first life is one whose ledger takes so many entries and then answers nothing any more; the
world that its plug-ins changed stays as it is. Then the file is opened again, people and senders
do again what was not answered, and the incident has to come to the same end.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.core import facts
from bot.core.errors import StoreUnavailable
from bot.core.facts import StepEnding
from bot.core.lifecycle import ENDS, State
from bot.core.transcript import Draft
from bot.durable.journal import Journal
from bot.store.verifying import verify
from tests import builders
from tests.engine.houses import WAITING, House
from tests.engine.libraries import POOL, WEIGHT, steps

# Many lives through the same code: to trace them as well would take as long again.
pytestmark = pytest.mark.no_cover

HEALED_ENTRIES = 18
FAILED_ENTRIES = 23
REVERTED_ENTRIES = 22
BROKEN_ENTRIES = 12


async def drive(house: House) -> None:
    """Everything that people and senders do; whoever gets no answer does it again."""
    known = house.cases.latest(builders.an_alert())
    if known is None or known.firing:
        await house.fire()
    await house.until(WAITING, State.HEALED, *ENDS, within=200)
    if house.incident.state is WAITING:
        await house.vote()
    await house.until(State.HEALED, *ENDS, within=200)
    if house.incident.state is State.HEALED:
        await house.resolve()
    await house.until(*ENDS, within=400)


async def live_and_die(house: House, entries: int) -> None:
    """One life of so many entries, then a second one to the end."""
    house.weight.effects = house.pool.effects
    await house.dies(drive, entries)


async def undisturbed(house: House) -> int:
    """How many entries a life without a death leaves."""
    await house.open()
    await drive(house)
    entries = await house.entries()
    await house.close()
    return len(entries)


def healing(path: Path) -> House:
    """Two steps that help."""
    return House(path, steps(WEIGHT, POOL))


def failing(path: Path) -> House:
    """Two steps that do not."""
    house = House(path, steps(WEIGHT, POOL))
    house.pool.then = lambda: None
    return house


def reverting(path: Path) -> House:
    """One step that helps, and goes back after five minutes."""
    return House(path, builders.a_library(builders.a_runbook(rollback={"after": "5m"})))


def broken(path: Path) -> House:
    """One step whose plug-in has a bug, once."""
    house = House(path)
    house.pool.errors = [ZeroDivisionError("a bug")]
    return house


def done(house: House) -> list[str]:
    return [effect for effect in house.effects if not effect.startswith("undo")]


@pytest.mark.parametrize(
    ("build", "entries"),
    [
        (healing, HEALED_ENTRIES),
        (failing, FAILED_ENTRIES),
        (reverting, REVERTED_ENTRIES),
        (broken, BROKEN_ENTRIES),
    ],
)
async def test_the_deaths_below_are_one_for_every_entry(
    path: Path, build: Callable[[Path], House], entries: int
) -> None:
    assert await undisturbed(build(path)) == entries


@pytest.mark.parametrize("entries", range(HEALED_ENTRIES + 1))
async def test_a_healed_run_survives_a_death_after_any_entry(path: Path, entries: int) -> None:
    house = healing(path)
    await live_and_die(house, entries)
    known, repeated = house.incident, await house.facts(facts.Stepped)
    asked = await house.facts(facts.Asked)
    await house.close()

    assert known.state is State.RESOLVED
    assert done(house) == ["weight=10", "pool=50"]
    assert {step.ending for step in repeated} <= {StepEnding.DONE, StepEnding.FOUND_DONE}
    assert [(one.request.expires_at - builders.START).total_seconds() for one in asked] == [300]
    assert verify(house.path).sound


@pytest.mark.parametrize("entries", range(FAILED_ENTRIES + 1))
async def test_a_run_that_did_not_help_survives_a_death_after_any_entry(
    path: Path, entries: int
) -> None:
    house = failing(path)
    await live_and_die(house, entries)
    known, ended = house.incident, await house.facts(facts.Stepped)
    await house.close()

    undone = [effect for effect in house.effects if effect.startswith("undo")]
    assert known.state is State.ESCALATED
    assert done(house) == ["weight=10", "pool=50"]
    assert list(dict.fromkeys(undone)) == ["undo pool=20", "undo weight=20"]
    assert len(undone) == 2 + sum(step.uncertain for step in ended if step.back)
    assert (house.pool.value, house.weight.value) == (20, 20)


@pytest.mark.parametrize("entries", range(REVERTED_ENTRIES + 1))
async def test_a_change_that_goes_back_survives_a_death_after_any_entry(
    path: Path, entries: int
) -> None:
    house = reverting(path)
    await live_and_die(house, entries)
    known, healed = house.incident, await house.facts(facts.Verified)
    await house.close()

    assert (known.state, done(house), house.pool.value) == (State.REVERTED, ["pool=50"], 20)
    assert [proof.passed for proof in healed] == [True, True]


@pytest.mark.parametrize("entries", range(BROKEN_ENTRIES + 1))
async def test_after_a_person_was_called_no_later_life_does_anything(
    path: Path, entries: int
) -> None:
    house = broken(path)
    await live_and_die(house, entries)
    called, ended = await house.facts(facts.Escalated), await house.facts(facts.Closed)
    await house.close()

    assert len(ended) == 1
    assert not (called and house.effects)


async def test_a_run_of_another_version_is_reported_and_never_replayed(house: House) -> None:
    name = await house.asked()
    opened = builders.an_opening(workflow="heal-0", alert=builders.an_alert(fingerprint="old"))
    draft = Draft(at=house.clock.now(), incident="inc-old", actor="heal", kind=opened.kind,
                  key="inc-old:opened", body=opened.body)  # fmt: skip
    await house.ledger.append(draft)
    await house.restart()
    await house.settle()
    old = house.of("inc-old")

    assert (old.state, house.of(name).state) == (State.ESCALATED, WAITING)
    assert old.closed is not None
    assert old.closed.says.startswith("it was begun by workflow heal-0")


async def test_a_ledger_that_is_away_for_a_moment_only_delays_the_incident(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    signal, errors = Journal.signal, [StoreUnavailable("disk full")]
    house.pool.gate = asyncio.Event()

    async def failing(self: Journal, *args: object, **kwargs: object) -> object:
        if errors:
            raise errors.pop()
        return await signal(self, *args, **kwargs)  # type: ignore[arg-type]

    await house.fire()
    await house.resolve()
    monkeypatch.setattr(Journal, "signal", failing)
    house.pool.gate.set()
    await house.until(State.WITHDRAWN, within=6)

    assert house.crashed == ["inc-a1: disk full"]


async def test_the_work_of_several_incidents_goes_on_after_a_restart(house: House) -> None:
    house.library = builders.a_library(
        services=tuple(builders.a_service(name=f"s{number}") for number in range(5))
    )
    await house.intake.take([
        builders.an_alert(
            fingerprint=f"f{number}", labels={"service": f"s{number}", "environment": "production"}
        )
        for number in range(5)
    ])  # fmt: skip
    await house.settle()
    await house.restart()
    await house.pass_(300)

    assert {one.state for one in house.cases.recent(9)} == {State.EXPIRED}
