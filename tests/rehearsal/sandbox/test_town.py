"""The town: services that really run, really die and leave nothing behind but their files."""

from __future__ import annotations

import asyncio
import signal
import sys
import tempfile
from pathlib import Path

import httpx
import pytest

from bot.core.errors import PermanentError
from bot.rehearsal.sandbox import Town
from bot.rehearsal.sandbox.child import State
from tests.rehearsal.sandbox import spoken

HELD = """
import asyncio, pathlib, sys
from bot.rehearsal.sandbox import Town

async def main():
    async with Town.open(pathlib.Path(sys.argv[1])) as town:
        print(town.supervisor.pid("shop"), town.supervisor.pid("web"), flush=True)
        await asyncio.sleep(60)

asyncio.run(main())
"""


def _runs(pid: int) -> bool:
    """Whether this process is there and more than a name: nobody may reap an orphan in time."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


async def test_both_services_serve_and_their_addresses_are_told(town: Town) -> None:
    shop, web = town.url("shop"), town.url("web")

    assert (await town.health("shop"), await town.health("web")) == (200, 200)
    assert f"{shop},{web}".replace("http://", "") == town.hosts
    assert f"{shop}/healthz" == town.health_url("shop")


@pytest.mark.parametrize("how", ["crash", "kill"])
async def test_a_dead_service_is_failed_and_stays_so(town: Town, how: str) -> None:
    await (town.break_("shop", "crash") if how == "crash" else town.crash("shop"))
    await asyncio.sleep(0.05)

    assert (
        town.supervisor.state("shop"),
        town.supervisor.pid("shop"),
        await town.health("shop"),
    ) == (State.FAILED, 0, 0)
    assert await town.health("web") == 200


async def test_a_hanging_service_runs_but_lets_health_checks_wait_until_it_is_mended(
    town: Town,
) -> None:
    await town.break_("shop", "hang")
    hanging = town.supervisor.state("shop"), await town.health("shop", within=0.1)
    await town.mend("shop")

    assert (hanging, await town.health("shop")) == ((State.ACTIVE, 0), 200)


async def test_a_request_larger_than_any_setting_is_refused(town: Town) -> None:
    async with httpx.AsyncClient(trust_env=False, verify=False) as client:
        answer = await client.put(f"{town.url('shop')}/settings/pool", content=b" " * 10_001)

    assert answer.status_code == 413


async def test_a_trouble_nobody_knows_is_refused_with_those_there_are(town: Town) -> None:
    with pytest.raises(PermanentError, match="how is crash, hang, leak, upstream, pool or mend"):
        await town.break_("shop", "gently")


async def test_a_service_that_was_started_again_serves_where_it_did(town: Town) -> None:
    before = town.url("shop")
    await town.crash("shop")
    await town.start("shop")

    assert (before, 200) == (town.url("shop"), await town.health("shop"))


async def test_effects_tell_what_really_happened(town: Town) -> None:
    first = town.supervisor.pid("shop")
    await town.break_("shop", "pool")
    await town.mend("shop")
    await town.crash("shop")
    await town.start("shop")

    second = town.supervisor.pid("shop")
    assert [
        (first, "start", None),
        (first, "break", {"how": "pool"}),
        (first, "mend", {}),
        (first, "kill", None),
        (second, "start", None),
    ] == [(e["pid"], e["what"], e["value"]) for e in town.effects() if e["unit"] == "shop"]


async def test_a_town_that_closed_left_no_process_and_no_socket(tmp_path: Path) -> None:
    async with Town.open(tmp_path) as town:
        await town.break_("web", "hang")
        pids = [town.supervisor.pid(unit) for unit in ("shop", "web")]
        assert [_runs(pid) for pid in pids] == [True, True]
        assert (tmp_path / "control").is_socket()

    assert [_runs(pid) for pid in pids] == [False, False]
    assert not (tmp_path / "control").exists()


async def test_a_directory_too_long_for_a_socket_keeps_everything_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    directory, elsewhere = tmp_path / "it's long " / ("x" * 150), tmp_path / "e"
    directory.mkdir(parents=True)
    elsewhere.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(elsewhere))
    async with Town.open(directory) as town:
        said = await spoken.call(town.systemctl, "is-active", "shop")

    assert said == (0, "active\n", "")
    assert list(elsewhere.iterdir()) == []


async def test_services_die_with_a_town_that_was_killed(tmp_path: Path) -> None:
    holder = await asyncio.create_subprocess_exec(
        sys.executable, "-c", HELD, str(tmp_path), stdout=-1
    )
    assert holder.stdout is not None
    pids = [int(word) for word in (await holder.stdout.readline()).split()]
    holder.send_signal(signal.SIGKILL)
    await holder.communicate()
    async with asyncio.timeout(180):
        while any(map(_runs, pids)):
            await asyncio.sleep(0.01)

    assert len(pids) == 2
