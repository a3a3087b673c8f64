"""`servicenow`: work notes, evidence and state of the incident in ServiceNow that it is about."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.clients.rig import Rig
from bot.clients.servicenow import NUMBER, Api, Row
from bot.clients.servicenow_settings import ServicenowSettings
from bot.core import facts
from bot.core.alert import Severity
from bot.core.errors import ActionError, PermanentError
from bot.core.incident import Incident
from bot.core.ticket import DISPLAY
from bot.core.updates import Update
from bot.tickets import _blackouts
from bot.tickets._change import Change
from bot.tickets._cmdb import Cmdb
from bot.tickets._servicenow import note, written

LABELS = ("ticket", "number")
"""The labels of an alert that may name the incident; `number` only of ServiceNow's own alerts."""
RESOLVED, OPEN = "6", "2"
"""States by their number: resolved, in progress."""
OVER = frozenset({RESOLVED, "7", "8"})
HOLDS = {"3": "on hold", RESOLVED: "resolved", "7": "closed", "8": "canceled"}
"""States in which nothing is done about an incident, as people say them."""
URGENCY = {Severity.CRITICAL: "1", Severity.WARNING: "2", Severity.INFO: "3"}
FRESH = timedelta(minutes=1)
"""How long what was read of blackouts counts."""
SHORT = 160
"""Signs of a short description."""
TABLE = "/api/now/table/incident"


class Servicenow:
    """
    Keeps one incident there in step: a note an update, and its state only by what was verified.

    A note and the state that goes with it are one request, which is taken whole or not at all.
    """

    config = ServicenowSettings

    def __init__(self, config: ServicenowSettings, rig: Rig) -> None:
        self._settings = config
        self._api = Api(config, rig.http)
        self._clock = rig.clock
        self.cmdb = Cmdb(config, self._api, rig.clock) if config.cmdb else None
        self.branches = {"change": Change(config, self._api)}
        self._black = _blackouts.Known((), "")
        self._read_at: datetime | None = None

    @property
    def wanted(self) -> bool:
        return self._api.ready

    def concerns(self, incident: Incident) -> str | None:
        opened = incident.opened
        first = (opened.alert,) if opened.alert else ()
        for alert in (*first, *incident.alerts.values()):
            for name in LABELS if alert.source == "servicenow" else LABELS[:1]:
                number: str = alert.labels.get(name, "")
                if NUMBER.fullmatch(number):
                    return number
        shown = opened.wish is not None and opened.wish.dry_run
        return "" if incident.severity in self._settings.open_for and not shown else None

    async def tell(self, update: Update, reference: str, *, uncertain: bool) -> str:
        row = await self._found(reference) if reference else await self._opened(update)
        if not (uncertain and await written(self._api, row, update)):
            if update.exhibit is not None:
                await self._attach(row, update, uncertain=uncertain)
            columns = {"work_notes": note(update)} | self._state(row, update)
            columns |= await self._problem(update)
            await self._api.change(f"{TABLE}/{row.sys_id}", columns)
        return row.get("number") or reference

    async def objects(self, incident: Incident, reference: str) -> str:
        if self._settings.blackouts and (said := await self._blackout()):
            return said
        if not reference:
            return ""
        row = await self._found(reference)
        state = row.get("state")
        if state == RESOLVED and incident.opened.relapse_of:
            return ""  # Heal called it healed, it came back, and is being opened again
        reason = row.get("hold_reason") if state == "3" else ""
        word = HOLDS.get(state, "")
        return f"{reference} in ServiceNow is {word}{reason and f' ({reason})'}" if word else ""

    async def _blackout(self) -> str:
        """The blackouts that hold now, in words; they are read at most once a minute."""
        now = self._clock.now()
        if self._read_at is None or not timedelta() <= now - self._read_at < FRESH:
            self._black = await _blackouts.read(self._api, self._settings.zone, now, now + FRESH)
            self._read_at = now
        return self._black.at(now)

    async def why_not(self) -> str:
        try:
            await self._api.rows("incident", {"number": "INC0000000"}, ("number",))
        except ActionError as error:
            return str(error)
        return await self.cmdb.why_not() if self.cmdb else ""

    async def _found(self, number: str) -> Row:
        rows = await self._api.rows(
            "incident", {"number": number}, ("number", "state", "hold_reason")
        )
        if not rows:
            raise PermanentError(f"ServiceNow has no incident {number} that Heal's user may read")
        return rows[0]

    async def _opened(self, update: Update) -> Row:
        """The one that Heal opened for it, by its correlation id; opened when there is none."""
        incident, settings = update.incident, self._settings
        known = {"correlation_id": incident.id}
        if rows := await self._api.rows("incident", known, ("number", "state")):
            return rows[0]
        columns = {
            **known,
            "correlation_display": DISPLAY,
            "short_description": f"{incident.service}: {incident.opened.title}"[:SHORT],
            "description": f"{update.text}\n{update.link}".rstrip(),
            "urgency": URGENCY[incident.severity],
            "impact": URGENCY[incident.severity],
        }
        named = {"caller_id": settings.caller, "assignment_group": settings.group}
        return await self._api.make(TABLE, columns | {key: of for key, of in named.items() if of})

    async def _attach(self, row: Row, update: Update, *, uncertain: bool) -> None:
        if update.exhibit is None:
            return
        said = update.exhibit.said
        name = f"{update.incident.run}-{said.name}"
        known = {"table_sys_id": row.sys_id, "file_name": name}
        if not (uncertain and await self._api.rows("sys_attachment", known, ("file_name",))):
            octets = update.exhibit.octets
            await self._api.attach("incident", row.sys_id, name, said.media, octets)

    def _state(self, row: Row, update: Update) -> dict[str, str]:
        """Another state, only where it is verified; one that people closed stays as it is."""
        state = row.get("state")
        if not self._settings.resolve:
            return {}
        if update.resolves and state not in OVER:
            code = self._settings.close_code
            return {"state": RESOLVED, "close_code": code, "close_notes": note(update)}
        return {"state": OPEN} if update.reopens and state == RESOLVED else {}

    async def _problem(self, update: Update) -> dict[str, str]:
        """The problem record that was proposed, made once, to which the incident is linked."""
        fact = update.fact
        if not (self._settings.problems and isinstance(fact, facts.Proposed)):
            return {}
        known = {"correlation_id": update.mark}
        rows = await self._api.rows("problem", known, ("number",))
        if rows:
            return {"problem_id": rows[0].sys_id}
        columns = {**known, "short_description": fact.title[:SHORT], "description": note(update)}
        made = await self._api.make("/api/now/table/problem", columns)
        return {"problem_id": made.sys_id}


PLUGIN = Servicenow
