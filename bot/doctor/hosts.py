"""Hosts: whether every other machine is known, lets Heal in and allows what services there need."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import chain

from pydantic import ValidationError

from bot.actions.host import clean_disk
from bot.catalog import reaching
from bot.clients import systemd
from bot.clients.hosts import Host, Hosts, HostSettings
from bot.clients.systemd import OnUnit
from bot.core.catalogue import Service
from bot.core.errors import ActionError, ConfigurationError
from bot.core.library import Library
from bot.doctor.finding import Finding, failed, ok, warning
from bot.doctor.patient import Patient
from bot.probes.host import journal

WITHIN = 10.0
SUDO = ["sudo", "-n"]
STRANGE = "$(id) 'a' \"b\" \\ !! ; x\ty"
"""A word that a shell of another kind would change."""
RIGHTS = "put it into the machine's sudoers: deploy/hosts/README.md shows how"


async def named(patient: Patient) -> Sequence[Finding]:
    """Machines that the library names and no setting knows."""
    settings = patient.configured("host", HostSettings)
    if settings is None or isinstance(patient.library, ConfigurationError):
        return []
    wrong = reaching.unreachable(patient.library, lambda: settings)
    remedy = "describe the machine there, or mend its name: see docs/hosts.md"
    return [failed("hosts", said, remedy) for said in wrong]


async def reached(patient: Patient) -> Sequence[Finding]:
    settings = patient.configured("host", HostSettings)
    if settings is None:
        return []
    try:
        hosts = Hosts(settings, patient.rig)
    except ConfigurationError:
        return []  # said with the plug-ins
    every = (_examined(patient, hosts.at(name)) for name in settings.remote)
    return list(chain.from_iterable(await asyncio.gather(*every)))


async def _examined(patient: Patient, host: Host) -> list[Finding]:
    wrong, name = (failed if patient.uses("host") else warning), f"host {host.name}"
    try:
        ended = await host.read("printf", "%s", STRANGE, within=WITHIN)
        if ended.out != STRANGE:
            said = "its login shell changes the words of a command"
            return [wrong(name, said, "give Heal's user there /bin/sh as login shell")]
        wanted = [argv for argv in _wanted(patient.library, host) if argv[:2] == SUDO]
        refused = [" ".join(argv[2:]) for argv in wanted if not await _allowed(host, argv)]
    except ActionError as error:
        remedy = "mend HEAL_HOST_REMOTE_FILE, the known keys or the machine: see docs/hosts.md"
        return [wrong(name, str(error), remedy)]
    if refused:
        return [wrong(name, f"sudo does not allow {one}", RIGHTS) for one in refused]
    return [ok(name, f"lets Heal in and allows {len(wanted)} commands that services there need")]


async def _allowed(host: Host, argv: list[str]) -> bool:
    return (await host.read(*SUDO, "-l", "--", *argv[2:], within=WITHIN)).code == 0


def _wanted(library: Library | ConfigurationError, host: Host) -> Iterator[list[str]]:
    """What runbooks would run there for the services of this machine."""
    if isinstance(library, ConfigurationError):
        return
    for service in library.services:
        if service.facts.get("unit_host") == host.name:
            yield from _of_unit(library, service, host)
    if any(service.facts.get("disk_host") == host.name for service in library.services):
        yield from _of_disk(library, host)


def _of_unit(library: Library, service: Service, host: Host) -> Iterator[list[str]]:
    try:
        which = OnUnit(unit=service.facts.get("unit", ""), host=host.name)
    except ValidationError:
        return  # the plan will say so
    yield systemd.showing(host, which)
    yield systemd.restarting(host, which)
    if any(call.probe == "host.journal" for one in library.runbooks for call in one.probes):
        yield journal.asking(host, which)


def _of_disk(library: Library, host: Host) -> Iterator[list[str]]:
    steps = (step for book in library.runbooks for step in book.steps)
    for step in steps:
        if step.do == "host.clean_disk" and "files" not in step.params:
            with suppress(ValidationError):  # what comes with the alert is not known yet
                params = clean_disk.Cleaning.model_validate({**step.params, "host": host.name})
                if params.journal:
                    yield clean_disk.asking(host)
                yield from (argv for argv, _ in clean_disk.commands(params, host))
