"""`irm`: alert groups of Grafana IRM kept in step, resolved by the proof alone."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import httpx
from pydantic import JsonValue

from bot.clients.apis import PAGES, Api, read
from bot.clients.paging import of_place, pairs
from bot.clients.rig import Rig
from bot.core.errors import PermanentError, TemporaryError
from bot.core.incident import Incident
from bot.core.updates import Update
from bot.pagers import _irm, _paging
from bot.pagers._irm import Group, Groups, IrmSettings, Notes, User
from bot.pagers._paging import Paging

AGAIN = 5.0
"""Seconds until a group that a message opens can be found."""
BEFORE, AFTER = timedelta(minutes=10), timedelta(days=30)
"""When a group begins that an update opens: clocks differ, and it may be told days later."""
OVER = frozenset({"resolved", "acknowledged", "silenced"})
"""States in which nobody is called by the escalation chain."""


class Irm(Paging):
    """Messages to integrations open groups under their key; the API does everything else."""

    config = IrmSettings

    def __init__(self, config: IrmSettings, rig: Rig) -> None:
        super().__init__(early=config.opens_for == "every", places=config.places)
        self._set = config
        self._api, self._client, self._clock = config.api(rig.http), rig.http, rig.clock
        self._next = pairs(config.escalate_to)
        self._own = ""

    @property
    def wanted(self) -> bool:
        return bool(self._places) and not self._set.needs

    def route(self, incident: Incident) -> str:
        """Its own record there, or a new one of this place, and who is called next there."""
        to = of_place(self._next, incident.service, incident.environment)
        return f"{self.refers(incident) or self._key(incident)} {to}"

    def refers(self, incident: Incident) -> str:
        return ""

    async def open(self, update: Update) -> str:
        """Post it, unless it stands there: a group is found a moment after it was taken."""
        name = _paging.key(update.incident)
        if found := await self._found(name, update.at):
            return found
        await self._post(name, update)
        if found := await self._found(name, update.at):
            return found
        raise TemporaryError(f"Grafana IRM has no alert group of {name} yet", AGAIN)

    async def written(self, reference: str) -> Iterable[str]:
        told = [(await self._group(reference)).said.message]
        for page in range(1, PAGES + 1):
            asked = {"alert_group_id": reference, "page": str(page)}
            found = read(Notes, await self._api.ask("/resolution_notes/", asked))
            told += [one.text for one in found.results]
            if not found.next:
                break
        return told

    async def note(self, reference: str, update: Update) -> None:
        await self._write_down(reference, _paging.text(update))

    async def escalate(self, reference: str, update: Update, *, again: bool) -> None:
        """
        Let its chain go on, and page whoever is on call by the schedule that is named.

        Whoever acknowledged it is at work and is left alone. That people were paged is a note, so
        that they are paged once.
        """
        found = await self._group(reference)
        if found.state == "acknowledged" and await self._is_own(found.acknowledged_by):
            await self._do(reference, "unacknowledge")
        elif found.state in {"acknowledged", "resolved"}:
            return
        place = (update.incident.service, update.incident.environment)
        mark = f"paged-{update.number}"
        if not (schedule := of_place(self._next, *place)) or (
            again and mark in await self._marks(reference)
        ):
            return
        people = await self._on_call(schedule)
        users: list[JsonValue] = [{"id": name, "important": True} for name in people]
        if users:
            sent: JsonValue = {"alert_group_id": reference, "users": users}
            await self._api.write("POST", "/escalation/", sent)
        told = ", ".join(people.values()) or "nobody, for nobody has a shift"
        await self._write_down(reference, f"Heal paged {told} ({schedule})\n\nheal:{mark}")

    async def begun(self, reference: str, update: Update) -> None:
        """Acknowledge it if that is set: it stops the escalation chain."""
        if self._set.acknowledge and (await self._group(reference)).state not in OVER:
            await self._do(reference, "acknowledge")

    async def resolve(self, reference: str, update: Update) -> None:
        if (await self._group(reference)).state != "resolved":
            await self._do(reference, "resolve")

    async def reopen(self, reference: str, update: Update) -> None:
        if (await self._group(reference)).state == "resolved":
            await self._do(reference, "unresolve")

    async def taken(self, reference: str) -> str:
        found = await self._group(reference)
        if found.state not in {"acknowledged", "resolved"}:
            return ""
        who = found.acknowledged_by if found.state == "acknowledged" else found.resolved_by
        if who is None:
            return "somebody"
        return "" if await self._is_own(who) else await self._name(who)

    async def lacks(self) -> str:
        """Whether it lets us in as a user, and every schedule that is named is there."""
        await self._own_id()
        for schedule in sorted(set(self._next.values())):
            known = _irm.is_id(schedule) and await self._api.find(f"/schedules/{schedule}/")
            if not known:
                return (f"Grafana IRM knows no schedule {schedule}: set HEAL_IRM_ESCALATE_TO to "
                        "the id that ends the address of its page there")  # fmt: skip
        return ""

    async def _post(self, name: str, update: Update) -> None:
        url = httpx.URL(self._key(update.incident))
        door = Api("Grafana IRM", str(url.copy_with(path="/")).rstrip("/"), {},
                   "HEAL_IRM_INTEGRATIONS", self._client, locked=_irm.LOCKED)  # fmt: skip
        link: dict[str, JsonValue] = (
            {"link_to_upstream_details": update.link} if update.link else {}
        )
        sent: JsonValue = {
            "alert_uid": name,
            "title": _paging.summary(update),
            "state": "alerting",
            "message": _paging.text(update),
            "severity": str(update.incident.severity),
            "service": update.incident.service,
            "environment": update.incident.environment,
            **link,
        }
        await door.write("POST", url.path, sent)

    async def _found(self, name: str, at: datetime) -> str:
        """The group that bears this key; empty when there is none (yet)."""
        span = "_".join(f"{one:%Y-%m-%dT%H:%M:%S}" for one in (at - BEFORE, at + AFTER))
        for page in range(1, PAGES + 1):
            asked = {"started_at": span, "page": str(page)}
            groups = read(Groups, await self._api.ask("/alert_groups/", asked))
            for one in groups.results:
                if one.said.alert_uid == name:
                    return one.id
            if not groups.next:
                break
        return ""

    async def _group(self, reference: str) -> Group:
        return read(Group, await self._api.ask(f"/alert_groups/{reference}"))

    async def _do(self, reference: str, what: str) -> None:
        await self._api.write("POST", f"/alert_groups/{reference}/{what}", None)

    async def _write_down(self, reference: str, text: str) -> None:
        sent: JsonValue = {"alert_group_id": reference, "text": text}
        await self._api.write("POST", "/resolution_notes/", sent)

    async def _on_call(self, schedule: str) -> dict[str, str]:
        """Ids there and names of whoever has a shift now."""
        found = await _irm.shifts(self._api, schedule, self._clock.now())
        if found is None:
            raise PermanentError(f"Grafana IRM knows no schedule {schedule}: mend "
                                 "HEAL_IRM_ESCALATE_TO")  # fmt: skip
        return {one.user_pk: one.user_username or "somebody" for one in found if one.user_pk}

    async def _own_id(self) -> str:
        if not self._own:
            self._own = read(User, await self._api.ask("/users/current/")).id
        return self._own

    async def _is_own(self, who: str | None) -> bool:
        return who is not None and who == await self._own_id()

    async def _name(self, who: str) -> str:
        answer = await self._api.find(f"/users/{who}/")
        return (read(User, answer).username if answer else "") or "somebody"


PLUGIN = Irm
