"""Pagers: whether schedules elsewhere are there, and everybody on call by them is in Slack."""

from __future__ import annotations

from collections.abc import Sequence

from bot.clients.paging import PagerdutySettings
from bot.core.errors import ActionError
from bot.doctor.finding import Finding, failed, ok, warning
from bot.doctor.patient import Patient
from bot.pagers._oncall import OnCall, PagerDuty


async def pagerduty(patient: Patient) -> Sequence[Finding]:
    """One finding a schedule that a role names."""
    settings = patient.configured("pagerduty", PagerdutySettings)
    if settings is None or not patient.slack.known:
        return []  # said with the settings, and with Slack
    pager = PagerDuty(settings, patient.rig.http, patient.slack.people.by_email)
    return [await _asked(pager, one, patient) for one in patient.schedules("pagerduty")]


async def _asked(pager: PagerDuty, schedule: str, patient: Patient) -> Finding:
    name = f"schedule pagerduty:{schedule}"
    try:
        told = await pager.on_call(schedule, patient.clock.now())
    except ActionError as error:
        remedy = "mend what it says: until then nobody on call by it can approve"
        return failed(name, str(error), remedy)
    return _told(name, told)


def _told(name: str, told: OnCall) -> Finding:
    if told.lost:
        remedy = "until then they cannot approve: mend their address, and the scope in Slack"
        return (warning if told.found else failed)(name, "; ".join(told.lost), remedy)
    if not told.found:
        return warning(
            name,
            "nobody is on call by it now",
            "put people on it, and it into an escalation policy: else PagerDuty names nobody",
        )
    return ok(name, f"{', '.join(sorted(told.found))} on call now")
