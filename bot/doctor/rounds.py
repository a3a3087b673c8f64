"""Rounds: every check in the order of its telling; they run together, and none stops another."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from bot.doctor import (
    alert_channels,
    alertmanager,
    alerts,
    calendars,
    certificates,
    checkpoints,
    correspondents,
    deep,
    detectors,
    environment,
    evidence,
    host,
    hosts,
    incidents,
    kubernetes,
    ledger,
    library,
    pagers,
    pages,
    people,
    port,
    prometheus,
    redis,
    replicas,
    requests,
    slack,
    toolbox,
)
from bot.doctor.finding import Finding, State, failed
from bot.doctor.patient import Patient

Check = Callable[[Patient], Awaitable[Sequence[Finding]]]

PATIENCE = 60.0
"""Seconds for one check: a long chain takes its time, everything else ends itself sooner."""

CHECKS: tuple[Check, ...] = (
    environment.settings,
    environment.parts,
    environment.tokens,
    environment.names,
    slack.identity,
    slack.scopes,
    slack.line,
    slack.clock,
    slack.channel,
    pages.sign_in,
    people.approvers,
    people.operators,
    people.roles,
    pagers.schedules,
    library.loads,
    library.places,
    library.meant,
    library.in_force,
    calendars.read,
    toolbox.named,
    toolbox.set_up,
    toolbox.from_outside,
    host.systemctl,
    hosts.named,
    hosts.reached,
    requests.allowed,
    requests.reached,
    prometheus.ready,
    redis.reached,
    evidence.graphs,
    kubernetes.reached,
    alerts.sources,
    detectors.seen,
    alert_channels.listed,
    alertmanager.reached,
    correspondents.reached,
    correspondents.told,
    port.free,
    replicas.reached,
    ledger.place,
    ledger.records,
    ledger.chain,
    checkpoints.key,
    checkpoints.sinks,
    ledger.sqlite,
    incidents.foreign,
)


DEEP: tuple[Check, ...] = (
    deep.disk,
    deep.pages,
    deep.growth,
    deep.letters,
    deep.still,
    deep.cards,
    certificates.good,
)
"""What is looked at besides when somebody asks for it."""


async def examine(patient: Patient, *, deeply: bool = False) -> list[Finding]:
    """Make every check; one that breaks is itself a finding, and stops no other."""
    checks = (*CHECKS, *DEEP) if deeply else CHECKS
    told = await asyncio.gather(*(_one(c, patient) for c in checks), return_exceptions=True)
    findings: list[Finding] = []
    for check, answer in zip(checks, told, strict=True):
        if not isinstance(answer, BaseException):
            findings += answer
        elif isinstance(answer, Exception):
            findings.append(_broken(check, answer))
        else:
            raise answer
    return findings


def worst(findings: Sequence[Finding]) -> State:
    """The state of the whole: that of its worst finding."""
    order = list(State)
    return max((one.state for one in findings), key=order.index, default=State.OK)


async def _one(check: Check, patient: Patient) -> Sequence[Finding]:
    async with asyncio.timeout(PATIENCE):
        return await check(patient)


def _broken(check: Check, error: Exception) -> Finding:
    name = f"{check.__module__.rpartition('.')[2]}.{getattr(check, '__name__', 'check')}"
    said = f"the check broke: {type(error).__name__}: {error}"
    return failed(name, said, "look at what it names; if that is in order, report this as a bug")
