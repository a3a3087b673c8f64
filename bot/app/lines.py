"""Lines: what happens to incidents, told to the log as well; each line says whose it is."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from functools import partial

from bot import ports
from bot.core.incident import Incident
from bot.core.transcript import Entry
from bot.engine.casebook import Casebook
from bot.telemetry.about import about

MARKED = {
    "incident.opened": logging.INFO,
    "run.started": logging.INFO,
    "incident.escalated": logging.WARNING,
    "incident.closed": logging.INFO,
}
"""What an operator wants to see; all else is in the ledger, and at DEBUG here."""
SHOWN = 12
"""Digits of a plan's hash, as on its card."""
Workflow = Callable[[ports.Life], Awaitable[None]]
log = logging.getLogger(__name__)


def of(incident: Incident) -> dict[str, str]:
    """Whose line it is; what is not known yet is left out."""
    chosen, asked, started = incident.chosen, incident.asked, incident.started
    digest = started.digest if started else asked.request.plan_digest if asked else ""
    found = {
        "incident": incident.id,
        "run": incident.run if started else "",
        "service": incident.service,
        "environment": incident.environment,
        "runbook": chosen.runbook if chosen else "",
        "plan": digest[:SHOWN],
    }
    return {name: value for name, value in found.items() if value}


def lived(cases: Casebook, heal: Workflow) -> Workflow:
    """Give every line of a life what it is about, as it stands when the line is written."""

    async def live(life: ports.Life) -> None:
        with about(whose=partial(_found, cases, life.incident)):
            await heal(life)

    return live


def told(incident: Incident, entry: Entry) -> None:
    """Write a line of one entry that is safe: for ports.Cases.subscribe."""
    level = MARKED.get(entry.kind, logging.DEBUG)
    if log.isEnabledFor(level):
        fields = {**of(incident), "actor": entry.actor, "kind": entry.kind, "seq": entry.seq}
        log.log(level, "%s", _says(incident, entry), extra=fields)


def _found(cases: Casebook, name: str) -> Mapping[str, str]:
    incident = cases.living(name)
    return {} if incident is None else of(incident)


def _says(incident: Incident, entry: Entry) -> str:
    match entry.kind:
        case "incident.opened":
            return f"opened: {incident.opened.title}"
        case "run.started" if incident.started and incident.started.refused:
            return f"the run was refused: {'; '.join(incident.started.refused)}"
        case "incident.escalated" if incident.escalated:
            return f"a person is called: {incident.escalated.why}"
        case "incident.closed":
            return f"closed: {incident.state.value}"
        case kind:
            return kind
