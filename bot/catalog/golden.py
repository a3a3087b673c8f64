"""Golden tests: whether a runbook does with an alert what its author promised."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from pydantic import ValidationError

from bot.core import context, parameters, scalars, spelling
from bot.core.alert import Alert, AlertStatus
from bot.core.catalogue import Service
from bot.core.clauses import Scalar
from bot.core.expressions import Finding
from bot.core.matching import Shelf
from bot.core.parameters import Fitted
from bot.core.promises import Approval, RunbookTest
from bot.core.runbook import Runbook
from bot.core.steps import Step

Judge = Callable[[Runbook, Alert, Service, Mapping[str, Scalar]], Approval]
"""What policy would say of this runbook's plan; the caller knows how to ask it."""

A_MOMENT = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Result:
    """How one test went: the promises that were broken, and those nobody could look at."""

    runbook: str
    test: str
    broken: tuple[str, ...] = ()
    unchecked: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        return not self.broken


def run_tests(
    runbook: Runbook, services: Iterable[Service] = (), judge: Judge | None = None
) -> tuple[Result, ...]:
    """Run all tests of a runbook; without a judge, promises about approval stay unchecked."""
    known = {(service.name, service.environment): service for service in services}
    return tuple(_run(runbook, test, known, judge) for test in runbook.tests)


def _run(
    runbook: Runbook,
    test: RunbookTest,
    services: Mapping[tuple[str, str], Service],
    judge: Judge | None,
) -> Result:
    alert = _alert(test)
    service = _service(test, alert, services)
    broken = tuple(_of_match(runbook, test, alert, service))
    if broken or not test.expect.match or service is None:
        return Result(runbook.runbook, test.name, broken)

    seen = context.of(alert, service)
    fitted = parameters.fit(runbook.parameters, test.given, seen)
    if not isinstance(fitted, Fitted):
        misfits = tuple(f"parameters do not fit: {reason}" for reason in fitted.reasons)
        return Result(runbook.runbook, test.name, misfits)

    evidence = {**test.evidence, **seen, "params": fitted.values}
    broken = tuple(_of_plan(runbook, test, evidence, fitted.values))
    promised = test.expect.approval
    if promised is not None and judge is None:
        unchecked = ("approval: no policy was there to ask",)
        return Result(runbook.runbook, test.name, broken, unchecked)
    if promised is not None and judge is not None:
        doing = runbook.model_copy(update={"steps": _steps(runbook, evidence)})
        verdict = judge(doing, alert, service, fitted.values) if doing.steps else None
        broken += tuple(_differs("approval", promised.value, verdict.value if verdict else "none"))
    return Result(runbook.runbook, test.name, broken)


def _alert(test: RunbookTest) -> Alert:
    said = test.alert
    return Alert(
        source="test",
        name=said.name,
        fingerprint="test",
        status=AlertStatus.FIRING,
        severity=said.severity,
        labels=said.labels,
        annotations=said.annotations,
        starts_at=A_MOMENT,
        confidence=said.confidence,
    )


def _service(
    test: RunbookTest, alert: Alert, services: Mapping[tuple[str, str], Service]
) -> Service | None:
    """Take the service as the test assumes it, else as the catalogue knows it."""
    if test.service is None or not alert.service:
        return services.get((alert.service, alert.environment))
    assumed = test.service.model_dump()
    try:
        return Service(name=alert.service, environment=alert.environment, **assumed)
    except ValidationError:  # no service is called this: none is known
        return None


def _of_match(
    runbook: Runbook, test: RunbookTest, alert: Alert, service: Service | None
) -> Iterator[str]:
    found = Shelf([runbook]).consider(alert, service)
    because = "; ".join(
        [*(reason for match in found.matches for reason in match.reasons)]
        + [miss.reason for miss in found.misses]
        or [found.reason]
    )
    if bool(found.matches) != test.expect.match:
        yield f"match is {str(bool(found.matches)).lower()}: {because}"
    elif test.expect.because is not None and test.expect.because not in because:
        yield f"because is {spelling.quoted(test.expect.because)}, but: {because}"


def _of_plan(
    runbook: Runbook, test: RunbookTest, seen: Mapping[str, object], fitted: Mapping[str, Scalar]
) -> Iterator[str]:
    expect = test.expect
    for name, promised in expect.parameters.items():
        wanted = scalars.read(runbook.parameters[name].type, promised)
        yield from _differs(f"parameters.{name}", wanted, fitted[name])
    if expect.steps is not None:
        done = [step.do for step in _steps(runbook, seen)]
        yield from _differs("steps", list(expect.steps), done)
    for field, hoped, finding in (
        ("safe", expect.safe, runbook.safe(seen)),
        ("success", expect.success, runbook.succeeded(seen)),
        ("then", expect.then, _then(runbook, seen)),
    ):
        if hoped is not None and finding.held != hoped:
            yield f"{field} is {str(finding.held).lower()}: {finding.error or 'it is false'}"


def _then(runbook: Runbook, seen: Mapping[str, object]) -> Finding:
    """Whether every step would let the next one begin; the first that would not, if one."""
    thens = (step.then for step in _steps(runbook, seen) if step.then is not None)
    found = [runbook.stands(then, seen) for then in thens]
    nothing = Finding(held=False, error="no step that is left says `then`")
    return next((one for one in found if not one.held), found[0] if found else nothing)


def _steps(runbook: Runbook, seen: Mapping[str, object]) -> tuple[Step, ...]:
    return tuple(step for step in runbook.steps if runbook.wants(step, seen).held)


def _differs(field: str, wanted: object, found: object) -> list[str]:
    if (type(wanted), wanted) == (type(found), found):
        return []
    return [f"{field} is {spelling.quoted(found)}, not {spelling.quoted(wanted)}"]
