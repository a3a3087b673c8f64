"""Filling a runbook with one incident's values: parameters, probes, the names of its conditions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from bot.core import edits, expressions, parameters, templates
from bot.core.catalogue import Service
from bot.core.clauses import ProbeCall
from bot.core.expressions import ExpressionError, Finding
from bot.core.facts import Reading
from bot.core.incident import Incident
from bot.core.library import Library
from bot.core.parameters import Misfit
from bot.core.plan import PlannedProbe
from bot.core.runbook import Runbook
from bot.core.values import Facts
from bot.engine import reading


@dataclass(frozen=True)
class Filled:
    """A runbook and everything that its `${...}` and conditions may name, except evidence."""

    runbook: Runbook
    service: Service | None
    params: Facts
    names: dict[str, JsonValue]
    misfits: tuple[str, ...] = ()

    def probes(self, calls: Sequence[ProbeCall]) -> tuple[PlannedProbe, ...]:
        """Fill in the parameters of probes; ExpressionError when one has none."""
        return tuple(
            PlannedProbe(name=call.name, probe=call.probe, params=self.fill_map(call.params))
            for call in calls
        )

    def fill_map(self, params: Facts) -> Facts:
        return render_map(params, self.names)

    def holds(self, text: str, readings: Sequence[Reading]) -> Finding:
        """Ask a condition of the runbook; evidence that was not seen makes it false."""
        return holds(text, self.names, readings)


def render_map(params: Facts, names: Facts) -> Facts:
    """Fill in the parameters of a call; ExpressionError when one has no value."""
    return {key: templates.render(value, names) for key, value in params.items()}


def holds(text: str, names: Facts, readings: Sequence[Reading]) -> Finding:
    """Ask a condition over names and readings: only a real TRUE holds, all else has a reason."""
    blind = "; ".join(f"{one.name}: {one.error}" for one in readings if one.error)
    seen = {**names, **reading.values_of(readings)}
    found = expressions.holds(text, seen, [one.name for one in readings])
    if found.held or not blind:
        return found
    return Finding(held=False, error=f"{found.error or 'it is false'} ({blind})")


def fill(library: Library, incident: Incident, runbook: Runbook) -> Filled:
    """Settle the parameters; what does not fit is said in `misfits`."""
    opened = incident.opened
    service = library.service(opened.service, opened.environment)
    names = reading.about(opened.alert, service, {})
    settled = parameters.fit(runbook.parameters, edits.given(incident), names)
    if isinstance(settled, Misfit):
        return Filled(runbook, service, {}, names, settled.reasons)
    params: Facts = dict(settled.values)
    return Filled(runbook, service, params, {**names, "params": dict(params)})


def probes_or_reason(
    filled: Filled, calls: Sequence[ProbeCall]
) -> tuple[tuple[PlannedProbe, ...], str]:
    """The probes, or why they cannot be filled."""
    try:
        return filled.probes(calls), ""
    except ExpressionError as error:
        return (), str(error)
