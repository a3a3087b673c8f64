"""A standard change of ServiceNow: opened once a plan is agreed to, closed with what came of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase

from bot.clients.servicenow import Api, Row
from bot.clients.servicenow_settings import ServicenowSettings
from bot.core.errors import ActionError, PermanentError
from bot.core.incident import Incident
from bot.core.lifecycle import State
from bot.core.ticket import DISPLAY
from bot.core.updates import Kind, Update
from bot.tickets._servicenow import note, written

TABLE = "change_request"
ROOM = "/api/sn_chg_rest/change/standard"
AGREED = frozenset({State.APPROVED, State.QUEUED})
WAY = ("-5", "-2", "-1", "0", "3")
"""The states of a standard change, by their numbers and in their order: new, scheduled, ..."""
IMPLEMENT, CLOSED, CANCELED = "-1", "3", "4"
LEAST = timedelta(minutes=30)
"""How long a change is planned for at least."""


class Change:
    """
    One change request an incident, of the template that is set for its runbook.

    Moves come before the note of an update, which is written with the last of them: so where the
    note stands all is done, and where it does not the record itself says how far it came.
    """

    config = ServicenowSettings

    def __init__(self, settings: ServicenowSettings, api: Api) -> None:
        self._api = api
        self._group = settings.group
        pairs = (pair.partition("=") for pair in settings.change_templates)
        self._templates = {book.strip(): template.strip() for book, _, template in pairs}

    @property
    def wanted(self) -> bool:
        return self._api.ready and bool(self._templates)

    def precedes(self, incident: Incident) -> bool:
        return bool(self._template(incident))

    def concerns(self, incident: Incident) -> str | None:
        started = incident.started is not None and not incident.started.refused
        agreed = incident.state in AGREED or (started and not incident.over)
        return "" if agreed and self._template(incident) else None

    async def tell(self, update: Update, reference: str, *, uncertain: bool) -> str:
        row = await (self._found(reference) if reference else self._opened(update))
        if not (uncertain and await written(self._api, row, update)):
            last = {"work_notes": note(update)}
            state = row.get("state")
            if (to := _wanted(update)) and state in WAY[:-1]:
                last |= await self._moved(row, to, update)
            await self._api.change(f"/api/now/table/{TABLE}/{row.sys_id}", last)
        return row.get("number") or reference

    async def why_not(self) -> str:
        try:
            for template in dict.fromkeys(self._templates.values()):
                known = {"sys_id": template}
                if not await self._api.rows("std_change_record_producer", known, ("name",)):
                    return (f"ServiceNow shows Heal's user no template {template} of standard "
                            "changes: mend HEAL_SERVICENOW_CHANGE_TEMPLATES")  # fmt: skip
        except ActionError as error:
            return str(error)
        return ""

    def _template(self, incident: Incident) -> str:
        """That of the plan's runbook; of several patterns the first that fits."""
        runbook = incident.plan.runbook if incident.plan else ""
        fits = (of for book, of in self._templates.items() if fnmatchcase(runbook, book))
        return next(fits, "") if runbook else ""

    async def _moved(self, row: Row, to: str, update: Update) -> dict[str, str]:
        """Go all of the way but its last piece, which is returned: it goes with the note."""
        path, state = f"/api/now/table/{TABLE}/{row.sys_id}", row.get("state")
        if to == CANCELED:
            return {"state": to}
        between = WAY[WAY.index(state) + 1 : WAY.index(to) + 1]
        for step in between[:-1]:
            await self._api.change(path, {"state": step})
        result = {"close_code": "successful" if update.resolves else "unsuccessful",
                  "close_notes": note(update)} if to == CLOSED else {}  # fmt: skip
        return {"state": to, **result} if between else {}

    async def _found(self, number: str) -> Row:
        rows = await self._api.rows(TABLE, {"number": number}, ("number", "state"))
        if not rows:
            raise PermanentError(f"ServiceNow has no change {number} that Heal's user may read")
        return rows[0]

    async def _opened(self, update: Update) -> Row:
        """The one that Heal opened for it, by its correlation id; opened when there is none."""
        incident = update.incident
        known = {"correlation_id": incident.id}
        if rows := await self._api.rows(TABLE, known, ("number", "state")):
            return rows[0]
        begins = update.incident.built_at or update.at
        takes = timedelta(seconds=incident.plan.estimate if incident.plan else 0)
        columns = {
            **known,
            "correlation_display": DISPLAY,
            "start_date": _stamp(begins),
            "end_date": _stamp(begins + max(takes, LEAST)),
            **({"assignment_group": self._group} if self._group else {}),
        }
        return await self._api.make(f"{ROOM}/{self._template(incident)}", columns)


def _wanted(update: Update) -> str:
    """The state that an update is for; empty when it is only noted."""
    if update.resolves:
        return CLOSED
    if update.kind is Kind.ENDED:
        started = update.incident.started
        return CLOSED if started is not None and not started.refused else CANCELED
    return IMPLEMENT if update.kind is Kind.STARTED and not _refused(update) else ""


def _refused(update: Update) -> bool:
    started = update.incident.started
    return started is None or bool(started.refused)


def _stamp(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S}"
