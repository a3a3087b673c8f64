"""The journal of a unit, played by a script that prints what journalctl printed of a real one."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest
from pydantic import ValidationError

from bot.clients.hosts import HostSettings
from bot.core.errors import PermanentError
from bot.core.values import Facts
from bot.probes.host.journal import PLUGIN, OfJournal
from tests.clients import rigs

NEWEST_FIRST = """\
2026-11-22T07:53:23+0000 web-1 shop[12]: \x1b[31mred
2026-11-22T07:53:22+0000 web-1 shop[12]: ERROR no route to db password=hunter22
2026-11-22T07:53:21+0000 web-1 shop[12]: Traceback of one
                                           at two
                                         three
2026-11-22T07:53:20+0000 web-1 shop[12]: started
"""
NOTHING = "-- No entries --\n"
HINT = (
    "Hint: You are currently not seeing messages from other users and the system.\n"
    "No journal files were opened due to insufficient permissions.\n"
)


async def read(tmp_path: Path, out: str, err: str = "", code: int = 0, **more: object) -> Facts:
    for name, said in (("out", out), ("err", err)):
        (tmp_path / name).write_text(said)
    ctl = tmp_path / "journal ctl"
    ctl.write_text(
        f'#!/bin/sh\ncd "$(dirname "$0")"\necho "$*" > argv\ncat out; cat err >&2\nexit {code}\n'
    )
    ctl.chmod(0o755)
    async with rigs.rig() as rig:
        probe = PLUGIN(HostSettings(journalctl=shlex.quote(str(ctl)), name="web-1"), rig)
        return await probe.read(OfJournal.model_validate({"unit": "shop", **more}))


async def test_entries_stand_in_their_order_without_secrets_and_trouble_is_marked(
    tmp_path: Path,
) -> None:
    seen = await read(tmp_path, NEWEST_FIRST)

    assert str(seen["log"]).splitlines() == [
        "2026-11-22T07:53:20+0000 web-1 shop[12]: started",
        "> 2026-11-22T07:53:21+0000 web-1 shop[12]: Traceback of one",
        "                                           at two",
        "                                         three",
        "> 2026-11-22T07:53:22+0000 web-1 shop[12]: ERROR no route to db password=•••",
        "2026-11-22T07:53:23+0000 web-1 shop[12]: red",
    ]
    assert seen["matches"] == 2


async def test_the_command_names_a_service_and_is_the_same_for_any_excerpt(tmp_path: Path) -> None:
    await read(tmp_path, NEWEST_FIRST, lines=1, pattern="x")

    said = (tmp_path / "argv").read_text().split()
    assert said == [
        *("--unit=shop.service", "--lines=200", "--reverse", "--utc"),
        *("--output=short-iso", "--no-pager"),
    ]


async def test_of_a_flood_the_newest_is_told(tmp_path: Path) -> None:
    line = f"2026-11-22T07:53:2{{}}+0000 web-1 shop[12]: {'x' * 40_000}\n"
    flood = "2026-11-22T07:53:29+0000 web-1 shop[12]: the end\n" + line.format(8) * 3

    assert str((await read(tmp_path, flood))["log"]).endswith("the end")


async def test_a_unit_that_said_nothing_has_an_empty_log(tmp_path: Path) -> None:
    assert await read(tmp_path, NOTHING) == {"log": "", "matches": 0}


@pytest.mark.parametrize("code", [0, 1])
async def test_a_journal_that_may_not_be_read_is_no_empty_log(tmp_path: Path, code: int) -> None:
    with pytest.raises(PermanentError, match=r"shop on web-1 cannot be read: .*permissions"):
        await read(tmp_path, NOTHING, HINT, code)


@pytest.mark.parametrize("unit", ["-D/etc", "a b", "$(id)", "*", "shop.service;x"])
def test_no_other_words_reach_the_command(unit: str) -> None:
    with pytest.raises(ValidationError):
        OfJournal(unit=unit)
