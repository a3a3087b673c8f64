"""A small engine for the Slack room: it answers as told and remembers what it was asked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from bot.core import episode, facts, standing
from bot.core.alert import Alert
from bot.core.catalogue import Service
from bot.core.clauses import Parameter
from bot.core.episode import Episode
from bot.core.headway import Headway
from bot.core.incident import Incident
from bot.core.policy.circuit_breaker import Tripped
from bot.core.policy.promotion import Rung
from bot.core.prospects import Report, report
from bot.core.runbook import Runbook
from bot.core.standing import Standing
from bot.core.transcript import Brief, Draft, Entry
from bot.ports import Allowance, Answer, Audited, Freezing, Glance, Person, PlanName, Setting
from tests import builders


class Call(NamedTuple):
    """One call of the engine: its name and its arguments in order."""

    name: str
    args: tuple[Any, ...]


class Requests:
    """Answers every request and order with `answer`, after `error` was raised if there is one."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.rungs: list[Rung] = []
        self.tripped: list[Tripped] = []
        self.stormy = ""
        self.seen = Glance(since=builders.START)
        self.reported = report((), builders.START - timedelta(days=1), builders.START)
        self.answer = Answer(done=True, text="Done as you asked.")
        self.error: Exception | None = None
        self.gate = asyncio.Event()
        self.gate.set()
        self.parameters: dict[str, Parameter] = {}
        self.wrong: dict[str, str] = {}
        self.misfit: dict[str, str] = {}
        self.people: dict[str, Person] = {}
        self.audited: Audited | None = Audited(sound=True, line="sound: 7 entries")
        self.onces: list[str] = []
        """The names of the wishes that were asked for."""
        self.books: Sequence[Runbook] = ()
        self.known: Sequence[Service] = ()
        self.no: Answer | None = None

    async def vote(
        self, incident: str, round_: int, who: str, *, yes: bool, why: str, reacted: bool = False
    ) -> Answer:
        name = "react" if reacted else "vote"
        return await self._called(name, incident, round_, who, yes, why)

    async def pause(self, incident: str, round_: int, who: str) -> Answer:
        return await self._called("pause", incident, round_, who)

    async def wish(self, wish: facts.Wish, channel: str, thread: str, once: str = "") -> Answer:
        self.onces.append(once)
        return await self._called("wish", wish, channel, thread)

    async def cancel(self, incident: str, who: str, why: str) -> Answer:
        return await self._called("cancel", incident, who, why)

    async def undo(
        self, incident: str, who: str, channel: str, thread: str, once: str = ""
    ) -> Answer:
        return await self._called("undo", incident, who, channel, thread)

    async def again(
        self, incident: str, who: str, once: str = "", *, retry: bool = False
    ) -> Answer:
        return await self._called("retry" if retry else "again", incident, who)

    async def about(self, who: str) -> Person:
        return self.people.get(who, Person())

    async def snooze(self, incident: str, who: str, lasts: timedelta) -> Answer:
        return await self._called("snooze", incident, who, lasts)

    def settings(self) -> Sequence[Setting]:
        return (Setting("HEAL_LEDGER", "/var/heal.db"),)

    async def verify(self) -> Audited | None:
        await self._called("verify")
        return self.audited

    async def break_glass(self, incident: str, who: str, why: str, once: str = "") -> Answer:
        return await self._called("break_glass", incident, who, why)

    async def review(self, incident: str, who: str, *, right: bool) -> Answer:
        return await self._called("review", incident, who, right)

    async def take(self, incident: str, who: str) -> Answer:
        return await self._called("take", incident, who)

    async def keep(self, incident: str, who: str) -> Answer:
        return await self._called("keep", incident, who)

    async def halt(self, who: str, why: str) -> Answer:
        return await self._called("halt", who, why)

    async def resume(self, who: str, why: str) -> Answer:
        return await self._called("resume", who, why)

    async def freeze(self, wanted: Freezing, who: str) -> Answer:
        return await self._called("freeze", wanted, who)

    async def thaw(self, service: str, environment: str, who: str, why: str) -> Answer:
        return await self._called("thaw", service, environment, who, why)

    def editable(self, incident: str) -> Mapping[str, Parameter]:
        return self.parameters

    def faults(self, incident: str, given: Mapping[str, str]) -> Mapping[str, str]:
        return self.wrong

    async def edit(self, incident: str, round_: int, who: str, given: Mapping[str, str]) -> Answer:
        return await self._called("edit", incident, round_, who, dict(given))

    async def allow(self, wish: Allowance, who: str, channel: str, once: str = "") -> Answer:
        return await self._called("allow", wish, who, channel)

    async def decide(self, permit: str, who: str, *, yes: bool, why: str) -> Answer:
        return await self._called("decide", permit, who, yes, why)

    async def revoke(self, permit: str, who: str, why: str) -> Answer:
        return await self._called("revoke", permit, who, why)

    async def vote_all(self, plans: Sequence[PlanName], who: str, *, yes: bool, why: str) -> Answer:
        return await self._called("vote_all", tuple(plans), who, yes)

    async def stages(self) -> Sequence[Rung]:
        return self.rungs

    async def propose(self, incident: str, who: str) -> Answer:
        return await self._called("propose", incident, who)

    async def retell(self, who: str) -> Answer:
        return await self._called("retell", who)

    async def glance(self) -> Glance:
        return self.seen

    async def report(self, lasts: timedelta, until: datetime | None = None) -> Report:
        return self.reported

    def breakers(self) -> Sequence[Tripped]:
        return self.tripped

    def storm(self) -> str:
        return self.stormy

    def runbooks(self) -> Sequence[Runbook]:
        return self.books

    async def barred(self, who: str) -> Answer | None:
        return self.no

    async def bring(self, alerts: Sequence[Alert], who: str) -> Answer:
        return await self._called("bring", tuple(alerts), who)

    def services(self) -> Sequence[Service]:
        return self.known

    def places(self, runbook: str) -> Sequence[Service]:
        return self.known

    def askable(self, runbook: str) -> Mapping[str, Parameter]:
        return next((one.parameters for one in self.books if one.runbook == runbook), {})

    def misfits(self, wish: facts.Wish) -> Mapping[str, str]:
        return self.misfit

    async def _called(self, name: str, *args: Any) -> Answer:
        self.calls.append(Call(name, args))
        await self.gate.wait()
        if self.error is not None:
            raise self.error
        return self.answer


class Cases:
    """Incidents as a test tells them; who subscribed is told of each."""

    def __init__(self) -> None:
        self.incidents: dict[str, Incident] = {}
        self.subscribed: list[Callable[[Incident, Entry], None]] = []
        self.orders = Standing()
        self.used: dict[str, int] = {}
        self.ordered: list[Callable[[], None]] = []
        self.underway: dict[str, Headway] = {}

    def tell(self, *story: facts.Fact | builders.Told, name: str = builders.INCIDENT) -> Incident:
        """Let an incident stand as this story left it."""
        incident = builders.an_incident(*story, name=name)
        self.incidents[name] = incident
        self.told(incident, builders.entries(*story, name=name)[-1])
        return incident

    def told(self, incident: Incident, entry: Entry) -> None:
        """Pass it on to all who subscribed."""
        for tell in self.subscribed:
            tell(incident, entry)

    def hold(self, alert: Alert) -> None:
        """Let an incident of its own hold this alert as it is now."""
        name = f"inc-{alert.fingerprint}"
        known = self.incidents.get(name) or builders.an_incident(builders.an_opening(), name=name)
        alerts = {alert.fingerprint: alert}
        self.incidents[name] = known.model_copy(update={"alerts": alerts})

    def get(self, incident: str) -> Incident | None:
        return self.incidents.get(incident)

    def find(self, words: str) -> Incident | None:
        return self.incidents.get(f"inc-{words.removeprefix('inc-').removeprefix('run-')}")

    def headway(self, incident: str) -> Headway | None:
        return self.underway.get(incident)

    def open(self) -> Sequence[Incident]:
        return [incident for incident in self.incidents.values() if not incident.over]

    def recent(self, count: int) -> Sequence[Incident]:
        return list(self.incidents.values())[-count:]

    def since(self, at: datetime, count: int) -> Sequence[Episode]:
        return [episode.of(one) for one in self.recent(count) if one.opened_at >= at]

    def standing(self) -> Standing:
        return self.orders

    def order(self, *story: facts.Fact, start: datetime = builders.START) -> None:
        """Let the whole house be told this."""
        for entry in builders.entries(*story, name="", start=start):
            self.orders = standing.follow(self.orders, entry)
        for told in self.ordered:
            told()

    def by_permit(self, permit: str) -> int:
        return self.used.get(permit, 0)

    def on_order(self, told: Callable[[], None]) -> None:
        self.ordered.append(told)

    def subscribe(self, told: Callable[[Incident, Entry], None]) -> None:
        self.subscribed.append(told)


class Ledger:
    """Reads back the entries of one short story."""

    async def append(self, draft: Draft) -> tuple[Entry, bool]:
        raise AssertionError(f"Slack only reads the ledger, and it appended {draft.kind}")

    async def append_all(self, drafts: Sequence[Draft]) -> Sequence[tuple[Entry, bool]]:
        return [await self.append(draft) for draft in drafts]

    async def brief(self, incident: str) -> Brief:
        return Brief(builders.entries(builders.an_opening(), name=incident), 0)

    async def find(self, key: str) -> Entry | None:
        return None


def a_command(**changes: Any) -> dict[str, Any]:
    """A slash command as Slack sends it."""
    form = {
        "team_id": "T0LOCAL", "user_id": "U0ANA", "channel_id": "C0ALERTS", "command": "/heal",
        "text": "keep 7f3k2m", "trigger_id": "1.2.3", "response_url": "", "api_app_id": "A0HEAL",
    }  # fmt: skip
    return {**form, **changes}
