"""The example for sudo allows exactly what the code runs on another machine, and nothing else."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator

import pytest

from bot.actions.host import clean_disk
from bot.clients import commands, systemd
from bot.clients.hosts import Host, Remote
from bot.clients.systemd import OnUnit
from bot.probes.host import journal
from tests.clients import rigs
from tests.rules import house

EXAMPLE = house.ROOT / "deploy" / "hosts" / "heal.sudoers"
REMOTE = Remote(address="web-1", user="heal", key="/k")
WEB = Host("web-1", commands.Commands(rigs.ENVIRONMENT), REMOTE)
SHOP = OnUnit(unit="shop", host="web-1")
CLEANING = clean_disk.Cleaning.model_validate(
    {"packages": True, "temporary": True, "journal": {"keep": "500M"}, "host": "web-1"}
)


def run() -> Iterator[list[str]]:
    """Every command that is run there as root."""
    yield systemd.showing(WEB, SHOP)
    yield systemd.restarting(WEB, SHOP)
    yield journal.asking(WEB, SHOP)
    yield clean_disk.asking(WEB)
    yield from (argv for argv, _ in clean_disk.commands(CLEANING, WEB))


def allowed() -> Iterator[str]:
    text = re.sub(r"\\\n\s*", "", EXAMPLE.read_text(encoding="utf-8"))
    for found in re.finditer(r"^Cmnd_Alias \w+ = (.*)$", text, re.MULTILINE):
        yield from (re.sub(r"\\(.)", r"\1", each).strip() for each in found[1].split(", "))


def test_the_example_allows_exactly_what_is_run() -> None:
    wanted = []
    for sudo, never_asks, program, *words in run():
        assert (sudo, never_asks) == ("sudo", "-n")
        wanted.append(" ".join([f"/usr/bin/{program}", *words]))

    assert sorted(allowed()) == sorted(wanted)


def test_no_line_of_the_example_matches_more_than_one_command() -> None:
    assert not [one for one in allowed() if re.search(r"[*?\[\]!]|ALL", one)]


@pytest.mark.real
def test_sudo_takes_the_example() -> None:
    visudo = shutil.which("visudo", path="/usr/sbin:/sbin:/usr/bin")
    if visudo is None:
        pytest.skip("not run: no visudo")
    ended = subprocess.run(
        [visudo, "-c", "-s", "-f", str(EXAMPLE)], capture_output=True, text=True, check=False
    )

    assert ended.returncode == 0, ended.stdout + ended.stderr
