"""Alertmanager: whether those that are asked about alerts of a channel answer."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from bot.clients.alertmanager import SETTING, Api, Places
from bot.core.errors import ActionError, ConfigurationError
from bot.doctor.finding import Finding, failed, ok, refused, warning
from bot.doctor.patient import Patient
from bot.slack.alerts import settling


async def reached(patient: Patient) -> Sequence[Finding]:
    """One finding an address; without any, what a channel tells is believed by nobody."""
    settings = patient.settings
    try:
        places = Places(settings.alertmanager_url)
    except ConfigurationError as error:
        return [refused(SETTING, error)]
    token = settings.alertmanager_api_token.get_secret_value()
    api = Api(patient.rig.http, places, token, settling.SOURCE)
    findings = await asyncio.gather(*(_reached(api, place) for place in places))
    if not findings and settings.alert_senders.strip():
        found = "it is empty, so of every alert that a channel tells a person decides"
        remedy = "set it to where Alertmanager can be asked whether an alert is so"
        return [warning(SETTING, found, remedy)]
    return findings


async def _reached(api: Api, place: str) -> Finding:
    name = f"alertmanager {place}"
    try:
        held = await api.held(place)
    except ActionError as error:
        remedy = f"start it, or mend {SETTING} and HEAL_ALERTMANAGER_API_TOKEN"
        return failed(name, str(error), remedy)
    return ok(name, f"answers; it holds {len(held)} alerts")
