"""A real disk that fills up, from the alert to the proof, by the shipped runbooks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from bot.catalog import shelving
from bot.catalog.runbooks import load_runbooks
from bot.core.detector import Detector
from bot.core.incident import Incident
from bot.core.lifecycle import State
from bot.core.telling.document import transcript
from bot.plugins import Toolbox
from tests import builders
from tests.clients import disks, rigs
from tests.clients.disks import write
from tests.engine.houses import WAITING, House

SHIPPED = Path(__file__).parents[2] / "runbooks"
SIZE = 8_192_000
USAGE = "echo 'Archived and active journals take up 8.0M in the file system.'"


@pytest.fixture
async def disk(tmp_path: Path) -> AsyncIterator[Path]:
    with disks.tmpfs(tmp_path / "disk", SIZE) as mounted:
        yield mounted


@asynccontextmanager
async def a_house(disk: Path, runbook: str) -> AsyncIterator[House]:
    """The engine with the real plug-ins; `/tmp` of the runbook is a folder of the disk."""
    root = disk.parent
    written = (SHIPPED / f"{runbook}.yaml").read_text(encoding="utf-8")
    for folder in ("/var/tmp", "/tmp"):
        written = written.replace(f"under: {folder},", f"under: {disk}/cache,")
    (root / "books").mkdir()
    (root / "books" / f"{runbook}.yaml").write_text(written, encoding="utf-8")
    settings = {
        "cleanable": f"{disk}/cache",
        "logs": f"{disk}/log",
        "journalctl": disks.tool(root, "journalctl", USAGE),
        "package_cleaner": f"{disks.tool(root, 'apt-get')} clean",
        "name": "web-1",
    }
    facts = {
        "watched": True,
        "disk_host": "local",
        "disk_path": str(disk),
        "log_path": f"{disk}/log",
    }
    async with rigs.rig() as rig:
        tools = Toolbox(replace(rig, clock=disks.Later()), lambda _: settings)
        books = load_runbooks(root / "books", shelving.known_names(tools))
        house = House(root / "heal.db")
        house.library = builders.a_library(*books, services=(builders.a_service(facts=facts),))
        house.plugins = tools  # type: ignore[assignment]
        await house.open()
        try:
            yield house
        finally:
            await house.close()


async def until(house: House, *states: State) -> Incident:
    """Disks take real time, waiting does not."""
    async with asyncio.timeout(180):
        await house.until_known()
        while house.incident.state not in states:
            await asyncio.sleep(0.005)
            if house.clock.due:
                house.clock.advance(min(house.clock.due, 1))
    return house.incident


async def carried_out(house: House, alert: str) -> Incident:
    await house.fire(builders.an_alert(name=alert))
    await until(house, WAITING)
    await house.vote()
    return await until(house, State.HEALED, State.ESCALATED)


async def test_a_disk_at_86_percent_is_below_80_and_nothing_else_was_touched(disk: Path) -> None:
    write(disk / "db" / "table", 4_500_000)
    write(disk / "cache" / "old", 2_600_000)
    write(disk / "cache" / "young", 4000, ago=disks.DAY)
    async with a_house(disk, "clean-up-disk") as house:
        known = await carried_out(house, "DiskAlmostFull")

    assert known.evidence is not None
    assert known.verified is not None
    assert known.state is State.HEALED
    assert known.evidence.readings[0].seen["percent"] == pytest.approx(86.9, abs=0.3)
    assert known.verified.readings[0].seen["percent"] == pytest.approx(55.1, abs=0.3)
    assert disks.names(disk) == ["cache/young", "db/table"]
    assert (disk.parent / "called").read_text().splitlines()[-2:] == [
        "apt-get clean",
        "journalctl --vacuum-size=500M",
    ]


async def test_a_disk_that_stays_above_80_is_handed_over_with_the_report(disk: Path) -> None:
    write(disk / "db" / "table", 6_900_000)
    write(disk / "cache" / "old", 200_000)
    async with a_house(disk, "clean-up-disk") as house:
        known = await carried_out(house, "DiskAlmostFull")
        told = transcript(known, await house.ledger.of(known.id))

    assert known.state is State.ESCALATED
    assert known.escalated is not None
    assert known.escalated.say.startswith("All that is safe to remove is gone")
    assert f"\n      6.9 MB {disk}/db/table\n" in told
    assert disks.names(disk) == ["db/table"]


def shipped() -> Detector:
    path = SHIPPED / "detectors" / "disk-almost-full.yaml"
    return Detector.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize(("size", "opened"), [(6_900_000, 0), (7_000_000, 1)])
async def test_a_detector_sees_a_disk_above_85_percent(disk: Path, size: int, opened: int) -> None:
    write(disk / "table", size)
    (disk / "cache").mkdir()
    async with a_house(disk, "clean-up-disk") as house:
        for _ in range(2):
            await house.look(shipped())
            house.clock.advance(60)

        assert len(house.cases.recent(9)) == opened


async def test_nothing_is_removed_before_somebody_said_yes(disk: Path) -> None:
    write(disk / "db" / "table", 4_500_000)
    write(disk / "cache" / "old", 2_600_000)
    async with a_house(disk, "clean-up-disk") as house:
        await house.fire(builders.an_alert(name="DiskAlmostFull"))
        known = await until(house, WAITING)

    assert known.plan is not None
    assert known.plan.steps[2].scope.says == (
        f"remove 1 file (2.6 MB) under {disk}/cache on web-1, untouched for 7 days; "
        f"remove 0 files (0 B) under {disk}/cache on web-1, untouched for 30 days"
    )
    assert disks.names(disk) == ["cache/old", "db/table"]


async def test_a_disk_above_80_percent_gets_room_from_its_old_logs(disk: Path) -> None:
    write(disk / "db" / "table", 4_500_000)
    write(disk / "log" / "shop.log.1", 2_200_000)
    write(disk / "log" / "shop.log", 4000, ago=disks.DAY / 24)
    async with a_house(disk, "archive-old-logs") as house:
        known = await carried_out(house, "DiskFillingUp")

    assert known.verified is not None
    assert known.state is State.HEALED
    assert known.verified.readings[0].seen["percent"] < 80  # type: ignore[operator]
    assert disks.names(disk) == ["db/table", "log/shop.log", "log/shop.log.1.gz"]


async def test_logs_that_would_fill_the_disk_again_stay_packed_and_a_person_is_told(
    disk: Path,
) -> None:
    write(disk / "log" / "shop.log.1", 1_400_000)
    write(disk / "db" / "table", 5_300_000)
    async with a_house(disk, "archive-old-logs") as house:
        await house.fire(builders.an_alert(name="DiskFillingUp"))
        await until(house, WAITING)
        await house.vote()
        await until(house, State.VERIFYING)
        write(disk / "db" / "growing", 2_000_000)
        known = await until(house, State.HEALED, State.ESCALATED)

    assert known.state is State.ESCALATED
    assert known.escalated is not None
    assert (
        "the rollback FAILED: step 1: the logs stay packed, where they stood, for they would "
        in (known.escalated.why)
    )
    assert disks.names(disk) == ["db/growing", "db/table", "log/shop.log.1.gz"]


async def test_logs_that_did_not_help_are_as_they_were(disk: Path) -> None:
    write(disk / "db" / "table", 6_600_000)
    content = write(disk / "log" / "shop.log.1", 100_000).read_bytes()
    async with a_house(disk, "archive-old-logs") as house:
        known = await carried_out(house, "DiskFillingUp")

    assert known.state is State.ESCALATED
    assert (disk / "log" / "shop.log.1").read_bytes() == content
    assert disks.names(disk) == ["db/table", "log/shop.log.1"]
