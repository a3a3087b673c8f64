"""Pagers: whether schedules elsewhere are there, and everybody on call by them is in Slack."""

from __future__ import annotations

from collections.abc import Sequence

from bot.clients.paging import PagerdutySettings
from bot.core.errors import ActionError
from bot.doctor.finding import Finding, failed, ok, warning
from bot.doctor.patient import Patient
from bot.pagers._irm import IrmSchedules, IrmSettings
from bot.pagers._jsm import JsmSchedules, JsmSettings
from bot.pagers._oncall import PagerDuty
from bot.pagers._schedules import OnCall, Schedules


async def schedules(patient: Patient) -> Sequence[Finding]:
    """One finding a schedule that a role names, of those pagers whose settings can be read."""
    if not patient.slack.known:
        return []  # said with Slack
    client, find = patient.rig.http, patient.slack.people.by_email
    pagers: list[Schedules] = []
    if (pagerduty := patient.configured("pagerduty", PagerdutySettings)) is not None:
        pagers.append(PagerDuty(pagerduty, client, find))
    if (jsm := patient.configured("jsm", JsmSettings)) is not None:
        pagers.append(JsmSchedules(jsm, client, find))
    if (irm := patient.configured("irm", IrmSettings)) is not None:
        pagers.append(IrmSchedules(irm, client, find))
    named = [(pager, one) for pager in pagers for one in patient.schedules(pager.prefix)]
    return [await _asked(pager, one, patient) for pager, one in named]


async def _asked(pager: Schedules, schedule: str, patient: Patient) -> Finding:
    name = f"schedule {pager.prefix}:{schedule}"
    try:
        told = await pager.on_call(schedule, patient.clock.now())
    except ActionError as error:
        remedy = "mend what it says: until then nobody on call by it can approve"
        return failed(name, str(error), remedy)
    return _told(name, told, pager.pager)


def _told(name: str, told: OnCall, pager: str) -> Finding:
    if told.lost:
        remedy = "until then they cannot approve: mend their address, and the scope in Slack"
        return (warning if told.found else failed)(name, "; ".join(told.lost), remedy)
    if not told.found:
        return warning(
            name,
            "nobody is on call by it now",
            f"put people on it, and it into an escalation policy: else {pager} names nobody",
        )
    return ok(name, f"{', '.join(sorted(told.found))} on call now")
