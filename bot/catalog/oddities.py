"""Oddities: what is legal in a policy and hardly meant, each with its line and what follows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from bot.catalog import calling, yaml
from bot.catalog.library import POLICY, RULES, SERVICES
from bot.catalog.problems import Problem
from bot.catalog.runbooks import APART
from bot.core import spelling
from bot.core.clauses import ANY
from bot.core.flaws import Path as Place
from bot.core.library import Library
from bot.core.policy import edges, one_service
from bot.core.policy.sections import Rate, Where, fits
from bot.core.risk import Level


class Odd(NamedTuple):
    """Where it stands, and what follows; grave when something can never be approved by it."""

    path: Place
    message: str
    grave: bool = False


@dataclass(frozen=True)
class Oddity:
    """One question to the owners of the policy."""

    problem: Problem
    grave: bool

    def __str__(self) -> str:
        return str(self.problem)


Looked = Callable[[Library, datetime], Iterator[Odd]]


def of_policy(directory: Path, library: Library, now: datetime) -> list[Oddity]:
    """Look through the policy of a library that was loaded from this directory."""
    found: list[Oddity] = []
    for file, looks in ((RULES, OF_RULES), (SERVICES, OF_SERVICES)):
        document = yaml.read(directory / POLICY / file, directory)
        odd = (one for look in looks for one in look(library, now))
        found += [Oddity(document.problem(o.path, o.message), o.grave) for o in odd]
    found += [odd for one in calling.slips(library) for odd in _slip(directory, one)]
    return sorted(found, key=lambda one: (one.problem.file, one.problem.line))


def _slip(directory: Path, slip: calling.Slip) -> Iterator[Oddity]:
    """Where it stands: a runbook's file is called as the runbook, whichever shelf it is on."""
    file = f"{slip.runbook}.yaml"
    for path in (directory / file, *directory.glob(f"*/{file}")):
        if path.is_file() and path.parent.name not in APART:
            problem = yaml.read(path, directory).problem(("escalate", "to"), slip.message)
            yield Oddity(problem, grave=False)


def _lines(library: Library) -> Iterator[tuple[Place, Where]]:
    """Every line of the rules that is about services and environments."""
    rules = library.rulebook
    for key, lines in (
        ("freezes", rules.freezes), ("maintenance", rules.maintenance), ("rates", rules.rates),
    ):  # fmt: skip
        yield from (((key, number), line) for number, line in enumerate(lines))
    yield from ((("stages", "lines", n), line) for n, line in enumerate(rules.stages.lines))


def _places(library: Library, line: Where) -> set[tuple[str, str]]:
    known = ((one.name, one.environment) for one in library.services)
    return {place for place in known if line.covers(*place)}


def _names_nothing(library: Library, _now: datetime) -> Iterator[Odd]:
    services = {one.name for one in library.services}
    for path, line in _lines(library):
        exact = [name for name in line.services if not set(name) & set("*?[")]
        for name in (name for name in exact if name not in services):
            slip = spelling.unknown(name, services)
            yield Odd(
                (*path, "services"), f"it never applies to a service without an entry: {slip}"
            )
        if not _places(library, line) and all(name in services for name in exact):
            yield Odd(path, f"it is about no service of {SERVICES}: it never applies")


def _is_over(library: Library, now: datetime) -> Iterator[Odd]:
    for key in ("freezes", "maintenance"):
        for number, window in enumerate(getattr(library.rulebook, key)):
            if window.calendar is None and not window.spans(now, now + edges.AHEAD):
                said = f"{window.name} does not come in the next {edges.AHEAD.days} days"
                yield Odd((key, number), f"{said}: if it is over, remove it")


def _is_never_reached(library: Library, _now: datetime) -> Iterator[Odd]:
    """A rate that another one is always used up before."""
    rates = library.rulebook.rates
    places = [_places(library, rate) for rate in rates]
    for number, rate in enumerate(rates):
        for other, stricter in enumerate(rates):
            within = places[number] and places[number] <= places[other]
            if other != number and within and _sooner(stricter, other, rate, number):
                yield Odd(("rates", number), f"rates[{other}] lets through less of the same, so "
                          "this one never decides: remove one of them")  # fmt: skip
                break


def _sooner(stricter: Rate, other: int, rate: Rate, number: int) -> bool:
    if stricter.per is not rate.per:
        return False
    same = (stricter.limit, stricter.within) == (rate.limit, rate.within)
    if same and stricter.environments == rate.environments and stricter.services == rate.services:
        return other < number  # of two that say the same the later one
    # the same attempts have to be counted: a wider place counts more, which is sooner used up
    return stricter.limit <= rate.limit and stricter.within >= rate.within


def _preapproved(library: Library, _now: datetime) -> Iterator[Odd]:
    rules = library.rulebook
    names = {book.runbook for book in library.runbooks} | set(library.asleep)
    for number, entry in enumerate(rules.production.preapproved):
        path = ("production", "preapproved", number)
        book = library.runbook(entry.runbook)
        if entry.runbook not in names:
            slip = spelling.unknown(entry.runbook, names)
            yield Odd((*path, "runbook"), f"nothing is pre-approved by this line: {slip}")
        if entry.service not in {one.name for one in library.services}:
            slip = spelling.unknown(entry.service, {one.name for one in library.services})
            yield Odd((*path, "service"), f"nothing is pre-approved by this line: {slip}")
        if book is not None and not book.safety.unattended:
            yield Odd(path, f"{entry.runbook} asks all the same: its safety.unattended is false")


def _quorums(library: Library, _now: datetime) -> Iterator[Odd]:
    """Where only people are named, whether they are enough for every runbook."""
    rules, approvers = library.rulebook, library.rulebook.approvers
    for level in Level:
        panel, fallback = approvers.of(level), approvers.fallback
        called = [panel, *([fallback] if fallback else [])]
        circle = rules.circle(*called)
        if circle.groups or circle.schedules:
            continue  # only Slack, or a pager, knows how many they are
        people = circle.people
        path = ("approvers", str(level))
        for book in library.runbooks:
            wanted = max(panel.needs, book.safety.approval.quorum)
            if wanted > len(people):
                yield Odd(path, f"{book.runbook} wants {wanted} different people, and {level} risk "
                          f"names {len(people)}: nobody can approve it", grave=True)  # fmt: skip
        if len(people) == 1 and not panel.requester_may_approve:
            yield Odd(path, f"only {people[0]} may approve {level} risk: what they ask for "
                      "themselves nobody can approve")  # fmt: skip


def _production(library: Library, _now: datetime) -> Iterator[Odd]:
    production = library.rulebook.production
    named = production.environments
    if "environments" in production.model_fields_set and not any(
        fits(one.environment, named) for one in library.services
    ):
        yield Odd(("production", "environments"), "no listed service is in production: nothing "
                  "asks for being there")  # fmt: skip


def _depends_on_nothing(library: Library, _now: datetime) -> Iterator[Odd]:
    for number, service in enumerate(library.services):
        for place, name in enumerate(service.depends_on):
            if library.service(name, service.environment) is None:
                there = [s.name for s in library.services if s.environment == service.environment]
                slip = spelling.unknown(name, there)
                yield Odd(
                    ("services", number, "depends_on", place),
                    f"whoever heals it is not told that {service.name} would notice: {slip}",
                )


def _nothing_heals_it(library: Library, _now: datetime) -> Iterator[Odd]:
    pairs = {(one.service, one.environment) for b in library.runbooks for one in b.approved_for}
    for number, service in enumerate(library.services):
        place = (service.name, service.environment)
        if place not in pairs and (ANY, service.environment) not in pairs:
            yield Odd(("services", number), f"no runbook is approved for {' in '.join(place)}: "
                      "each alert of it calls a person")  # fmt: skip


def _claimed_twice(library: Library, _now: datetime) -> Iterator[Odd]:
    owners: dict[str, str] = {}
    for number, service in enumerate(library.services):
        for pattern in one_service.claims(service):
            name = f"{service.name} in {service.environment}"
            first = owners.setdefault(pattern, name)
            if first != name:
                yield Odd(("services", number, "facts", "targets"), f"{pattern} is claimed by "
                          f"{first} too: a plan of one may touch the other")  # fmt: skip


OF_RULES: tuple[Looked, ...] = (
    _names_nothing, _is_over, _is_never_reached, _preapproved, _quorums, _production,
)  # fmt: skip
OF_SERVICES: tuple[Looked, ...] = (_depends_on_nothing, _nothing_heals_it, _claimed_twice)
