"""Advice: what a careful reviewer would ask about a runbook or detector that is legal."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bot.core import references
from bot.core.clauses import ANY, ParameterType
from bot.core.detector import Detector
from bot.core.library import Library
from bot.core.promises import Approval
from bot.core.runbook import Runbook

MOST_RESIDUAL = 20
_ORDER = re.compile(r"[<>]")


@dataclass(frozen=True, slots=True)
class Advice:
    """One question to the author of a runbook; an empty name means all of them together."""

    runbook: str
    message: str

    def __str__(self) -> str:
        return f"{self.runbook or 'runbooks'}: {self.message}"


def lint(runbooks: Iterable[Runbook]) -> list[Advice]:
    """Ask what is worth asking, runbook by runbook and then of the whole shelf."""
    every = list(runbooks)
    advice = [Advice(each.runbook, said) for each in every for said in _of_runbook(each)]
    residual = sum(each.match.residual for each in every)
    if residual > MOST_RESIDUAL:
        said = f"{residual} runbooks are residual and looked at for every alert: name alerts"
        advice.append(Advice("", said))
    return advice


def _of_runbook(runbook: Runbook) -> Iterator[str]:
    if not runbook.diagnose:
        yield "nothing is diagnosed: people would decide without evidence"
    elif runbook.safe_when is None and runbook.steps:
        yield "safe_when is missing: the evidence is shown, but stops nothing"
    if not runbook.verify.hold:
        yield "verify.hold is 0s: one lucky moment counts as healed"
    for call in runbook.verify.probes:
        if not references.mentions(runbook.verify.success, call.name):
            yield f"verify.probes reads {call.name!r}, which success never looks at"
    if not runbook.verify.relapse:
        yield "verify.relapse is 0s: an alert that comes back still counts as fixed"
    if any(pair.service == ANY for pair in runbook.approved_for):
        yield 'approved_for names every service ("*"): name those it was tried on'
    for name, parameter in runbook.parameters.items():
        bounded = parameter.pattern is not None or parameter.choices
        if parameter.type is ParameterType.STRING and not bounded:
            yield f"parameters.{name} takes any text: give it a pattern or choices"
    yield from _of_tests(runbook)


def _of_tests(runbook: Runbook) -> Iterator[str]:
    if not runbook.tests:
        yield "there are no tests: promise at least one match and one miss"
        return
    if not any(test.expect.match for test in runbook.tests):
        yield "no test expects a match"
    if all(test.expect.match for test in runbook.tests):
        yield "no test expects a miss: promise an alert that it is not meant for"
    promised = {test.expect.approval for test in runbook.tests}
    if runbook.safety.unattended and Approval.UNATTENDED not in promised:
        yield "it may run unattended, but no test promises when"


def lint_detectors(library: Library, detectors: Iterable[Detector]) -> list[Advice]:
    """Ask about each of these, and whether the library has a runbook for what it raises."""
    answered = {name for book in library.runbooks for name in book.match.alerts}
    anything = any(book.match.residual for book in library.runbooks)
    return [
        Advice(f"detectors/{each.detector}", said)
        for each in detectors
        for said in _of_detector(each, helped=anything or each.alert.name in answered)
    ]


def _of_detector(detector: Detector, *, helped: bool) -> Iterator[str]:
    if not helped:
        yield f"no runbook names {detector.alert.name}: each of these alerts calls a person"
    if detector.times == 1 and not detector.sustain:
        yield "one look is enough: write times or sustain, or a flicker calls somebody"
    if detector.resolved is None and _ORDER.search(detector.firing):
        yield "firing compares a number and resolved is missing: around that line it flaps"
    hopes = [test.expect for test in detector.tests]
    if not hopes:
        yield "there are no tests: promise a look that is trouble and one that is not"
        return
    if not any(one.firing for one in hopes):
        yield "no test expects trouble"
    if not any(one.firing is False for one in hopes):
        yield "no test expects no trouble"
