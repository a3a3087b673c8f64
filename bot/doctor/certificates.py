"""Certificates: how long those of the systems that settings name are still good."""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import Sequence
from datetime import UTC, datetime

from bot.doctor.finding import Finding, failed, ok, warning
from bot.doctor.patient import Patient

FEW_DAYS, VERY_FEW_DAYS = 21, 3
PATIENCE = 5.0
"""Seconds for one system."""
_PLACE = re.compile(r"https://(?:[^/@\s,]*@)?(\[[0-9a-fA-F:]+\]|[\w.-]+)(?::(\d+))?")


async def good(patient: Patient) -> Sequence[Finding]:
    """Ask each address with TLS that a setting names for its certificate."""
    told = patient.told.environment.items()
    ours = [value for name, value in told if name.startswith(("HEAL_", "SLACK_"))]
    places = sorted({place for value in ours for place in named(value)})
    now = patient.clock.now()
    return await asyncio.gather(*(_asked(host, port, now) for host, port in places))


def named(value: str) -> list[tuple[str, int]]:
    """
    The hosts and ports of the https addresses in a setting.

    >>> named("shop=https://am.example:9093/x,http://no.example,https://[::1]/")
    [('am.example', 9093), ('::1', 443)]
    """
    return [(host.strip("[]"), int(port or 443)) for host, port in _PLACE.findall(value)]


def judged(name: str, until: datetime, now: datetime) -> Finding:
    """Judge a certificate by the days that are left of it."""
    days = (until - now).days
    said = f"its certificate is good until {until:%Y-%m-%d}, {days} days"
    remedy = "have it renewed: when it is over, Heal can neither read nor mend there"
    if days < VERY_FEW_DAYS:
        return failed(name, said, remedy)
    return warning(name, said, remedy) if days < FEW_DAYS else ok(name, said)


async def _asked(host: str, port: int, now: datetime) -> Finding:
    name = f"certificate of {host}:{port}"
    try:
        async with asyncio.timeout(PATIENCE):
            _, writer = await asyncio.open_connection(host, port, ssl=ssl.create_default_context())
    except (OSError, TimeoutError) as error:
        why = getattr(error, "verify_message", "") or str(error) or "no answer"
        remedy = "mend its certificate, let this machine trust who signed it, or mend the address"
        return warning(name, f"TLS does not come about: {why}", remedy)
    told = writer.get_extra_info("peercert")
    writer.close()
    until = datetime.fromtimestamp(ssl.cert_time_to_seconds(told["notAfter"]), tz=UTC)
    return judged(name, until, now)
