"""Prometheus: whether each server that may be asked is ready to answer."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import httpx

from bot.clients import http
from bot.core.errors import ActionError
from bot.doctor.finding import Finding, failed, ok, warning
from bot.doctor.patient import Patient
from bot.probes.prometheus.query import PrometheusSettings

WITHIN = 3.0
"""Seconds for an answer."""
REMEDY = "start it, or mend HEAL_PROMETHEUS_URL and HEAL_PROMETHEUS_TOKEN"


async def ready(patient: Patient) -> Sequence[Finding]:
    settings = patient.configured("prometheus", PrometheusSettings)
    if settings is None:
        return []
    return await asyncio.gather(*(_ready(patient, settings, url) for url in settings.url))


async def _ready(patient: Patient, settings: PrometheusSettings, url: str) -> Finding:
    name = f"prometheus {url}"
    token = settings.token.get_secret_value() if settings.token else ""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    told = failed if patient.uses("prometheus") else warning
    try:
        answer = await http.send(
            patient.rig.http, "GET", httpx.URL(f"{url}/-/ready"), headers=headers, within=WITHIN
        )
    except ActionError as error:
        return told(name, str(error), REMEDY)
    if not answer.fine:
        return told(name, f"/-/ready answers {answer.status}: {answer.excerpt(token)}", REMEDY)
    return ok(name, "is ready")
