"""`pagerduty`: incidents kept in step, resolved by the proof alone, paged when that fails."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from pydantic import JsonValue

from bot.clients.apis import Api, read
from bot.clients.pagerduty import SYSTEM, incident_of
from bot.clients.paging import TOKEN, PagerdutySettings
from bot.clients.rig import Rig
from bot.core import chain
from bot.core.alert import Severity
from bot.core.errors import TemporaryError
from bot.core.incident import Incident
from bot.core.updates import Update
from bot.pagers import _paging
from bot.pagers._answers import Found, Log, Notes, One, Standing, Users
from bot.pagers._paging import Paging

ACCEPT = "application/vnd.pagerduty+json;version=2"
KEYS = "HEAL_PAGERDUTY_ROUTING_KEYS"
AGAIN = 5.0
"""Seconds until an incident that an event opens can be found."""
LOCKED = frozenset({401, 403})
SEVERITIES = {Severity.INFO: "info", Severity.WARNING: "warning", Severity.CRITICAL: "critical"}


class PagerDuty(Paging):
    """REST for incidents that are there, in the name of `From`; events for those that are not."""

    config = PagerdutySettings

    def __init__(self, config: PagerdutySettings, rig: Rig) -> None:
        super().__init__(early=config.opens_for == "every", places=config.keys)
        self._set = config
        token = config.token.get_secret_value().strip()
        self._rest = Api(
            "PagerDuty", config.url,
            {"Authorization": f"Token token={token}", "Accept": ACCEPT, "From": config.sender},
            TOKEN, rig.http, locked=LOCKED,
        )  # fmt: skip
        self._events = Api("PagerDuty", config.events_url, {}, KEYS, rig.http, locked=LOCKED)
        self._writes = bool(token and config.sender)

    @property
    def wanted(self) -> bool:
        return self._writes or bool(self._places)

    def route(self, incident: Incident) -> str:
        """A new incident of this key, for this policy; what came from there rings by itself."""
        policy = self._set.policy(incident.service, incident.environment)
        return f"{self.refers(incident) or self._key(incident)} {policy}"

    def refers(self, incident: Incident) -> str:
        if not self._writes:
            return ""
        for alert in incident.alerts.values():
            own = alert.annotations if alert.source == SYSTEM else {}
            if found := own.get("pagerduty_incident") or incident_of(alert.link or ""):
                return found
        return ""

    async def open(self, update: Update) -> str:
        """Trigger an event; its key is the reference until its incident is asked for."""
        await self._event("trigger", update, _paging.key(update.incident), self._payload(update))
        return _paging.key(update.incident)

    async def written(self, reference: str) -> Iterable[str]:
        if not self._writes:
            return ()
        notes = read(Notes, await self._rest.ask(f"/incidents/{await self._id(reference)}/notes"))
        return [one.content for one in notes.notes]

    async def note(self, reference: str, update: Update) -> None:
        if self._writes:
            path = f"/incidents/{await self._id(reference)}/notes"
            await self._rest.write("POST", path, {"note": {"content": _paging.text(update)}})

    async def escalate(self, reference: str, update: Update, *, again: bool) -> None:
        """
        Hand it to the policy for what Heal could not mend, then to the level of that policy.

        Whoever acknowledged it is at work and is left alone; what is triggered at the first level
        rings already.
        """
        if not self._writes:
            return
        found = await self._incident(reference)
        ours = found.status == "acknowledged" and not self._others(found)
        if found.status == "resolved" or (found.status == "acknowledged" and not ours):
            return
        about, wanted = update.incident, _paging.level(update)
        policy = self._set.policy(about.service, about.environment)
        if again and await self._moved(found.id, update.at):
            return
        if policy and wanted == 1:
            to: JsonValue = {"id": policy, "type": "escalation_policy_reference"}
            await self._put(found.id, {"escalation_policy": to})
        elif wanted > 1 or ours:
            await self._put(found.id, {"escalation_level": wanted})

    async def begun(self, reference: str, update: Update) -> None:
        """Acknowledge it if that is set: it stops PagerDuty's own escalation to people."""
        if self._set.acknowledge and self._writes:
            found = await self._incident(reference)
            if found.status == "triggered":
                await self._put(found.id, {"status": "acknowledged"})

    async def resolve(self, reference: str, update: Update) -> None:
        if not self._writes:
            await self._event("resolve", update, reference)
            return
        found = await self._incident(reference)
        if found.status != "resolved":
            said = f"{update.title}\n{update.text}"[: _paging.LONGEST]
            await self._put(found.id, {"status": "resolved", "resolution": said})

    async def reopen(self, reference: str, update: Update) -> None:
        """A resolved incident is never triggered again, so a new one is, where a key is set."""
        if self._key(update.incident):
            name = f"{_paging.key(update.incident)}-again"
            await self._event("trigger", update, name, self._payload(update))

    async def taken(self, reference: str) -> str:
        if not self._writes:
            return ""
        found = await self._incident(reference)
        if found.status == "resolved":
            return found.last_status_change_by.summary
        return self._others(found)

    async def lacks(self) -> str:
        if not self._writes:
            return "" if self._places else f"set {TOKEN} and HEAL_PAGERDUTY_SENDER, or {KEYS}"
        asked = {"query": self._set.sender, "limit": "100"}
        users = read(Users, await self._rest.ask("/users", asked)).users
        if all(one.email.lower() != self._set.sender.lower() for one in users):
            return (f"PagerDuty knows no user {self._set.sender}, in whose name Heal would write: "
                    "set HEAL_PAGERDUTY_SENDER to the address of one")  # fmt: skip
        return ""

    def _payload(self, update: Update) -> dict[str, JsonValue]:
        incident = update.incident
        details: dict[str, JsonValue] = {
            "incident": incident.id,
            "service": incident.service,
            "environment": incident.environment,
            "why": incident.escalated.why if incident.escalated else "",
            "update": _paging.text(update),
        }
        if others := _paging.others(incident):
            details["incidents"] = list(others)
        links: list[JsonValue] = [{"href": update.link, "text": "What Heal did"}]
        payload: dict[str, JsonValue] = {
            "summary": _paging.summary(update),
            "source": incident.service or "heal",
            "severity": SEVERITIES[incident.severity],
            "timestamp": chain.stamp(update.at),
            "component": incident.environment,
            "custom_details": details,
        }
        more: dict[str, JsonValue] = {"links": links} if update.link else {}
        return {"payload": payload, "client": "Heal", **more}

    async def _event(
        self, action: str, update: Update, name: str, more: dict[str, JsonValue] | None = None
    ) -> None:
        body: dict[str, JsonValue] = {
            "routing_key": self._key(update.incident), "event_action": action, "dedup_key": name,
            **(more or {}),
        }  # fmt: skip
        await self._events.write("POST", "/v2/enqueue", body)

    async def _id(self, reference: str) -> str:
        """The incident that a key opened; PagerDuty makes it a moment after it took the event."""
        if not reference.startswith("heal-"):
            return reference
        asked = {"incident_key": reference, "date_range": "all"}
        found = read(Found, await self._rest.ask("/incidents", asked)).incidents
        if not found:
            raise TemporaryError(f"PagerDuty has no incident of {reference} yet", AGAIN)
        return found[0].id

    async def _incident(self, reference: str) -> Standing:
        path = f"/incidents/{await self._id(reference)}"
        return read(One, await self._rest.ask(path, {"include[]": "acknowledgers"})).incident

    async def _put(self, name: str, changes: dict[str, JsonValue]) -> None:
        body: JsonValue = {"incident": {"type": "incident_reference", **changes}}
        await self._rest.write("PUT", f"/incidents/{name}", body)

    async def _moved(self, name: str, since: datetime) -> bool:
        """Whether it was escalated or handed on after that, by whomever."""
        asked = {"since": since.isoformat(), "limit": "100"}
        log = read(Log, await self._rest.ask(f"/incidents/{name}/log_entries", asked))
        moves = ("escalate_log_entry", "assign_log_entry")
        return any(one.type in moves and one.created_at > since for one in log.log_entries)

    def _others(self, found: Standing) -> str:
        """Who acknowledged it, but for Heal itself."""
        own = self._set.sender.lower()
        those = (one.acknowledger for one in found.acknowledgements)
        return next((one.summary for one in those if one.email.lower() != own), "")


PLUGIN = PagerDuty
