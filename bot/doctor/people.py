"""People: whether those whom the policy names are there, and are enough to decide."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence

from bot.app import pagers
from bot.core.errors import ConfigurationError, PermanentError, TemporaryError
from bot.doctor import circles, slack
from bot.doctor.circles import Asking
from bot.doctor.finding import Finding, State, failed
from bot.doctor.patient import Patient

APART = 6.0
"""Seconds between two groups that are asked about in passing: clicks have the other turns."""
log = logging.getLogger(__name__)
Look = Callable[[Asking], Awaitable[Sequence[Finding]]]
LOOKS: tuple[Look, ...] = (
    circles.of_levels, circles.of_services, circles.of_operators, circles.of_roles,
)  # fmt: skip


async def approvers(patient: Patient) -> Sequence[Finding]:
    """For every level of risk, and for services with owners; see `circles`."""
    if not isinstance(patient.library, ConfigurationError) and not patient.slack.known:
        return [slack.not_asked("approvers")]
    return await _found(patient, "approvers", circles.of_levels, circles.of_services)


async def operators(patient: Patient) -> Sequence[Finding]:
    return await _found(patient, "operators", circles.of_operators)


async def roles(patient: Patient) -> Sequence[Finding]:
    return await _found(patient, "roles", circles.of_roles)


async def warn(asking: Asking) -> None:
    """Log what the doctor would find, in passing: Slack is asked about one group after another."""
    groups = {group for one in _circles(asking) for group in one}
    for number, group in enumerate(sorted(groups)):
        if number:
            await asking.clock.sleep(APART)
        try:
            await asking.people.members((group,), within=asking.within)
        except (TemporaryError, PermanentError) as error:
            log.debug("%s: %s", group, error)  # said below, with what follows from it
    for look in LOOKS:
        for one in await look(asking):
            if one.state is not State.OK:
                log.warning("%s: %s; %s", one.name, one.found, one.remedy)


def _circles(asking: Asking) -> Sequence[Sequence[str]]:
    rules = asking.library.rulebook
    panels = [rules.approvers.low, rules.approvers.medium, rules.approvers.high,
              rules.approvers.fallback, rules.operators]  # fmt: skip
    named = [one.groups for one in panels if one is not None]
    return [*named, *(role.groups for role in rules.roles.values())]


async def _found(patient: Patient, name: str, *looks: Look) -> Sequence[Finding]:
    """Nothing when there is no library, or nobody to ask, which is said elsewhere."""
    library, people = patient.library, patient.slack.people
    if isinstance(library, ConfigurationError) or not patient.slack.known:
        return []
    try:
        pager = pagers.joined(
            lambda: patient.rulebook, patient.toolbox, patient.rig.http, people.by_email
        )
    except ConfigurationError as error:
        return [failed(name, str(error), "write it as docs/settings.md says")]
    asking = Asking(
        library, patient.settings.runbooks, people, pager, patient.clock, patient.slack.present
    )
    return [one for look in looks for one in await look(asking)]
