"""Rulebook: what the house allows, as its owners wrote it into `policy/rules.yaml`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from bot.core import durations, spelling, values
from bot.core.circle import Circle, Demand
from bot.core.flaws import Flaw, FlawedError
from bot.core.policy.sections import (
    Approvers,
    Blast,
    BlastLimit,
    Breaker,
    BreakGlass,
    Called,
    Count,
    Dependencies,
    Escalation,
    Exact,
    Freeze,
    Grouping,
    Maintenance,
    Name,
    NextLevel,
    Permits,
    Production,
    Promotion,
    Queue,
    Rate,
    Recurring,
    Role,
    Rota,
    Scaling,
    Settle,
    Severities,
    Stages,
    Storm,
    Switch,
    Tickets,
    Tier,
    Tries,
    WorkingHours,
)
from bot.core.risk import Level
from bot.core.values import Frozen

LEAST_CONFIDENCE = 0.75
"""No runbook and no rulebook lowers the confidence floor below this."""


class Rulebook(Frozen):
    """The whole policy; a key nobody knows is refused, and who approves must be said."""

    roles: dict[Exact, Role] = Field(
        default={}, description="who is what; approvers, operators, services and runbooks name them"
    )
    rotas: dict[Exact, Rota] = Field(default={}, description="rotations of who is on call")
    approvers: Approvers = Field(description="who may say yes, by level of risk")
    operators: Called | None = Field(
        default=None,
        description="who may type what changes something (run, cancel, undo, stop), beside the "
        "approvers of high risk",
    )
    escalation: Escalation = Field(
        default=Escalation(), description="who is called next while nobody takes what failed"
    )
    severities: Severities = Field(
        default=Severities(), description="how bad an alert is, in the house's own words"
    )
    grouping: Grouping = Field(
        default=Grouping(), description="which alerts of one service are healed together"
    )
    settle: tuple[Settle, ...] = Field(
        default=(), description="alerts that must last a while; of several the longest counts"
    )
    dependencies: Dependencies = Field(
        default=Dependencies(), description="when what a service needs is in trouble too"
    )
    ticket: Tickets = Field(
        default=Tickets(), description="when the ticket of an incident cannot be read"
    )
    freezes: tuple[Freeze, ...] = Field(default=(), description="times of no change")
    maintenance: tuple[Maintenance, ...] = Field(
        default=(), description="times in which people work on a service and Heal keeps off it"
    )
    rates: tuple[Rate, ...] = Field(default=(), description="how often, beside a runbook's own")
    breaker: Breaker = Field(default=Breaker(), description="when to stop trying unattended")
    attempts: Tries = Field(default=Tries(), description="when enough was tried at one trouble")
    flapping: Recurring = Field(
        default=Recurring(times=3, within=durations.parse("30m")),
        description="alerts that fire again and again are marked, and asked for",
    )
    repeat_offender: Recurring = Field(
        default=Recurring(times=5, within=durations.parse("7d")),
        description="troubles with incident after incident are marked, and asked for",
    )
    blast: Blast = Field(default=Blast(), description="how much may be hit at once")
    blast_limits: tuple[BlastLimit, ...] = Field(
        default=(), description="`blast`, tighter for some services; never looser"
    )
    storm: Storm = Field(default=Storm(), description="when too much is broken to act unattended")
    scaling: Scaling = Field(default=Scaling(), description="how far capacity may move")
    confidence_floor: Annotated[float, Field(strict=True, ge=LEAST_CONFIDENCE, le=1)] = Field(
        default=0.80,
        description="a less certain alert asks; a runbook's min_confidence stands in its place",
    )
    never_unattended: tuple[Name, ...] = Field(
        default=(), description="actions that a person must always see; `*` stands for anything"
    )
    production: Production = Field(default=Production(), description="where everything asks")
    permits: Permits = Field(
        default=Permits(), description="how far people may allow something in advance"
    )
    ask_from_risk: Literal[Level.MEDIUM, Level.HIGH] = Field(
        default=Level.MEDIUM, description="medium or high: from this level of risk on, people say"
    )
    ask_from_tier: Tier = Field(default=4, description="from this tier of service on, people say")
    ask_from_dependants_tier: Tier = Field(
        default=4, description="people say when a service of this tier or above depends on it"
    )
    working_hours: WorkingHours | None = Field(
        default=None, description="when people are at work; outside of it the risk is higher"
    )
    ask_when_critical: Switch = Field(
        default=True, description="people say when an alert of the incident is critical"
    )
    break_glass: BreakGlass = Field(
        default=BreakGlass(), description="what two people may override in an emergency"
    )
    stages: Stages = Field(
        default=Stages(), description="how far each runbook has come: dry_run, ask, auto"
    )
    promotion: Promotion = Field(
        default=Promotion(), description="what `heal runbooks stages` measures a record by"
    )
    concurrency: Count = Field(default=3, description="how many runs may be under way at once")
    queue: Queue = Field(default=Queue(), description="where the next ones wait their turn")

    def next_levels(self, service: str, environment: str, role: str) -> tuple[NextLevel, ...]:
        """Who is called after this role, in order, while nobody says that they have it."""
        said = self.escalation.of(service, environment, role)
        if said is not None:
            return said
        late = self.approvers.fallback or self.approvers.high
        return (NextLevel(roles=late.called, groups=late.groups, people=late.people),)

    @property
    def operating(self) -> tuple[Called, ...]:
        """Everybody who may operate Heal; reading is for all."""
        high = self.approvers.high
        return (self.operators, high) if self.operators else (high,)

    def circle(self, *called: Called) -> Circle:
        """Everybody whom these name, the people of their roles included."""
        named = (Circle(groups=one.groups, people=one.people) for one in called)
        roles = (self.demand(name) for one in called for name in one.called)
        return Circle().beside(*named, *roles)

    def demand(self, name: str) -> Demand:
        """Somebody of this role; of a role that is not there, nobody."""
        role = self.roles.get(name)
        return Demand(name=name, **role.model_dump()) if role else Demand(name=name)

    @model_validator(mode="after")
    def _knows_its_roles_and_rotas(self) -> Self:
        if found := tuple(self._unknown()):
            raise FlawedError(found)
        return self

    def _unknown(self) -> Iterator[Flaw]:
        panels = (("low", self.approvers.low), ("medium", self.approvers.medium),
                  ("high", self.approvers.high), ("fallback", self.approvers.fallback))  # fmt: skip
        named = [(("approvers", word), one) for word, one in panels]
        levels = ((("escalation", *path), one) for path, one in self.escalation.written)
        for path, one in (*named, (("operators",), self.operators), *levels):
            for key in ("roles", "from_each"):
                for at, name in enumerate(getattr(one, key, ())):
                    if name not in self.roles:
                        yield Flaw((*path, key, at), spelling.unknown(name, self.roles))
        for name, role in self.roles.items():
            for at, schedule in enumerate(role.schedules):
                pager, _, rota = schedule.partition(":")
                if pager == "rota" and rota not in self.rotas:
                    place = ("roles", name, "schedules", at)
                    yield Flaw(place, spelling.unknown(rota, self.rotas))

    def blast_of(self, service: str, environment: str, tier: int | None) -> Blast:
        """What may be hit of this service; a tier that is not known is taken for each."""
        fitting = [one for one in self.blast_limits if one.concerns(service, environment, tier)]
        return self.blast.tightened(fitting)

    @property
    def digest(self) -> str:
        """What a plan's `policy_digest` is: any change of the policy changes it."""
        return values.digest(self.model_dump(mode="json"))
