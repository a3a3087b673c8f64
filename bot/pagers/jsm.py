"""`jsm`: alerts of JSM Operations (once Opsgenie) kept in step, closed by the proof alone."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import httpx
from pydantic import JsonValue

from bot.clients.apis import PAGE, PAGES, read
from bot.clients.http import Answer
from bot.clients.paging import of_place, pairs
from bot.clients.rig import Rig
from bot.core.alert import Severity
from bot.core.errors import PermanentError, UncertainError
from bot.core.incident import Incident
from bot.core.updates import Update
from bot.pagers import _jsm, _paging
from bot.pagers._jsm import JsmSettings, Log, Notes, Outcome, Person, Receipt, Standing
from bot.pagers._paging import Paging

ALERTS = "opsgenie"
"""The source that JSM Operations posts its alerts to: its webhook is Opsgenie's."""
PRIORITIES = {Severity.INFO: "P5", Severity.WARNING: "P3", Severity.CRITICAL: "P1"}
MESSAGE, DESCRIPTION = 130, 15_000
"""Signs of an alert's message and of its description."""
LOOKS, PAUSE = 10, 1.0
"""How often it is asked whether it did what it took, and seconds between two times."""


class Jsm(Paging):
    """It does in a moment what it was asked for: nothing counts as told before it says so."""

    config = JsmSettings

    def __init__(self, config: JsmSettings, rig: Rig) -> None:
        super().__init__(early=config.opens_for == "every", places=pairs(config.teams))
        self._set = config
        self._ops, self._jira = config.ops(rig.http), config.jira(rig.http)
        self._clock = rig.clock
        self._next = pairs(config.escalate_to)
        self._own = ""

    @property
    def wanted(self) -> bool:
        return not self._set.needs

    def route(self, incident: Incident) -> str:
        """Its own record there, or a new one of this place, and who is called next there."""
        to = of_place(self._next, incident.service, incident.environment)
        return f"{self.refers(incident) or self._key(incident)} {to}"

    def refers(self, incident: Incident) -> str:
        known = (one for one in incident.alerts.values() if one.source == ALERTS)
        return next((one.annotations.get("opsgenie_alert", "") for one in known), "")

    async def open(self, update: Update) -> str:
        """Create it under its key: while an alert of that alias is open, it is that one."""
        return await self._create(update, _paging.key(update.incident))

    async def written(self, reference: str) -> Iterable[str]:
        told = [(await self._alert(reference)).description or ""]
        asked = {"size": str(PAGE)}
        for _ in range(PAGES):
            answer = await self._ops.ask(f"/alerts/{reference}/notes", asked)
            found = read(Notes, answer)
            told += [one.note for one in found.values]
            following = (found.links and found.links.next) or ""
            if not (after := httpx.URL(following).params.get("after", "")):
                break
            asked = {"size": str(PAGE), "after": after}
        return told

    async def note(self, reference: str, update: Update) -> None:
        await self._do(f"/alerts/{reference}/notes", {"note": _paging.text(update)})

    async def escalate(self, reference: str, update: Update, *, again: bool) -> None:
        """
        Take the next step of the escalation that is named; without one its own rules go on.

        Whoever acknowledged it is at work and is left alone.
        """
        found = await self._alert(reference)
        if found.closed or (found.acknowledged and not await self._is_own(found)):
            return
        if found.acknowledged:
            await self._do(f"/alerts/{reference}/unacknowledge", None)
        to = of_place(self._next, update.incident.service, update.incident.environment)
        if to and not (again and await self._moved(reference, update.at)):
            await self._do(f"/alerts/{reference}/escalate", {"escalationId": to})

    async def begun(self, reference: str, update: Update) -> None:
        """Acknowledge it if that is set: it stops the calls to people."""
        if self._set.acknowledge:
            found = await self._alert(reference)
            if not (found.closed or found.acknowledged):
                await self._do(f"/alerts/{reference}/acknowledge", None)

    async def resolve(self, reference: str, update: Update) -> None:
        if not (await self._alert(reference)).closed:
            await self._do(f"/alerts/{reference}/close", None)

    async def reopen(self, reference: str, update: Update) -> None:
        """A closed alert is never opened again, so a new one is, where a team is named."""
        if self._key(update.incident) and (await self._alert(reference)).closed:
            await self._create(update, f"{_paging.key(update.incident)}-again")

    async def taken(self, reference: str) -> str:
        found = await self._alert(reference)
        if not (found.closed or found.acknowledged) or await self._is_own(found):
            return ""
        if not found.owner:
            return "somebody"
        return (await _jsm.person(self._jira, found.owner)).name or "somebody"

    async def lacks(self) -> str:
        await self._ops.ask("/alerts", {"size": "1"})
        await self._own_id()
        return ""

    async def _create(self, update: Update, alias: str) -> str:
        incident = update.incident
        team: JsonValue = {"id": self._key(incident), "type": "team"}
        more: dict[str, JsonValue] = {
            "incident": incident.id,
            "environment": incident.environment,
            **({"link": update.link} if update.link else {}),
        }
        outcome = await self._do(
            "/alerts",
            {
                "message": _paging.summary(update)[:MESSAGE],
                "alias": alias,
                "description": _paging.text(update, DESCRIPTION),
                "responders": [team],
                "entity": incident.service or "heal",
                "source": "heal",
                "priority": PRIORITIES[incident.severity],
                "tags": ["heal"],
                "extraProperties": more,
            },
        )
        if not outcome.alert:
            raise PermanentError("JSM Operations does not say which alert it made")
        return outcome.alert

    async def _do(self, path: str, body: JsonValue) -> Outcome:
        """Ask for it, and wait until it was done; PermanentError says why it was not."""
        answer = await self._ops.write("POST", path, body)
        request = read(Receipt, answer).request if answer.body else ""
        if not request:
            return Outcome()
        for _ in range(LOOKS):
            told: Answer | None = await self._ops.find(f"/alerts/requests/{request}")
            outcome = read(Outcome, told) if told else Outcome()
            if outcome.processed and not outcome.success:
                raise PermanentError(f"JSM Operations did not do it: {outcome.status}")
            if outcome.processed:
                return outcome
            await self._clock.sleep(PAUSE)
        raise UncertainError("JSM Operations took it, and does not say that it was done")

    async def _alert(self, reference: str) -> Standing:
        return read(Standing, await self._ops.ask(f"/alerts/{reference}"))

    async def _moved(self, reference: str, since: datetime) -> bool:
        """Whether it was escalated after that, by whomever."""
        asked = {"size": str(PAGE)}
        log = read(Log, await self._ops.ask(f"/alerts/{reference}/logs", asked))
        later = (one.log.lower() for one in log.values if one.created and one.created > since)
        return any("escalat" in one for one in later)

    async def _is_own(self, found: Standing) -> bool:
        """Whether nobody but Heal acknowledged it; without an owner that is so if it may."""
        if not self._set.acknowledge:
            return False
        return found.owner in {None, "", await self._own_id()}

    async def _own_id(self) -> str:
        if not self._own:
            self._own = read(Person, await self._jira.ask("/myself")).id
        return self._own


PLUGIN = Jsm
