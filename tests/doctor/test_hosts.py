"""The doctor goes to every other machine: it must be known, open, and allow what services need."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from bot import settings
from bot.catalog import shelving
from bot.clients import commands
from bot.clock import Clock
from bot.core.errors import ConfigurationError
from bot.core.library import Library
from bot.doctor import hosts
from bot.doctor.finding import State
from bot.doctor.patient import Patient, Told, admitted
from bot.plugins import Toolbox
from bot.settings import Lenient
from tests import builders
from tests.clients import machines, rigs
from tests.clients.machines import Elsewhere, Machine
from tests.doctor.bodies import TLS

pytestmark = pytest.mark.real
HERE = builders.a_service(facts={"unit": "shop", "unit_host": "web-1"})


@pytest.fixture(scope="module")
def machine() -> Iterator[Machine]:
    with machines.a_machine() as made:
        yield made


@asynccontextmanager
async def a_patient(machine: Machine, library: Library) -> AsyncIterator[Patient]:
    """An installation that knows one other machine."""
    environment = {
        "HEAL_HOST_NAME": "ops-1",
        "HEAL_HOST_REMOTE": machine.described(),
        "HEAL_HOST_KNOWN_HOSTS": str(machine.known),
    }
    section = partial(_section, environment)
    told = Told(Lenient(), {}, section, environment)
    async with admitted(told, Clock(), TLS) as patient:
        rig = replace(patient.rig, run=Elsewhere(patient.rig.run))
        yield replace(patient, rig=rig, library=library)


def _section(environment: dict[str, str], system: str) -> dict[str, str]:
    return settings.section(system, environment)


def a_sudo(folder: Path, monkeypatch: pytest.MonkeyPatch, allows: str) -> None:
    """A sudo over there that allows these arguments and writes down nothing else."""
    sudo = folder / "sudo"
    sudo.write_text(f'#!/bin/sh\ncase "$*" in {allows}) exit 0;; *) exit 1;; esac\n')
    sudo.chmod(0o755)
    monkeypatch.setattr(commands, "PATH", f"{folder}:{commands.PATH}")


async def found(patient: Patient) -> list[tuple[str, State, str]]:
    return [(one.name, one.state, one.found) for one in await hosts.reached(patient)]


async def test_a_machine_in_order_is_said_to_be_so(
    machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_sudo(tmp_path, monkeypatch, '"-n -l -- systemctl "*" -- shop.service"')
    async with a_patient(machine, builders.a_library(services=(HERE,))) as patient:
        seen = await found(patient)

    said = "lets Heal in and allows 2 commands that services there need"
    assert seen == [("host web-1", State.OK, said)]


async def test_a_command_that_sudo_does_not_allow_is_named(
    machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_sudo(tmp_path, monkeypatch, '*" show "*')
    async with a_patient(machine, builders.a_library(services=(HERE,))) as patient:
        seen = await found(patient)

    said = "sudo does not allow systemctl restart -- shop.service"
    assert seen == [("host web-1", State.WARNING, said)]


async def test_a_journal_that_a_runbook_reads_must_be_allowed_too(
    machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_sudo(tmp_path, monkeypatch, '*"systemctl"*')
    call = {"probe": "host.journal", "as": "journal", "with": {"unit": "shop"}}
    reads = builders.a_runbook(diagnose=[call])
    async with a_patient(machine, builders.a_library(reads, services=(HERE,))) as patient:
        seen = await found(patient)

    said = (
        "sudo does not allow journalctl --unit=shop.service --lines=200 --reverse --utc "
        "--output=short-iso --no-pager"
    )
    assert seen == [("host web-1", State.FAILED, said)]


async def test_what_a_runbook_cleans_there_must_be_allowed_too(
    machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_sudo(tmp_path, monkeypatch, '*"--clean"')
    shop = builders.a_service(facts={"disk_host": "web-1", "disk_path": "/"})
    async with rigs.rig() as rig:
        books = shelving.load(Path("runbooks").resolve(), Toolbox(rig, lambda _: {})).runbooks
    async with a_patient(machine, builders.a_library(*books, services=(shop,))) as patient:
        seen = await found(patient)

    assert {said for _, _, said in seen} == {
        "sudo does not allow apt-get clean",
        "sudo does not allow journalctl --disk-usage",
        "sudo does not allow journalctl --vacuum-size=500M",
    }


async def test_a_machine_that_nobody_vouched_for_is_a_finding(machine: Machine) -> None:
    machine.vouch(1)
    try:
        async with a_patient(machine, builders.a_library()) as patient:
            ((_, state, said),) = await found(patient)
    finally:
        machine.vouch(machine.port)

    assert state is State.WARNING
    assert "is not known: no line of" in said


async def test_a_machine_that_the_catalogue_names_and_no_setting_knows_fails(
    machine: Machine,
) -> None:
    lost = builders.a_service(facts={"unit": "shop", "unit_host": "web-9"})
    library = builders.a_library(services=(lost,))
    async with a_patient(machine, library) as patient:
        (finding,) = await hosts.named(patient)

    assert finding.state is State.FAILED
    assert "unit_host: 'web-9' cannot be reached" in finding.found


async def test_a_machine_that_no_setting_knows_stops_the_start(machine: Machine) -> None:
    lost = builders.a_service(facts={"unit": "shop", "unit_host": "web-9"})
    known = {"remote": machine.described(), "known_hosts": str(machine.known), "name": "ops-1"}
    async with rigs.rig() as rig:
        tools = Toolbox(rig, lambda _: known)
        shelving.equip(replace(builders.a_library(services=(HERE,)), runbooks=()), tools)
        with pytest.raises(ConfigurationError, match=r"unit_host: 'web-9' cannot be reached: .*it "
                                                     r"names web-1"):  # fmt: skip
            shelving.equip(replace(builders.a_library(services=(lost,)), runbooks=()), tools)
