"""R23: a service flaps, and is restarted once without asking, for policy allows that each hour."""

from __future__ import annotations

from pathlib import Path

from bot.core.lifecycle import State
from tests.journeys.scenes import one_alert
from tests.journeys.test_flapping import opened
from tests.stories import stage
from tests.stories.stage import Stage, Told

ERRORS, BURN = "shop:errors:ratio5m", "shop:slo_burn_rate:1h"
RULES = """
approvers: {low: {groups: [approvers]}, medium: {groups: [approvers]}, high: {groups: [approvers]}}
operators: {groups: [oncall]}
severities: {labels: [severity], words: {P2: warning}}
ask_from_risk: high
blast: {ask_above_percent: 100, min_left: 0, ask_below_instances: 1}
production:
  preapproved: [{runbook: restart-failing-instance, service: shop}]
flapping:
  times: 3
  within: 30m
  standard: [{runbook: restart-failing-instance, service: shop}]
rates:
  - {per: service, limit: 1, within: 1h, services: [shop], environments: [production]}
"""
RUNBOOK = """
runbook: restart-failing-instance
title: Restart one instance of a service that answers with errors
description: >-
  One instance got into a state in which it answers with errors; a new process begins without it.
  The error rate and the burn of the error budget say whether that was it.
owner: platform
approved_for: [{service: shop, environment: production}]
match: {alerts: [Api5xxSpike], when: has(service.facts.error_rate_query)}
diagnose:
  - {probe: host.process, as: process, with: {unit: "${service.facts.unit}"}}
  - {probe: prometheus.query, as: errors, with: {query: "${service.facts.error_rate_query}"}}
  - {probe: prometheus.query, as: burn, with: {query: "${service.facts.burn_rate_query}"}}
steps:
  - {do: host.restart_service, with: {unit: "${service.facts.unit}"}, timeout: 60s}
verify:
  probes:
    - probe: prometheus.query
      as: errors
      with: {query: "${service.facts.error_rate_query}", unit: share of requests}
    - probe: prometheus.query
      as: burn
      with: {query: "${service.facts.burn_rate_query}", unit: times the budget}
  success: errors.value < 0.01 && burn.value < 1
  within: 5m
  every: 200ms
  hold: 1s
  relapse: 20m
escalate: {to: oncall, say: Errors go on after a restart; look at the last release.}
safety: {unattended: true}
estimate: {recovery: 1m, cost: none}
"""


async def play(directory: Path) -> Told:
    async with stage.opened(directory, "servicenow") as told:
        told.furnish(RULES, [_service(told)], restart_failing_instance=RUNBOOK)
        told.desk.put("incident", number="INC0012345", short_description="5xx")  # type: ignore[attr-defined]
        _flapped(told)
        await told.begin()
        for number, minute in enumerate((0, 12), 1):
            await _alert(told, minute)
            await opened(told.scene, number)
            await told.scene.reached(State.ALREADY_HEALTHY)
            await _alert(told, minute, "resolved")
        await told.scene.town.break_("shop", "leak")
        told.signals.now(ERRORS, 0.12)
        told.signals.now(BURN, 14.4)
        await _alert(told, 24)
        await opened(told.scene, 3)
        await told.done(1)
        assert await told.scene.town.health("shop") == 200
        told.signals.now(ERRORS, 0.001)
        told.signals.now(BURN, 0.2)
        await told.proved()
        await _alert(told, 24, "resolved")
        return await told.over("flapping")


def _service(told: Stage) -> dict[str, object]:
    facts = {"unit": "shop", "error_rate_query": ERRORS, "burn_rate_query": BURN}
    return {
        "name": "shop", "environment": "production", "owner": "team-shop", "tier": 3,
        "stateless": True, "facts": facts,
    }  # fmt: skip


def _flapped(told: Stage) -> None:
    """Two spikes that went by themselves."""
    spikes = ((20, 0.001), (14, 0.09), (12, 0.001), (8, 0.11), (6, 0.001))
    told.signals.went(ERRORS, *spikes)
    told.signals.went(BURN, *((ago, value * 110) for ago, value in spikes))


async def _alert(told: Stage, minute: int, status: str = "firing") -> None:
    alert = one_alert(
        "Api5xxSpike", "shop", status, environment="production", severity="P2", ticket="INC0012345"
    )
    says = {"summary": "5xx answers of shop are above 5 % of all"}
    began = f"2026-11-20T10:{minute:02}:00Z"
    known = len(told.scene.entries())
    await told.scene.send({**alert, "annotations": says, "startsAt": began})
    if status == "resolved":
        await told.scene.until(
            lambda: "alert.joined" in [one.kind for one in told.scene.entries()[known:]]
        )
