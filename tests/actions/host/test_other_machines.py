"""What may be done and read on a host is done and read on another one, over a real sshd."""

from __future__ import annotations

import asyncio
import shlex
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from bot.actions.host.archive_logs import PLUGIN as ARCHIVE
from bot.actions.host.clean_disk import PLUGIN as CLEAN
from bot.actions.host.clean_disk import Cleaning
from bot.actions.host.restart_service import PLUGIN as RESTART
from bot.clients.hosts import HostSettings
from bot.clients.rig import Rig
from bot.clients.systemd import OnUnit
from bot.core.errors import PermanentError, UncertainError
from bot.core.values import Facts
from bot.ports import Action
from bot.probes.host.disk_report import PLUGIN as REPORT
from bot.probes.host.disk_report import OfTree
from bot.probes.host.disk_usage import PLUGIN as USAGE
from bot.probes.host.disk_usage import OfDisk
from bot.probes.host.journal import PLUGIN as JOURNAL
from bot.probes.host.journal import OfJournal
from bot.probes.host.process import PLUGIN as PROCESS
from tests.clients import disks, machines
from tests.clients.machines import Machine
from tests.clients.units import Units, units

pytestmark = pytest.mark.real
SHOP = OnUnit(unit="shop", host="web-1")
TAKES = "echo 'Archived and active journals take up 1.2G in the file system.'"


@pytest.fixture(scope="module")
def machine() -> Iterator[Machine]:
    with machines.a_machine() as made:
        yield made


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    async with machines.rig_elsewhere() as made:
        yield made


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Units]:
    """What runs over there: one unit, shop, which is down."""
    made = units(tmp_path)
    made.write("shop")
    yield made
    made.stop_all()


@pytest.fixture
def settings(machine: Machine, host: Units) -> HostSettings:
    return machine.settings(systemctl=shlex.quote(str(host.systemctl)))


async def test_a_unit_is_restarted_over_there_and_nothing_is_run_here(
    settings: HostSettings, rig: Rig, host: Units
) -> None:
    action, probe = RESTART(settings, rig), PROCESS(settings, rig)
    scope = await action.scope(SHOP)
    before = await probe.read(SHOP)
    said = await action.execute(SHOP, scope.pre_state)
    after = await probe.read(SHOP)

    assert scope.says == "systemctl restart shop on web-1"
    assert scope.blast_radius.targets[0].key == "host:web-1/unit:shop"
    assert said.startswith("restarted shop on web-1: active, pid ")
    assert (before["running"], after["running"]) == (False, True)
    assert await action.landed(SHOP, scope.pre_state) is True
    assert ["restart", "--", "shop.service"] in host.calls
    assert rig.run.ran == []  # type: ignore[attr-defined]


async def test_a_restart_whose_line_breaks_is_in_doubt_and_not_denied(
    machine: Machine, rig: Rig, host: Units, tmp_path: Path
) -> None:
    slow = tmp_path / "slow"
    slow.write_text(f'#!/bin/sh\n[ "$1" = show ] || {{ touch {tmp_path}/began; sleep 30; }}\n'
                    f'exec {host.systemctl} "$@"\n')  # fmt: skip
    slow.chmod(0o755)
    async with machines.a_wire(machine) as wire:
        action = RESTART(machine.settings(port=wire.port, systemctl=str(slow)), rig)

        async def cut() -> None:
            while not (tmp_path / "began").exists():
                await asyncio.sleep(0.01)
            wire.cut()

        ended, _ = await asyncio.gather(action.execute(SHOP, {}), cut(), return_exceptions=True)

    assert isinstance(ended, UncertainError), ended
    assert "broke while" in str(ended)


async def test_a_protected_unit_is_protected_on_every_machine(
    settings: HostSettings, rig: Rig, host: Units
) -> None:
    host.write("sshd")

    with pytest.raises(PermanentError, match="sshd on web-1 is never touched"):
        await RESTART(settings, rig).scope(OnUnit(unit="sshd", host="web-1"))


async def test_the_journal_of_a_unit_over_there_is_read_by_the_command_of_that_machine(
    machine: Machine, rig: Rig, tmp_path: Path
) -> None:
    ctl = tmp_path / "journalctl"
    ctl.write_text('#!/bin/sh\necho "2026-11-22T07:53:23+0000 web-1 shop[12]: error in $1"\n')
    ctl.chmod(0o755)
    probe = JOURNAL(machine.settings(journalctl=str(ctl)), rig)

    seen = await probe.read(OfJournal(unit="shop", host="web-1"))

    assert seen["log"] == (
        "> 2026-11-22T07:53:23+0000 web-1 shop[12]: error in --unit=shop.service"
    )
    assert rig.run.ran == []  # type: ignore[attr-defined]


async def test_a_disk_over_there_is_as_full_as_here(settings: HostSettings, rig: Rig) -> None:
    with disks.tmpfs(Path(settings.known_hosts).parent / "disk", 8_192_000) as disk:
        disks.write(disk / "a", 4_096_000)
        probe = USAGE(settings, rig)
        seen: list[Facts] = [
            await probe.read(OfDisk(path=str(disk), host=name)) for name in ("local", "web-1")
        ]
        with pytest.raises(PermanentError, match=r"on web-1 cannot be read: .*No such"):
            await probe.read(OfDisk(path="/nothing", host="web-1"))

    assert seen[0]["percent"] == 50.0
    assert seen[0] == seen[1]


async def test_the_report_of_a_disk_over_there_names_what_is_large(
    settings: HostSettings, rig: Rig
) -> None:
    with disks.tmpfs(Path(settings.known_hosts).parent / "disk", 8_192_000) as disk:
        disks.write(disk / "log" / "shop" / "old log", 2_048_000)
        disks.write(disk / "log" / "b.log", 1_024_000)
        disks.write(disk / "small" / "c", 4096)
        disks.write(disk / "log" / "odd\n9999999\t/etc/passwd", 512_000)
        seen = await REPORT(settings, rig).read(OfTree(path=str(disk), host="web-1"))

    assert str(seen["tree"]).splitlines()[:4] == [
        f"3.6 MB {disk}/",
        f"3.6 MB {disk}/log/",
        f"1.0 MB {disk}/log/b.log",
        f"512.0 kB {disk}/log/odd",
    ]
    assert f"2.0 MB {disk}/log/shop/old log" in str(seen["tree"])
    assert "/etc/passwd" not in str(seen)
    assert seen["note"] == ""


async def test_the_commands_of_a_clean_up_are_run_over_there(
    machine: Machine, rig: Rig, tmp_path: Path
) -> None:
    folder = tmp_path / "bin"
    folder.mkdir()
    settings = machine.settings(
        journalctl=disks.tool(folder, "journalctl", TAKES),
        package_cleaner=f"{disks.tool(folder, 'apt-get')} clean",
        temporary_cleaner=f"{disks.tool(folder, 'systemd-tmpfiles')} --clean",
    )
    params = Cleaning.model_validate(
        {"packages": True, "temporary": True, "journal": {"keep": "500M"}, "host": "web-1"}
    )
    action = CLEAN(settings, rig)
    scope = await action.scope(params)
    said = await action.execute(params, scope.pre_state)

    assert [target.key for target in scope.blast_radius.targets] == [
        "host:web-1/temporary",
        "host:web-1/journal",
        "host:web-1/packages",
    ]
    assert scope.says.endswith("systemd-tmpfiles --clean on web-1")
    assert said == (
        "emptied the package cache; trimmed the journal to 500M; removed what was temporary and old"
    )
    assert (folder / "called").read_text().splitlines() == [
        "journalctl --disk-usage",
        "apt-get clean",
        "journalctl --vacuum-size=500M",
        "systemd-tmpfiles --clean",
    ]
    assert await action.landed(params, scope.pre_state) is None


async def test_files_over_there_are_left_alone_and_the_reason_is_told(
    settings: HostSettings, rig: Rig
) -> None:
    rules: Facts = {"files": [{"under": "/tmp", "older_than": "7d"}], "host": "web-1"}
    logs: Facts = {"under": "/var/log", "older_than": "1d", "host": "web-1"}
    actions: tuple[tuple[Action, Facts], ...] = (
        (CLEAN(settings, rig), rules),
        (ARCHIVE(settings, rig), logs),
    )
    for action, params in actions:
        given = action.params.model_validate(params)
        for asked in (action.scope(given), action.execute(given, {}), action.landed(given, {})):
            with pytest.raises(PermanentError, match=r"by this: files are .* through open folder"):
                await asked
