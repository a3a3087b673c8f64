"""Circles: whether those whom the policy names are there, and whether they can be enough; asked."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from bot import ports
from bot.catalog import yaml
from bot.core import weighing
from bot.core.approval import Request
from bot.core.catalogue import Service
from bot.core.circle import Circle, Demand
from bot.core.errors import ConfigurationError, TemporaryError
from bot.core.library import Library
from bot.core.policy.sections.people import Panel
from bot.core.risk import Level
from bot.doctor.finding import Finding, State, failed, ok, warning
from bot.engine import electing

RULES, SERVICES = "policy/rules.yaml", "policy/services.yaml"


@dataclass(frozen=True)
class Asking:
    """
    Who is asked about whom. `present` tells whether somebody named by id can act.

    What Slack said of a group up to `within` seconds ago is believed.
    """

    library: Library
    directory: Path
    people: ports.People
    pager: ports.Pager
    clock: ports.Clock
    present: Callable[[str], Awaitable[bool]]
    within: float = 0.0

    def place(self, file: str, *path: str | int) -> str:
        """Where something stands: "policy/rules.yaml:12"."""
        try:
            found = yaml.read(self.directory / file, self.directory).problem(path, "")
        except ConfigurationError:
            return file
        return f"{file}:{found.line}"

    def request(self, circle: Circle, wanted: int = 1, demands: Sequence[Demand] = ()) -> Request:
        """The question that would be put to them, of which nobody is excluded."""
        return Request(
            round=1,
            plan_digest="none",
            quorum=wanted,
            demands=tuple(demands),
            expires_at=self.clock.now(),
            groups=circle.groups,
            people=circle.people,
            schedules=circle.schedules,
        )


class Wanted(NamedTuple):
    """How many must agree at most, and who says so: any runbook may be judged at any level."""

    people: int
    by: str


async def of_levels(asking: Asking) -> list[Finding]:
    """For every level of risk: whether enough different people can say yes tonight."""
    rules, findings = asking.library.rulebook.approvers, list[Finding]()
    for level in Level:
        panel = rules.of(level)
        at = asking.place(RULES, "approvers", next(one for one in (level, "medium", "high")
                                                   if getattr(rules, one) is panel))  # fmt: skip
        follows = f"{at}: nobody can approve {level} risk: such plans are refused"
        asked = _asked(asking, panel, panel.from_each)
        name = f"approvers of {level} risk"
        findings.append(await _enough(asking, name, asked, _wanted(asking, panel).by, follows))
    return findings


async def of_services(asking: Asking) -> list[Finding]:
    """For services that want their owners to agree: whether they can, beside the level's panel."""
    rules, findings = asking.library.rulebook.approvers, list[Finding]()
    for at, service, level, names in _owned(asking.library):
        panel = rules.of(level)
        asked = _asked(asking, panel, (*panel.from_each, *names))
        where = f"{service.name} in {service.environment}"
        follows = (f"{asking.place(SERVICES, 'services', at, 'approvers')}: nobody can approve "
                   f"{level} risk for {where}: such plans are refused")  # fmt: skip
        name = f"approvers of {level} risk for {where}"
        found = await _enough(asking, name, asked, _wanted(asking, panel).by, follows)
        findings += [found] if found.state is not State.OK else []
    return findings


async def of_operators(asking: Asking) -> list[Finding]:
    """Whether anybody may operate Heal."""
    rules = asking.library.rulebook
    asked = asking.request(rules.circle(*rules.operating))
    at = asking.place(RULES, "operators")
    follows = f"{at}: nobody may run, cancel, undo or stop anything"
    return [await _enough(asking, "operators", asked, "policy", follows)]


async def of_roles(asking: Asking) -> list[Finding]:
    """For every role: whether there is somebody; from an empty one, no yes can be had."""
    findings = []
    for name in asking.library.rulebook.roles:
        at = asking.place(RULES, "roles", name)
        asked = asking.request(asking.library.rulebook.demand(name))
        follows = f"{at}: what demands somebody of it is refused"
        findings.append(await _enough(asking, f"role {name}", asked, "policy", follows))
    return findings


def _owned(library: Library) -> Iterator[tuple[int, Service, Level, tuple[str, ...]]]:
    """Where owners must agree: each combination of roles once, at the first service that has it."""
    seen = set[tuple[Level, tuple[str, ...]]]()
    for at, service in enumerate(library.services):
        for level in Level:
            names = service.approvers.of(level)
            if names and (level, names) not in seen:
                seen.add((level, names))
                yield at, service, level, names


def _asked(asking: Asking, panel: Panel, roles: Sequence[str]) -> Request:
    rules = asking.library.rulebook
    fallback = rules.approvers.fallback
    circle = rules.circle(panel, *([fallback] if fallback else []))
    demands = [rules.demand(name) for name in dict.fromkeys(roles)]
    return asking.request(circle, _wanted(asking, panel).people, demands)


def _wanted(asking: Asking, panel: Panel) -> Wanted:
    asked = [Wanted(panel.needs, "policy")]
    asked += [
        Wanted(b.safety.approval.quorum, f"runbook {b.runbook}") for b in asking.library.runbooks
    ]
    return max(asked, key=lambda one: one.people)


async def _enough(asking: Asking, name: str, request: Request, by: str, follows: str) -> Finding:
    """Whether there are enough; `follows` says where it stands and what comes of too few."""
    every = request.everybody
    asked = Circle(groups=every.groups, schedules=every.schedules)
    now = asking.clock.now()
    found = await electing.ask(asking.people, asking.pager, now, asked, within=asking.within)
    if found.nobody:
        return failed(
            name, "; ".join(found.nobody.values()), f"make it in Slack, or mend it in {follows}"
        )
    if found.unknown:
        return failed(name, "; ".join(found.unknown.values()), "mend what it says, or ask again")
    try:
        gone = sorted([word for word in every.people if not await asking.present(word)])
    except TemporaryError as error:
        return failed(name, str(error), "mend what the scopes say, or ask again")
    grounds = dict(found.grounds)
    for word in (word for word in every.people if word not in gone):
        grounds[word] = (*grounds.get(word, ()), word)
    return _told(name, request, grounds, gone, by, follows)


def _told(
    name: str,
    request: Request,
    grounds: dict[str, tuple[str, ...]],
    gone: list[str],
    by: str,
    follows: str,
) -> Finding:
    remedy = f"put people into the groups that {RULES} names, or name others there"
    there = sum(1 for words in grounds.values() if {*request.words} & {*words})
    if not there:
        return failed(name, f"there is nobody; {follows}", remedy)
    if there < request.quorum:
        found = f"the quorum of {request.quorum} ({by}) cannot be reached by {there}; {follows}"
        return warning(name, found, remedy)
    if why := weighing.hopeless(request, grounds):
        return warning(name, f"{why}; {follows}", remedy)
    if gone:
        return warning(name, f"{', '.join(gone)} cannot act: gone, or not a person", remedy)
    return ok(name, f"{there}, {request.quorum} needed at most")
