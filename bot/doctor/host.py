"""Host: whether systemd can be asked the way that the plug-ins of a host ask it."""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Sequence

from bot.clients.commands import PATH
from bot.clients.hosts import HostSettings
from bot.core.errors import ActionError
from bot.doctor.finding import Finding, failed, ok, warning
from bot.doctor.patient import Patient

WITHIN = 5.0
"""Seconds for an answer of systemctl."""
REMEDY = "set HEAL_HOST_SYSTEMCTL to a command that works for Heal's user: see docs/settings.md"


async def systemctl(patient: Patient) -> Sequence[Finding]:
    settings = patient.configured("host", HostSettings)
    if settings is None:
        return []
    argv = shlex.split(settings.systemctl)
    path = patient.told.environment.get("PATH", PATH)
    if not argv or shutil.which(argv[0], path=path) is None:
        return [failed("systemctl", f"{settings.systemctl!r} is not there to be run", REMEDY)]
    try:
        ended = await patient.rig.run(*argv, "show", "--property=Version", within=WITHIN)
    except ActionError as error:
        return [failed("systemctl", str(error), REMEDY)]
    if ended.code:
        said = (ended.err.strip().splitlines() or ["it said nothing"])[0]
        found = f"{settings.systemctl} show ended with {ended.code}: {said}"
        return [(failed if patient.uses("host") else warning)("systemctl", found, REMEDY)]
    return [ok("systemctl", f"{settings.systemctl} answers")]
