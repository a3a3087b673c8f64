"""The sandbox's systemctl: the words, lines and exit codes of systemd's own."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

from bot.rehearsal.sandbox import Town
from bot.rehearsal.sandbox.child import State
from tests.rehearsal.sandbox.spoken import Ctl, Said, call


async def test_the_properties_asked_for_are_shown(town: Town, ctl: Ctl) -> None:
    said = await ctl("show", "-p", "Id", "-p", "ActiveState,MainPID", "--", "shop.service")

    pid = town.supervisor.pid("shop")
    assert Said(0, f"Id=shop.service\nActiveState=active\nMainPID={pid}\n", "") == said


async def test_without_a_choice_everything_is_shown(ctl: Ctl) -> None:
    said = await ctl("show", "shop")

    shown = dict(line.split("=", 1) for line in said.out.splitlines())
    assert re.fullmatch(
        r"[A-Z][a-z]{2} \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC", shown.pop("ActiveEnterTimestamp")
    )
    assert int(shown.pop("MainPID")) > 1
    assert shown == {
        "Id": "shop.service",
        "Names": "shop.service",
        "LoadState": "loaded",
        "ActiveState": "active",
        "SubState": "running",
        "NRestarts": "0",
    }


async def test_a_unit_nobody_knows_is_shown_as_not_found(ctl: Ctl) -> None:
    said = await ctl("show", "--property=LoadState,ActiveState", "--", "nosuch")

    assert Said(0, "LoadState=not-found\nActiveState=inactive\n", "") == said


async def test_a_unit_nobody_knows_cannot_be_restarted(ctl: Ctl) -> None:
    said = await ctl("restart", "--", "shop.target")

    problem = "Failed to restart shop.target.service: Unit shop.target.service not found.\n"
    assert Said(5, "", problem) == said


async def test_a_restart_returns_when_the_new_process_answers_on_the_same_port(
    town: Town, ctl: Ctl
) -> None:
    before, address = town.supervisor.pid("shop"), town.url("shop")
    said = await ctl("restart", "--", "shop.service")

    assert (Said(0, "", ""), 200) == (said, await town.health("shop"))
    assert before != town.supervisor.pid("shop")
    assert address == town.url("shop")


async def test_two_restarts_at_once_come_one_after_the_other(town: Town, ctl: Ctl) -> None:
    both = await asyncio.gather(ctl("restart", "shop"), ctl("restart", "shop"))

    assert [said.code for said in both] == [0, 0]
    assert sum(e["unit"] == "shop" and e["what"] == "start" for e in town.effects()) == 3


async def test_a_unit_is_stopped_and_started(town: Town, ctl: Ctl) -> None:
    codes = [(await ctl(*words.split())).code for words in ("stop shop", "is-active shop")]
    shown = (await ctl("show", "-p", "SubState,MainPID", "shop")).out
    started = await ctl("start", "shop")

    assert (codes, shown) == ([0, 3], "SubState=dead\nMainPID=0\n")
    assert (started.code, await town.health("shop")) == (0, 200)


async def test_starting_what_runs_changes_nothing(town: Town, ctl: Ctl) -> None:
    before = town.supervisor.pid("shop")
    said = await ctl("start", "shop")

    assert (0, before) == (said.code, town.supervisor.pid("shop"))


async def test_is_active_tells_by_word_and_code(town: Town, ctl: Ctl) -> None:
    await town.crash("web")
    said = [await ctl("is-active", unit) for unit in ("shop", "web", "nosuch")]

    assert [Said(0, "active\n", ""), Said(3, "failed\n", ""), Said(4, "inactive\n", "")] == said


async def test_a_unit_that_does_not_come_up_says_where_to_look(
    town: Town, ctl: Ctl, tmp_path: Path
) -> None:
    (tmp_path / "shop.json").write_text("not json")
    said = await ctl("restart", "shop")

    state = (await ctl("is-active", "shop")).out
    assert (said.code, state) == (1, "failed\n")
    assert said.err.startswith("Job for shop.service failed: it did not answer on port")
    assert "JSONDecodeError" in (tmp_path / "shop.errors").read_text()


async def test_a_restart_is_finished_although_whoever_asked_was_killed(town: Town) -> None:
    old = town.supervisor.pid("shop")
    asker = await asyncio.create_subprocess_exec(town.systemctl, "restart", "shop")
    while town.supervisor.state("shop") is State.ACTIVE:
        await asyncio.sleep(0.001)
    asker.kill()
    await asker.wait()
    async with asyncio.timeout(180):
        while town.supervisor.state("shop") is not State.ACTIVE:
            await asyncio.sleep(0.001)

    assert town.supervisor.pid("shop") not in {0, old}


async def test_a_town_that_is_gone_is_a_failure_with_words(tmp_path: Path) -> None:
    async with Town.open(tmp_path) as town:
        command = town.systemctl
    said = await call(command, "show", "shop")

    assert said == (1, "", "Failed to connect to the sandbox: No such file or directory\n")
