"""The library of a directory: runbooks, policy and detectors, loaded together or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import TypeVar

from bot.catalog import calendars, calls, checking, naming, yaml
from bot.catalog.calendars import Files
from bot.catalog.calls import KnownNames
from bot.catalog.detectors import Detectors, load_detectors
from bot.catalog.policy import load_model
from bot.catalog.problems import CatalogError, Problem
from bot.catalog.runbooks import load_shelves
from bot.core import context, flaws, values
from bot.core.catalogue import DeployCheck
from bot.core.detector import Detector
from bot.core.flaws import Flaw
from bot.core.library import Library
from bot.core.matching import Shelf
from bot.core.policy.register import Register
from bot.core.policy.rulebook import Rulebook
from bot.core.runbook import Runbook

T = TypeVar("T")
Written = TypeVar("Written", Runbook, Detector)
Shelves = dict[str, tuple[Runbook, ...]]
POLICY = "policy"
RULES = "rules.yaml"
SERVICES = "services.yaml"


def load_library(
    directory: Path,
    known: KnownNames,
    awake: Callable[[str], bool] = lambda _: True,
    policy: Path | None = None,
) -> Library:
    """
    Load runbooks, `policy/` and `detectors/`; CatalogError lists everything that is wrong.

    Another `policy` may stand in the place of the directory's own. What lies in a directory of a
    system sleeps until every system that it names is `awake`: this installation has it.
    """
    problems: list[Problem] = []
    inside, rules = (policy, policy) if policy else (directory, directory / POLICY)
    shelves: Shelves = _collect(problems, lambda: load_shelves(directory, known), {})
    written = partial(load_model, rules / RULES, Rulebook, inside)
    rulebook: Rulebook | None = _collect(problems, written, None)
    services = partial(load_services, rules / SERVICES, inside, known)
    register = _collect(problems, services, Register())
    looking: Detectors = _collect(problems, lambda: load_detectors(directory, known, register), {})
    read = partial(calendars.load, rules / RULES, inside, rulebook)
    files: Files = _collect(problems, read, calendars.NONE)
    problems += naming.problems(rules, inside, rulebook, register)
    if problems or rulebook is None:
        raise CatalogError(problems)
    every = [one for ones in shelves.values() for one in ones]
    watches = [one for ones in looking.values() for one in ones]
    asleep = _asleep(_named(shelves, lambda book: book.runbook), awake)
    dozing = _asleep(_named(looking, lambda one: one.detector), awake)
    return Library(
        runbooks=tuple(book for book in every if book.runbook not in asleep),
        shelf=Shelf(every, asleep),
        services=register.services,
        rulebook=rulebook,
        policy_digest=_digest(rulebook, register, files),
        detectors=tuple(one for one in watches if one.detector not in dozing),
        asleep=asleep,
        detectors_asleep=dozing,
        calendars=files.calendars,
    )


def _digest(rulebook: Rulebook, register: Register, files: Files) -> str:
    """What a plan's `policy_digest` is: any change of a file of the policy changes it."""
    return values.digest([rulebook.digest, register.model_dump(mode="json"), files.digests])


def _asleep(
    shelves: Mapping[str, list[tuple[str, frozenset[str]]]], awake: Callable[[str], bool]
) -> dict[str, str]:
    """What cannot be used here, each by its name with the first system that is not there."""
    return {
        name: system
        for shelf, entries in shelves.items()
        for name, systems in (entries if shelf else ())
        for system in (*sorted(systems, reverse=True), shelf)
        if not awake(system)
    }


def _named(
    shelves: Mapping[str, tuple[Written, ...]], name: Callable[[Written], str]
) -> dict[str, list[tuple[str, frozenset[str]]]]:
    """What lies on each shelf: the names, each with the systems that it speaks to."""
    return {
        shelf: [(name(one), one.systems) for one in entries] for shelf, entries in shelves.items()
    }


def load_services(path: Path, inside: Path, known: KnownNames) -> Register:
    """Load the services; how each is seen to be deployed is checked as a runbook's probes are."""
    document = yaml.read(path, inside)
    register = checking.check(document, Register)
    problems = [
        document.problem(*flaw)
        for at, service in enumerate(register.services)
        if service.deploying is not None
        for flaw in _flaws_of_check(service.deploying, known, ("services", at, "deploying"))
    ]
    if problems:
        raise CatalogError(problems)
    return register


def _flaws_of_check(check: DeployCheck, known: KnownNames, path: flaws.Path) -> Iterator[Flaw]:
    names = {"service": context.NAMES["service"]}
    yield from flaws.of_calls(check.probes, names, (*path, "probes"))
    yield from calls.of_probes(check.probes, known, (*path, "probes"))
    evidence = {call.name: None for call in check.probes}
    wrong = tuple(flaws.of_condition(check.when, {**names, **evidence}, (*path, "when")))
    yield from wrong or flaws.of_signal(check.when, check.probes, (*path, "when"))


def _collect(problems: list[Problem], load: Callable[[], T], empty: T) -> T:
    try:
        return load()
    except CatalogError as error:
        problems += error.problems
        return empty
