"""Detectors from disk: all of a directory or, with every problem of every file, none of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bot.catalog import calls, checking, runbooks, yaml
from bot.catalog.calls import KnownNames
from bot.catalog.problems import CatalogError, Problem
from bot.core import context, flaws
from bot.core.detector import Detector
from bot.core.flaws import Flaw
from bot.core.policy.register import Register

Detectors = dict[str, tuple[Detector, ...]]
DETECTORS = "detectors"
SERVICES = "policy/services.yaml"


def load_detectors(directory: Path, known: KnownNames, register: Register) -> Detectors:
    """
    Load each `*.yaml` of `detectors/` ("") or of a directory in it that is called as a system.

    There may be none at all. CatalogError lists everything that is wrong; a file that would be
    overlooked is wrong too.
    """
    folder = directory / DETECTORS
    if not folder.is_dir():
        return {}
    problems: list[Problem] = []
    found: dict[str, list[Detector]] = {}
    files: dict[str, str] = {}
    for path in runbooks.files(folder, known, problems):
        try:
            document = yaml.read(path, directory)
            detector = checking.check(document, Detector)
        except CatalogError as error:
            problems += error.problems
            continue
        wrong = [document.problem(*flaw) for flaw in _flaws(detector, path.stem, known, register)]
        if detector.detector in files:
            said = f"{detector.detector!r} is also in {files[detector.detector]}: rename one"
            wrong.append(document.problem(("detector",), said))
        files[detector.detector] = document.file
        shelf = "" if path.parent == folder else path.parent.name
        found.setdefault(shelf, []).append(detector)
        problems += wrong
    if problems:
        raise CatalogError(problems)
    return {shelf: tuple(ones) for shelf, ones in found.items()}


def _flaws(detector: Detector, stem: str, known: KnownNames, register: Register) -> Iterator[Flaw]:
    if detector.detector != stem:
        yield Flaw(("detector",), f"{detector.detector!r} lies in {stem}.yaml: call both the same")
    about = {"service": context.NAMES["service"]}
    yield from flaws.of_calls(detector.probes, about, ("probes",))
    yield from calls.of_probes(detector.probes, known, ("probes",))
    names = {**about, **{call.name: None for call in detector.probes}}
    for place, condition in (("firing", detector.firing), ("resolved", detector.resolved)):
        if condition is not None:
            wrong = tuple(flaws.of_condition(condition, names, (place,)))
            yield from wrong or flaws.of_signal(condition, detector.probes, (place,))
    yield from flaws.of_templates(detector.alert.summary, names, ("alert", "summary"))
    yield from flaws.of_condition(detector.each, about, ("for",))
    yield from _of_place(detector, register)


def _of_place(detector: Detector, register: Register) -> Iterator[Flaw]:
    """It says in one way where it looks."""
    place = (detector.alert.service, detector.alert.environment)
    if detector.each is not None:
        if any(place):
            yield Flaw(("alert", "service"), "`for` says where it looks: leave out the alert's own")
    elif not all(place):
        said = "where does it look? Name the alert's service and environment, or write `for`"
        yield Flaw(("alert",), said)
    elif register.find(*place) is None:
        yield Flaw(("alert", "service"), f"{' in '.join(place)} is not in {SERVICES}: add it there")
