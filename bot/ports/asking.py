"""What people may ask for, and what they are told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import NamedTuple, Protocol

from bot.core import facts
from bot.core.alert import Alert
from bot.core.catalogue import Service
from bot.core.clauses import Parameter
from bot.core.links import Links
from bot.core.policy.circuit_breaker import Tripped
from bot.core.policy.promotion import Rung
from bot.core.runbook import Runbook
from bot.ports.glancing import Watchtower
from bot.ports.record import Exhibits


class Answer(NamedTuple):
    """What a person is told in private about what they asked for."""

    done: bool
    text: str
    incident: str = ""


class Allowance(NamedTuple):
    """What somebody wants to be allowed in advance; without an environment, the only one."""

    runbook: str
    service: str
    environment: str
    lasts: timedelta
    runs: int
    """0 = as many as the policy lets."""
    why: str


class Freezing(NamedTuple):
    """What somebody wants frozen: a service or `*`, in an environment or `*`."""

    service: str
    environment: str
    lasts: timedelta
    why: str


class Requests(Protocol):
    """What people may ask for, from Slack or anywhere; each one is authorised and recorded."""

    async def vote(
        self, incident: str, round_: int, who: str, *, yes: bool, why: str, reacted: bool = False
    ) -> Answer:
        """The plan of this round, 0 is the open one; `reacted` is too little for some plans."""

    async def pause(self, incident: str, round_: int, who: str) -> Answer:
        """By a reaction: the question is closed, nothing runs, and this person takes over."""

    async def wish(self, wish: facts.Wish, channel: str, thread: str, once: str = "") -> Answer:
        """`once` names this asking: brought again after a crash, it opens nothing anew."""

    async def cancel(self, incident: str, who: str, why: str) -> Answer: ...
    async def undo(
        self, incident: str, who: str, channel: str, thread: str, once: str = ""
    ) -> Answer: ...
    async def again(
        self, incident: str, who: str, once: str = "", *, retry: bool = False
    ) -> Answer:
        """Ask anew what nobody decided in time; with `retry` also what ended without healing."""

    async def break_glass(self, incident: str, who: str, why: str, once: str = "") -> Answer:
        """Have two others decide whether what policy refused is done all the same."""

    async def review(self, incident: str, who: str, *, right: bool) -> Answer:
        """Say how the outcome of a run looks that nobody was asked about."""

    async def keep(self, incident: str, who: str) -> Answer: ...
    def runbooks(self) -> Sequence[Runbook]: ...
    async def stages(self) -> Sequence[Rung]:
        """Where every runbook stands in its roll-out, and what its record says."""


class Orders(Protocol):
    """What people may say for the whole house; each one is authorised and recorded."""

    async def halt(self, who: str, why: str) -> Answer: ...
    async def resume(self, who: str, why: str) -> Answer: ...
    async def freeze(self, wanted: Freezing, who: str) -> Answer: ...
    async def thaw(self, service: str, environment: str, who: str, why: str) -> Answer:
        """Lift what was ordered under exactly this name; freezes of the policy stay."""

    async def propose(self, incident: str, who: str) -> Answer:
        """A problem record, for what keeps coming back."""

    async def retell(self, who: str) -> Answer:
        """What other systems were not told and was given up is told once more."""

    def breakers(self) -> Sequence[Tripped]:
        """The services that are left to people now, because runs on them kept failing."""

    def storm(self) -> str:
        """How much is in trouble when that is a storm, in which nothing runs unattended."""


class Permits(Protocol):
    """What people may allow in advance; it is asked for, decided and taken back like a plan."""

    async def allow(self, wish: Allowance, who: str, channel: str, once: str = "") -> Answer:
        """Ask for it; `once` names this asking, as it does for a wish."""

    async def decide(self, permit: str, who: str, *, yes: bool, why: str) -> Answer: ...
    async def revoke(self, permit: str, who: str, why: str) -> Answer: ...


class Edits(Protocol):
    """Other parameters for a plan that is asked for; it is then made and asked for anew."""

    def editable(self, incident: str) -> Mapping[str, Parameter]:
        """The parameters of its plan that may be given another value."""

    def faults(self, incident: str, given: Mapping[str, str]) -> Mapping[str, str]:
        """What of these does not fit, by parameter; nothing is looked up for it."""

    async def edit(self, incident: str, round_: int, who: str, given: Mapping[str, str]) -> Answer:
        """Another plan with these values, in place of this round's, and asked for anew."""


class Forms(Protocol):
    """What may be wished for in a form; answered from memory, while the person waits."""

    def runbooks(self) -> Sequence[Runbook]: ...
    def places(self, runbook: str) -> Sequence[Service]:
        """The services of the catalogue that its owner allows it for."""

    def askable(self, runbook: str) -> Mapping[str, Parameter]:
        """Its parameters that a person may give; the rest the catalogue says of the service."""

    def misfits(self, wish: facts.Wish) -> Mapping[str, str]:
        """What of it does not fit: by parameter, or by `runbook` or `service`; empty = all does."""


class Person(NamedTuple):
    """Who somebody is to the policy, as of now."""

    words: tuple[str, ...] = ()
    """The groups, schedules and names of the policy that they stand under."""
    roles: tuple[str, ...] = ()
    operates: bool = False
    resumes: bool = False
    approves: tuple[str, ...] = ()
    """The levels of risk at which they may say yes, the lowest first."""
    waiting: tuple[str, ...] = ()
    """The incidents whose open question they may say yes to, the first to expire first."""
    doubts: str = ""
    """What could not be found out, as a sentence goes on; empty when all could."""


class Attention(Protocol):
    """What concerns one person: who they are here, what waits for them, when to remind them."""

    async def about(self, who: str) -> Person:
        """As Slack and the pagers said within a minute: to be shown, nothing is decided by it."""

    async def snooze(self, incident: str, who: str, lasts: timedelta) -> Answer:
        """Remind them of it then, or before its question expires, if it is open still."""


class Setting(NamedTuple):
    """What was set otherwise than by default; of a secret only that it is set."""

    variable: str
    value: str


class Audited(NamedTuple):
    """Whether the ledger is what was written, in one line."""

    sound: bool
    line: str


class Office(Protocol):
    """What is known of this installation of Heal itself."""

    def settings(self) -> Sequence[Setting]: ...
    async def verify(self) -> Audited | None:
        """Walk the whole ledger, beside all else; None while somebody else has it walked."""


class PlanName(NamedTuple):
    """The plan of one round of an incident's asking."""

    incident: str
    round: int


class Batches(Protocol):
    """One answer for plans of one kind, that stand together on one card."""

    async def vote_all(self, plans: Sequence[PlanName], who: str, *, yes: bool, why: str) -> Answer:
        """Vote on each that is open; on none when this person may not decide one of them."""


class Bringing(Protocol):
    """Alerts that people point to, in their name; and what they may choose from instead."""

    async def barred(self, who: str) -> Answer | None:
        """Why this person may bring nothing; None when they may."""

    async def bring(self, alerts: Sequence[Alert], who: str) -> Answer: ...
    def services(self) -> Sequence[Service]: ...


class Calls(Protocol):
    """What those who are called say."""

    async def take(self, incident: str, who: str) -> Answer:
        """Note that this person has it, if they may say so: nobody further is called."""


class Engine(NamedTuple):
    """The engine, as people reach it."""

    requests: Requests
    orders: Orders
    permits: Permits
    edits: Edits
    batches: Batches
    tower: Watchtower
    bringing: Bringing
    forms: Forms
    attention: Attention
    office: Office
    exhibits: Exhibits
    calls: Calls
    links: Links = Links()
    """The addresses of pages; of no pages unless a setting names where they are."""
