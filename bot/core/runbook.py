"""
Runbook: the written remedy for one symptom, exactly as its file says it.

A runbook is text and nothing runs from it by itself: it is matched, fitted with parameters and
turned into a plan. Whatever can be wrong with it is found when it is loaded.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

from pydantic import Field, model_validator

from bot.core import context, flaws, spelling, values
from bot.core.clauses import (
    ApprovedFor,
    Clause,
    Escalate,
    Estimate,
    Match,
    Nameable,
    Parameter,
    ProbeCall,
    Rollback,
    Safety,
)
from bot.core.expressions import Condition, Finding
from bot.core.flaws import Flaw, FlawedError
from bot.core.promises import RunbookTest
from bot.core.references import Names, mentions
from bot.core.steps import Step, Then, Verify


class Runbook(Clause):
    """What helps against one symptom, when it may be done, and how we know that it helped."""

    runbook: str = Field(
        pattern=r"^[a-z][a-z0-9-]{2,62}$",
        description="its name, the same as the file's; a-z, 0-9 and dashes",
    )
    title: str = Field(min_length=5, max_length=120, description="what it does, in a few words")
    description: str = Field(
        min_length=20, max_length=2000, description="why this helps, and when it does not"
    )
    owner: str = Field(min_length=1, max_length=80, description="the team that answers for it")
    approved_for: tuple[ApprovedFor, ...] = Field(
        min_length=1, description="services and environments where the owner allows it"
    )
    match: Match = Field(description="the alerts that it is meant for")
    parameters: dict[Nameable, Parameter] = Field(
        default={}, description="values that it needs, by name; expressions see `params.name`"
    )
    diagnose: tuple[ProbeCall, ...] = Field(
        default=(), max_length=10, description="evidence that is read before anything is done"
    )
    safe_when: str | None = Field(
        default=None,
        description="CEL over diagnose, params, service and alert: is this safe to run?",
    )
    steps: tuple[Step, ...] = Field(
        default=(),
        max_length=10,
        description="what is done; when none is left, a person is called with the evidence",
    )
    verify: Verify = Field(description="what counts as healed")
    rollback: Rollback = Field(default=Rollback(), description="when it goes back by itself")
    escalate: Escalate = Field(description="who takes over when it did not help")
    safety: Safety = Field(default=Safety(), description="how far it may go")
    estimate: Estimate = Field(description="what people may expect")
    tests: tuple[RunbookTest, ...] = Field(
        default=(), max_length=50, description="golden tests: `heal runbooks test`"
    )

    @cached_property
    def digest(self) -> str:
        """Fingerprint of all that it says; a plan remembers which text it was built from."""
        return values.digest(self.model_dump(mode="json"))

    @property
    def probes(self) -> tuple[ProbeCall, ...]:
        """Everything that it reads."""
        between = (call for step in self.steps if step.then for call in step.then.probes)
        return (*self.diagnose, *between, *self.verify.probes, *self.rollback.probes)

    @property
    def systems(self) -> frozenset[str]:
        """What it speaks to: the first words of its actions and probes."""
        names = (*(step.do for step in self.steps), *(call.probe for call in self.probes))
        return frozenset(name.partition(".")[0] for name in names)

    def names(self, probes: Iterable[ProbeCall] = ()) -> Names:
        """Say what an expression may name once these probes were read."""
        evidence = {call.name: None for call in probes}
        return {**evidence, **context.NAMES, "params": frozenset(self.parameters)}

    def wanted(self, seen: Mapping[str, object]) -> Finding:
        """Tell whether `match.when` holds for this alert and service."""
        return _holds(self.match.when, context.NAMES, seen)

    def safe(self, seen: Mapping[str, object]) -> Finding:
        """Tell whether the evidence of `diagnose` says that this is safe to run."""
        return _holds(self.safe_when, self.names(self.diagnose), seen)

    def wants(self, step: Step, seen: Mapping[str, object]) -> Finding:
        """Tell whether the evidence of `diagnose` says that this step is one to do."""
        return _holds(step.when, self.names(self.diagnose), seen)

    def looks_at(self, then: Then) -> tuple[ProbeCall, ...]:
        """Say what is read after a step: its own probes, or those of `verify` that it names."""
        named = (call for call in self.verify.probes if mentions(then.success, call.name))
        return then.probes or tuple(named)

    def stands(self, then: Then, seen: Mapping[str, object]) -> Finding:
        """Tell whether what was read after a step lets the next one begin."""
        return _holds(then.success, self.names(self.looks_at(then)), seen)

    def succeeded(self, seen: Mapping[str, object]) -> Finding:
        """Tell whether what `verify.probes` read means healed."""
        return _holds(self.verify.success, self.names(self.verify.probes), seen)

    @model_validator(mode="after")
    def _hangs_together(self) -> Runbook:
        if found := tuple(self._flaws()):
            raise FlawedError(found)
        return self

    def _flaws(self) -> Iterator[Flaw]:
        names, verify, rollback = self.names(), self.verify, self.rollback
        yield from flaws.of_condition(self.match.when, context.NAMES, ("match", "when"))
        for name, parameter in self.parameters.items():
            yield from flaws.of_parameter(parameter, context.NAMES, ("parameters", name))

        evidence = self.names(self.diagnose)
        yield from flaws.of_calls(self.diagnose, names, ("diagnose",))
        yield from flaws.of_condition(self.safe_when, evidence, ("safe_when",))
        for at, step in enumerate(self.steps):
            yield from flaws.of_templates(step.params, evidence, ("steps", at, "with"))
            yield from flaws.of_condition(step.when, evidence, ("steps", at, "when"))
            if step.then is not None:
                yield from self._flaws_of_then(step.then, ("steps", at, "then"))
        if not self.steps and not self.diagnose:
            yield Flaw(("steps",), "nothing is done and nothing is read: write steps, or diagnose")

        for calls, condition, path in (
            (verify.probes, verify.success, ("verify", "success")),
            (rollback.probes, rollback.on_recovery, ("rollback", "on_recovery")),
        ):
            yield from flaws.of_calls(calls, names, (path[0], "probes"))
            yield from self._flaws_of_proof(condition, calls, path)
        yield from flaws.of_times(verify, ("verify",))
        yield from self._flaws_of_tests()

    def _flaws_of_then(self, then: Then, path: flaws.Path) -> Iterator[Flaw]:
        calls = then.probes or self.verify.probes
        yield from flaws.of_calls(then.probes, self.names(), (*path, "probes"))
        yield from self._flaws_of_proof(then.success, calls, (*path, "success"))
        yield from flaws.of_times(then, path)

    def _flaws_of_proof(
        self, condition: str | None, calls: tuple[ProbeCall, ...], path: flaws.Path
    ) -> Iterator[Flaw]:
        wrong = tuple(flaws.of_condition(condition, self.names(calls), path))
        yield from wrong or flaws.of_signal(condition, calls, path)

    def _flaws_of_tests(self) -> Iterator[Flaw]:
        between = (call for step in self.steps if step.then for call in step.then.probes)
        evidence = {call.name for call in (*self.diagnose, *between, *self.verify.probes)}
        seen: set[str] = set()
        for at, test in enumerate(self.tests):
            if test.name in seen:
                yield Flaw(("tests", at, "name"), "two tests have this name: say what differs")
            seen.add(test.name)
            for field, used, known in (
                (("evidence",), test.evidence, evidence),
                (("given",), test.given, set(self.parameters)),
                (("expect", "parameters"), test.expect.parameters, set(self.parameters)),
            ):
                for name in sorted(set(used) - known):
                    yield Flaw(("tests", at, *field, name), spelling.unknown(name, known))
            yield from self._flaws_of_promise(test, ("tests", at, "expect", "parameters"))

    def _flaws_of_promise(self, test: RunbookTest, path: flaws.Path) -> Iterator[Flaw]:
        for name, promised in test.expect.parameters.items():
            parameter = self.parameters.get(name)
            if parameter is not None and not flaws.readable(parameter.type, promised):
                said = f"{spelling.quoted(promised)} is not {parameter.type}"
                yield Flaw((*path, name), said)


def _holds(condition: str | None, names: Names, seen: Mapping[str, object]) -> Finding:
    if condition is None:
        return Finding(held=True)
    return Condition.compile(condition, names).holds(seen)
