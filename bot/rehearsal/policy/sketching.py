"""Sketching: a plan as far as it can be built without the world; what was not read is named."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from pydantic import JsonValue, ValidationError

from bot.core.blast_radius import BlastRadius, Target
from bot.core.errors import ConfigurationError
from bot.core.expressions import ExpressionError
from bot.core.incident import Incident
from bot.core.library import Library
from bot.core.plan import Plan, PlannedStep, Reversibility, Scope
from bot.core.policy import one_service
from bot.core.references import mentions
from bot.core.steps import Step
from bot.core.values import Frozen
from bot.engine import filling, planning
from bot.engine.filling import Filled
from bot.ports import Plugins


class Assumed(Frozen):
    """What a step would touch, where nothing was read: one instance that is all there is."""

    down: int = 1
    total: int = 1
    touched: int = 1
    said: bool = False
    """Whether somebody said so; else it is the strictest that one instance can be."""

    @property
    def line(self) -> str:
        whose = "as --assume says" if self.said else "the strictest for one instance, --assume"
        return f"{self.down} of {self.total} away, {self.touched} touched ({whose})"


@dataclass
class Sketch:
    """The plan, or why there is none, and what it rests on."""

    plan: Plan | None = None
    why_none: str = ""
    not_read: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Sketcher:
    """Makes plans of runbooks; `recorded` gives the last plan of a runbook for a service."""

    library: Library
    plugins: Plugins
    assumed: Assumed
    recorded: Callable[[str, str, str], Plan | None]

    def sketch(self, incident: Incident) -> Sketch:
        """Build what a live plan would be built from, but for what only the world can say."""
        runbook = self.library.runbook(incident.chosen.runbook if incident.chosen else "")
        if runbook is None:
            return Sketch(why_none=incident.chosen.why_none if incident.chosen else "no runbook")
        filled = filling.fill(self.library, incident, runbook)
        if filled.misfits:
            return Sketch(why_none="; ".join(filled.misfits))
        sketch = Sketch()
        last = self.recorded(runbook.runbook, incident.service, incident.environment)
        if last is not None:
            changed = last.runbook_digest != runbook.digest
            other = ", by another version of the runbook" if changed else ""
            sketch.not_read.append(f"targets and amounts: as in the plan of {last.incident}{other}")
        try:
            steps = list(self._steps(filled, last, sketch))
            if not steps:
                to = runbook.escalate
                sketch.why_none = f"nothing is left for Heal to do: {to.to} is called: {to.say}"
                return sketch
            sketch.plan = planning.assembled(self.library, incident, filled, steps)
        except ExpressionError as error:
            sketch.why_none = str(error)
        self._conditions(filled, sketch)
        return sketch

    def _conditions(self, filled: Filled, sketch: Sketch) -> None:
        if safe := filled.runbook.safe_when:
            sketch.not_read.append(f"whether it is safe: assumed, when {safe}")
        sketch.not_read.append("whether something is being deployed there: taken for no")
        well = filled.runbook.verify.success
        sketch.not_read.append(f"whether it is well already: then nothing is done, when {well}")

    def _steps(self, filled: Filled, last: Plan | None, sketch: Sketch) -> Iterator[PlannedStep]:
        left = list(last.steps) if last else []
        number = 0
        for step in filled.runbook.steps:
            known = next((one for one in left if one.action == step.do and not one.back), None)
            if not _wanted(filled, step, sketch, unless_told=known is not None or last is None):
                continue
            if known is not None:
                left.remove(known)
            number += 1
            yield self._step(filled, number, step, known, sketch)

    def _step(
        self, filled: Filled, number: int, step: Step, known: PlannedStep | None, sketch: Sketch
    ) -> PlannedStep:
        try:
            params = filling.render_map(step.params, filled.names)
        except ExpressionError:
            params = dict(known.params) if known else {}
            said = "as it was then" if known else "left out"
            sketch.not_read.append(f"step {number}, {step.do}: a parameter that is read: {said}")
        scope = _still(known.scope) if known else self._assumed(filled, number, step, sketch)
        return PlannedStep(
            number=number,
            action=step.do,
            params=params,
            scope=scope,
            reversibility=self._way_back(step, params, known, sketch),
            on_uncertain=step.on_uncertain,
            timeout=step.timeout.total_seconds(),
            then=planning.proof_between(filled, step.then),
        )

    def _way_back(
        self, step: Step, params: dict[str, JsonValue], known: PlannedStep | None, sketch: Sketch
    ) -> Reversibility:
        try:
            action = self.plugins.action(step.do)
            return action.way_back(action.params.model_validate(params))
        except (ConfigurationError, ValidationError):
            if known is not None:
                return known.reversibility
        sketch.not_read.append(f"{step.do}: which way back it has: taken for none")
        return Reversibility.IRREVERSIBLE

    def _assumed(self, filled: Filled, number: int, step: Step, sketch: Sketch) -> Scope:
        service = filled.service
        name = service.name if service else filled.runbook.runbook
        own = one_service.claims(service) if service else ()
        key = next(iter(own), f"assumed:{name}")  # its own, whatever that will be
        sketch.not_read.append(f"step {number}, {step.do}: {self.assumed.line}")
        radius = BlastRadius(
            targets=(Target(key=key, name=name),),
            unit="instance",
            touched=self.assumed.touched,
            down_at_once=self.assumed.down,
            total=self.assumed.total,
            dependants=self.library.dependants(service) if service else (),
        )
        return Scope(blast_radius=radius, pre_state={}, says=f"{step.do} on {name}")


def _still(scope: Scope) -> Scope:
    """As it was read once, without what moves by itself."""
    radius = scope.blast_radius.model_copy(update={"seen": {}, "deploying": ()})
    return scope.model_copy(update={"blast_radius": radius})


def _wanted(filled: Filled, step: Step, sketch: Sketch, *, unless_told: bool) -> bool:
    """Whether its `when` holds; where only evidence tells, as the recorded plan had it, or yes."""
    if (when := step.when) is None:
        return True
    if any(mentions(when, call.name) for call in filled.runbook.diagnose):
        taken = "taken in" if unless_told else "left out, as then"
        sketch.not_read.append(f"whether {step.do} is right: {taken}, when {when}")
        return unless_told
    return filled.holds(when, ()).held
