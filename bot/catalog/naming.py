"""What names a role or a pager: every one of them must be there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from bot.catalog import yaml
from bot.catalog.problems import Problem
from bot.core import spelling
from bot.core.flaws import Flaw
from bot.core.policy.register import Register
from bot.core.policy.rulebook import Rulebook

RULES = "rules.yaml"
SERVICES = "services.yaml"
LEVELS = ("low", "medium", "high")
PAGERS = ("irm", "jsm", "pagerduty", "rota")


def problems(
    directory: Path, inside: Path, rulebook: Rulebook | None, register: Register
) -> Iterator[Problem]:
    """Say where a role is named that the rules do not have, or a pager that nobody made."""
    if rulebook is None:
        return  # said with the rules already
    for file, found in (
        (SERVICES, _of_services(register, rulebook)),
        (RULES, _of_schedules(rulebook)),
    ):
        yield from _placed(directory / file, inside, found)


def _placed(path: Path, inside: Path, found: Iterable[Flaw]) -> Iterator[Problem]:
    if wrong := list(found):
        document = yaml.read(path, inside)
        yield from (document.problem(*flaw) for flaw in wrong)


def _of_services(register: Register, rulebook: Rulebook) -> Iterator[Flaw]:
    for at, service in enumerate(register.services):
        for level in LEVELS:
            for number, name in enumerate(getattr(service.approvers, level)):
                if name not in rulebook.roles:
                    place = ("services", at, "approvers", level, number)
                    yield Flaw(place, f"the role {spelling.unknown(name, rulebook.roles)}")


def _of_schedules(rulebook: Rulebook) -> Iterator[Flaw]:
    for name, role in rulebook.roles.items():
        for at, schedule in enumerate(role.schedules):
            pager = schedule.partition(":")[0]
            if pager not in PAGERS:
                place = ("roles", name, "schedules", at)
                yield Flaw(place, f"the pager {spelling.unknown(pager, PAGERS)}")
