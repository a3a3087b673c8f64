"""Redis: whether each server that is named lets Heal in."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from bot.clients.redis import RedisSettings, Servers
from bot.core.errors import ActionError, ConfigurationError
from bot.doctor.finding import Finding, failed, ok, warning
from bot.doctor.patient import Patient


async def reached(patient: Patient) -> Sequence[Finding]:
    settings = patient.configured("redis", RedisSettings)
    if settings is None:
        return []
    try:
        servers = Servers(settings)
    except ConfigurationError:
        return []  # said with the plug-ins
    return await asyncio.gather(*(_reached(patient, servers, name) for name in settings.urls))


async def _reached(patient: Patient, servers: Servers, name: str) -> Finding:
    try:
        async with servers.open(name) as server:
            state = await server.state()
    except ActionError as error:
        remedy = f"start it, or mend HEAL_REDIS_URL_{name.upper()} and the rights of its user"
        return (failed if patient.uses("redis") else warning)(f"redis {name}", str(error), remedy)
    return ok(f"redis {name}", f"lets Heal in; it is a {state.role}")
