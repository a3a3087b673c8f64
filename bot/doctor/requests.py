"""Requests: whether plain HTTP requests may go anywhere, have their secrets, and get through."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence

import httpx

from bot.clients.endpoints import HttpSettings
from bot.core.errors import ConfigurationError
from bot.doctor.finding import Finding, failed, ok, warning
from bot.doctor.patient import Patient

HOSTS = "HEAL_HTTP_ALLOWED_HOSTS"
WITHIN = 3.0
"""Seconds for a connection."""


async def allowed(patient: Patient) -> Sequence[Finding]:
    """With no host allowed every request is refused, in the middle of an incident."""
    settings = patient.configured("http", HttpSettings)
    if settings is None or not patient.uses("http"):
        return []
    lost = [
        failed(f"HEAL_HTTP_SECRET_{name.upper()}", "a runbook names it, and it is not set",
               "set it, or HEAL_HTTP_SECRET_…_FILE to the file that holds it")
        for name in sorted(set(_secrets(patient)) - set(settings.secrets))
    ]  # fmt: skip
    if not settings.allowed_hosts:
        found = "it is empty, so no request of a runbook or probe may be sent"
        remedy = "list the hosts that may be asked, as name:port with commas"
        return [*lost, failed(HOSTS, found, remedy)]
    return [*lost, ok(HOSTS, f"may be asked: {len(settings.allowed_hosts)}")]


async def reached(patient: Patient) -> Sequence[Finding]:
    """Whether each host takes a connection now; one that is down may be what is to be healed."""
    settings = patient.configured("http", HttpSettings)
    hosts = settings.allowed_hosts if settings else ()
    return await asyncio.gather(*(_reached(host) for host in hosts))


async def connects(host: str, port: int) -> str:
    """Why no connection can be made; empty when one can."""
    try:
        async with asyncio.timeout(WITHIN):
            _, writer = await asyncio.open_connection(host, port)
    except TimeoutError:
        return f"no answer in {WITHIN:g} s"
    except OSError as error:
        return error.strerror or str(error)
    writer.close()
    return ""


def _secrets(patient: Patient) -> Iterator[str]:
    """The secrets that steps name literally."""
    if isinstance(patient.library, ConfigurationError):
        return
    for book in patient.library.runbooks:
        for step in book.steps:
            named = step.params.get("secret")
            if step.do.startswith("http.") and isinstance(named, str) and "$" not in named:
                yield named


async def _reached(host: str) -> Finding:
    name = f"http {host}"
    try:
        url = httpx.URL(f"//{host}")
    except httpx.InvalidURL as error:
        return failed(name, f"is no host: {error}", f"write it as name:port in {HOSTS}")
    tried = [await connects(url.host, port) for port in ((url.port,) if url.port else (443, 80))]
    if "" in tried:
        return ok(name, "takes a connection")
    remedy = f"see whether it is up and reachable from here, or take it out of {HOSTS}"
    return warning(name, f"takes no connection: {tried[0]}", remedy)
