"""The library of a directory: runbooks, policy and detectors, loaded together or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import TypeVar

from bot.catalog import calendars, calls, checking, naming, yaml
from bot.catalog.calendars import Files
from bot.catalog.calls import KnownNames
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
Shelves = dict[str, tuple[Runbook, ...]]
POLICY = "policy"
RULES = "rules.yaml"
SERVICES = "services.yaml"
DETECTORS = "detectors"


def load_library(
    directory: Path,
    known: KnownNames,
    awake: Callable[[str], bool] = lambda _: True,
    policy: Path | None = None,
) -> Library:
    """
    Load runbooks, `policy/` and `detectors/`; CatalogError lists everything that is wrong.

    Another `policy` may stand in the place of the directory's own. `awake` tells of a system
    whether this installation has it. A runbook that lies in a directory of a system sleeps until
    every system that it names is there.
    """
    problems: list[Problem] = []
    inside, rules = (policy, policy) if policy else (directory, directory / POLICY)
    shelves: Shelves = _collect(problems, lambda: load_shelves(directory, known), {})
    written = partial(load_model, rules / RULES, Rulebook, inside)
    rulebook: Rulebook | None = _collect(problems, written, None)
    services = rules / SERVICES
    register = _collect(problems, lambda: load_services(services, inside, known), Register())
    detectors: tuple[Detector, ...] = _collect(
        problems, lambda: load_detectors(directory, known, register), ()
    )
    read = partial(calendars.load, rules / RULES, inside, rulebook)
    files: Files = _collect(problems, read, calendars.NONE)
    problems += naming.problems(rules, inside, rulebook, register)
    if problems or rulebook is None:
        raise CatalogError(problems)
    every = [book for books in shelves.values() for book in books]
    asleep = _asleep(shelves, awake)
    return Library(
        runbooks=tuple(book for book in every if book.runbook not in asleep),
        shelf=Shelf(every, asleep),
        services=register.services,
        rulebook=rulebook,
        policy_digest=_digest(rulebook, register, files),
        detectors=detectors,
        asleep=asleep,
        calendars=files.calendars,
    )


def _digest(rulebook: Rulebook, register: Register, files: Files) -> str:
    """What a plan's `policy_digest` is: any change of a file of the policy changes it."""
    return values.digest([rulebook.digest, register.model_dump(mode="json"), files.digests])


def _asleep(
    shelves: Mapping[str, tuple[Runbook, ...]], awake: Callable[[str], bool]
) -> dict[str, str]:
    """Runbooks that cannot be used here, each with the first system that is not there."""
    return {
        book.runbook: system
        for shelf, books in shelves.items()
        for book in (books if shelf else ())
        for system in (*sorted(book.systems, reverse=True), shelf)
        if not awake(system)
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


def load_detectors(directory: Path, known: KnownNames, register: Register) -> tuple[Detector, ...]:
    """Load `detectors/*.yaml`, if there are any; each must watch a service that is known."""
    problems: list[Problem] = []
    found = []
    for path in sorted((directory / DETECTORS).glob("*.yaml")):
        try:
            document = yaml.read(path, directory)
            detector = checking.check(document, Detector)
        except CatalogError as error:
            problems += error.problems
            continue
        found.append(detector)
        problems += [
            document.problem(*flaw) for flaw in _flaws(detector, path.stem, known, register)
        ]
    if problems:
        raise CatalogError(problems)
    return tuple(found)


def _flaws(detector: Detector, stem: str, known: KnownNames, register: Register) -> Iterator[Flaw]:
    if detector.detector != stem:
        yield Flaw(("detector",), f"{detector.detector!r} lies in {stem}.yaml: call both the same")
    names = {"service": context.NAMES["service"]}
    yield from flaws.of_calls(detector.probes, names, ("probes",))
    yield from calls.of_probes(detector.probes, known, ("probes",))
    evidence = {call.name: None for call in detector.probes}
    yield from flaws.of_condition(detector.firing, {**names, **evidence}, ("firing",))
    place = (detector.alert.service, detector.alert.environment)
    if register.find(*place) is None:
        yield Flaw(
            ("alert", "service"),
            f"{' in '.join(place)} is not in {POLICY}/{SERVICES}: add it there",
        )


def _collect(problems: list[Problem], load: Callable[[], T], empty: T) -> T:
    try:
        return load()
    except CatalogError as error:
        problems += error.problems
        return empty
