"""After a restore nothing is done again, and people hear what is unknown."""

from __future__ import annotations

from pathlib import Path

from bot.core import facts
from bot.core.lifecycle import State
from bot.core.transcript import Entry
from bot.store import copying, putting_back
from tests import builders
from tests.engine.houses import SICK, WAITING, House


class Keeper:
    """Backs the ledger up after each entry, as if every moment were the last before a disaster."""

    def __init__(self, house: House, folder: Path) -> None:
        self.made: list[Path] = []
        self._house = house
        self._folder = folder
        house.ledger.subscribe(self.take)

    def take(self, entry: Entry) -> None:
        folder = self._folder / f"{entry.seq}-{entry.kind}"
        copying.back_up(self._house.path, folder, self._house.clock.now())
        self.made.append(folder)


async def put_back(house: House, backup: Path) -> None:
    """Lose the disk, and begin again with this backup."""
    await house.close()
    for one in house.path.parent.glob(f"{house.path.name}*"):
        one.unlink()
    house.clock.advance(60)
    putting_back.put_back(backup, house.path, house.clock.now(), None)
    await house.open()
    await house.settle()


async def test_restored_at_any_moment_of_a_run_nothing_is_done_again(
    house: House, tmp_path: Path
) -> None:
    keeper = Keeper(house, tmp_path)
    name = await house.healed()
    await house.settle()
    done = list(house.effects)
    stood: set[State] = set()
    for backup in keeper.made:
        house.health.says(SICK)  # whatever looks now would find a reason to act
        await put_back(house, backup)
        await house.pass_(600)
        known = house.of(name)
        stood.add(known.state)

        assert house.effects == done, backup.name
        assert known.escalated is not None
        assert "what became of it is not known" in known.escalated.why, backup.name

    assert done == ["pool=50"]
    assert len(keeper.made) >= 12
    assert stood == {State.ESCALATED}


async def test_what_waited_for_approval_is_asked_anew_once_a_person_let_healing_go_on(
    house: House, tmp_path: Path
) -> None:
    name = await house.asked()
    copying.back_up(house.path, tmp_path / "kept", house.clock.now())
    await put_back(house, tmp_path / "kept")
    late = await house.vote()
    halted = await house.requests.again(name, "U1", "click-1")
    await house.orders.resume("U1", "I looked")
    again = await house.requests.again(name, "U1", "click-2")
    known = await house.until(WAITING)

    assert (late.done, halted.done, again.done) == (False, False, True)
    assert "`/heal resume` first" in halted.text
    assert (known.opened.again_for, house.effects) == (name, [])

    await house.vote()
    await house.until(State.HEALED, within=60)
    assert house.effects == ["pool=50"]


async def test_what_turned_out_well_meanwhile_is_not_done_again(
    house: House, tmp_path: Path
) -> None:
    name = await house.asked()
    copying.back_up(house.path, tmp_path / "kept", house.clock.now())
    await house.vote()
    await house.until(State.HEALED, within=60)
    await put_back(house, tmp_path / "kept")
    await house.orders.resume("U1", "I looked")
    await house.requests.again(name, "U1", "click-1")
    known = await house.until(State.ALREADY_HEALTHY)

    assert known.opened.again_for == name
    assert house.effects == ["pool=50"]


async def test_after_a_restore_nothing_begins_until_a_person_lets_it(
    house: House, tmp_path: Path
) -> None:
    copying.back_up(house.path, tmp_path / "kept", house.clock.now())
    await put_back(house, tmp_path / "kept")
    halted = house.cases.standing().halted
    await house.fire()
    known = await house.until(State.ESCALATED)

    assert isinstance(halted, facts.Halted)
    assert "was put back from the backup" in halted.why
    assert (halted.by, known.ran) == (putting_back.BY, False)

    await house.orders.resume("U1", "I looked")
    await house.resolve()
    await house.fire(builders.an_alert(starts_at=house.clock.now()))
    later = await house.until(WAITING)
    await house.restart()

    assert house.of(later.id).state is WAITING
