"""The steps of a runbook: what is done, what must hold after each, what counts as healed."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from bot.core import durations
from bot.core.clauses import Brief, Clause, PluginName, ProbeCall, at_least, at_most
from bot.core.durations import Duration
from bot.core.plan import OnUncertain
from bot.core.values import Facts


class Then(Clause):
    """What must hold after a step before the next one begins; else everything goes back."""

    success: str = Field(
        description="CEL over the probes, params, service and alert that must be true"
    )
    probes: tuple[ProbeCall, ...] = Field(
        default=(), max_length=10, description="what is read; empty: those of `verify` it names"
    )
    within: Brief = Field(default=durations.parse("1m"), description="it must be true by then")
    every: Brief = Field(default=durations.parse("5s"), description="how often it is asked")
    hold: Annotated[Duration, at_most("20m")] = Field(
        default=durations.parse("10s"), description="how long it must stay true, at most 20m"
    )


class Step(Clause):
    """One action, carried out after the one before it."""

    do: PluginName = Field(description="what is done: kubernetes.restart")
    params: Facts = Field(default={}, alias="with", description="its parameters; ${CEL} is filled")
    when: str | None = Field(
        default=None,
        description="CEL over diagnose, params, service and alert: else it is left out",
    )
    on_uncertain: OnUncertain = Field(
        default=OnUncertain.PROBE, description="when an earlier life may have begun it"
    )
    timeout: Annotated[Duration, at_least("100ms"), at_most("30m")] = Field(
        default=durations.parse("60s"), description="how long it may take, at most 30m"
    )
    then: Then | None = Field(
        default=None, description="what must hold before the next step begins"
    )


class Verify(Clause):
    """What counts as healed; asked before as well as after."""

    probes: tuple[ProbeCall, ...] = Field(min_length=1, max_length=10, description="what is read")
    success: str = Field(
        description="CEL over the probes, params, service and alert that must be true"
    )
    within: Brief = Field(default=durations.parse("2m"), description="it must be true by then")
    every: Brief = Field(default=durations.parse("5s"), description="how often it is asked")
    hold: Annotated[Duration, at_most("20m")] = Field(
        default=durations.parse("10s"), description="how long it must stay true, at most 20m"
    )
    relapse: Annotated[Duration, at_most("7d")] = Field(
        default=durations.parse("20m"), description="back within this time means not fixed"
    )
