"""R128, TEST001: an API uses up its memory; policy lets it be restarted, and the page is closed."""

from __future__ import annotations

from pathlib import Path

import httpx

from tests.stories import clusters
from tests.stories.clusters import HERE, PLACE, RULES, Ground
from tests.stories.stage import Stage, Told

PAYLOADS = Path(__file__).parents[1] / "sources" / "payloads"
TOKEN = "token-of-the-tutorial"
MEMORY = "api:memory:share_of_limit"
PREAPPROVED = "production: {preapproved: [{runbook: restart-hungry-api, service: api}]}\n"
RUNBOOK = """
runbook: restart-hungry-api
title: Restart an API that uses up its memory
description: >-
  Its pods keep what they once read, so their memory grows until they are killed. New pods begin
  with little, one after the other, which buys the time to look for the leak.
owner: platform
approved_for: [{service: api, environment: production}]
match:
  alerts: ["High memory usage on api-deployment"]
  when: >-
    alert.labels.namespace == service.facts.namespace
    && alert.labels.workload == service.facts.workload
diagnose:
  - probe: kubernetes.rollout
    as: rollout
    with: {cluster: local, namespace: production, name: api}
  - {probe: prometheus.query, as: memory, with: {query: "api:memory:share_of_limit"}}
  - {probe: kubernetes.logs, as: log, with: {cluster: local, namespace: production, name: api}}
steps:
  - do: kubernetes.restart
    with: {cluster: local, namespace: production, kind: deployment, name: api}
    timeout: 1m
verify:
  probes:
    - probe: kubernetes.rollout
      as: rollout
      with: {cluster: local, namespace: production, name: api}
    - probe: prometheus.query
      as: memory
      with: {query: "api:memory:share_of_limit", unit: share of the limit}
  success: rollout.done && rollout.ready >= rollout.desired && memory.value < 0.8
  within: 5m
  every: 200ms
  hold: 1s
escalate: {to: oncall, say: New pods did not help; look at what they use and at their log.}
safety: {unattended: true}
estimate: {recovery: 1m, cost: none}
"""
SERVICE = {
    "name": "api", "environment": PLACE, "owner": "team-api", "tier": 2, "stateless": True,
    "facts": {**HERE, "workload": "api"},
}  # fmt: skip


async def play(directory: Path) -> Told:
    async with clusters.opened(directory, "servicenow") as ground:
        told = ground.told
        await ground.space.deployment("api", 3)
        await ground.says("GC pause 1.2 s", "WARN heap 94 % after full GC", "GC pause 1.4 s")
        told.furnish(RULES + PREAPPROVED, [SERVICE], restart_hungry_api=RUNBOOK)
        told.signals.went(MEMORY, (20, 0.55), (14, 0.66), (9, 0.78), (5, 0.89), (2, 0.94))
        listens(told, "TEST001", "api/production=API Service")
        await told.begin()
        before = set(await ground.pods())
        await posted(ground, "TEST001")
        await told.done(1)
        assert not before & set(await ground.pods())
        told.signals.now(MEMORY, 0.31)
        await told.proved()
        await told.scene.until(lambda: told.pager.resolved("TEST001"))
        await posted(ground, "TEST001", over=True)
        return await told.over("memory")


def listens(told: Stage, incident: str, services: str) -> None:
    """Let PagerDuty have this incident, and Heal listen to it."""
    told.pager.put(incident)
    told.also("pagerduty", webhook_token=TOKEN, webhook_services=services)


async def posted(ground: Ground, incident: str, *, over: bool = False) -> None:
    """Post the event as the tutorial's curl does; or that it is over."""
    body = (PAYLOADS / f"pagerduty_{incident.lower()}.json").read_bytes()
    if over:
        body = body.replace(b'"event": {', b'"event": {"event_type": "incident.resolved",', 1)
    async with httpx.AsyncClient(trust_env=False) as client:
        answer = await client.post(
            f"http://127.0.0.1:{ground.told.scene.port}/pagerduty/webhook",
            content=body,
            headers={"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"},
        )
    assert answer.status_code == 202
