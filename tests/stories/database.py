"""R129, TEST002: a database is down, which is critical: a person looks, agrees, and it comes up."""

from __future__ import annotations

from pathlib import Path

from tests.cluster import objects
from tests.stories import clusters, memory
from tests.stories.clusters import HERE, PLACE, RULES
from tests.stories.stage import Told

UP = "sum(pg_up)"
RUNBOOK = """
runbook: restart-dead-database
title: Restart the replicas of a database that take no connections
description: >-
  Its replicas run but let nobody in, as after a storage outage that is over: they wait for each
  other. Started anew, one after the other, they find their leader again. Data is not touched.
owner: platform
approved_for: [{service: postgres, environment: production}]
match:
  alerts: ["Database cluster down - all replicas failing"]
  when: >-
    alert.labels.namespace == service.facts.namespace
    && alert.labels.workload == service.facts.workload
diagnose:
  - probe: kubernetes.rollout
    as: rollout
    with: {cluster: local, namespace: production, kind: statefulset, name: postgres}
  - {probe: prometheus.query, as: replicas, with: {query: "sum(pg_up)"}}
  - probe: kubernetes.logs
    as: log
    with: {cluster: local, namespace: production, kind: statefulset, name: postgres}
steps:
  - do: kubernetes.restart
    with: {cluster: local, namespace: production, kind: statefulset, name: postgres}
    timeout: 1m
verify:
  probes:
    - probe: kubernetes.rollout
      as: rollout
      with: {cluster: local, namespace: production, kind: statefulset, name: postgres}
    - probe: prometheus.query
      as: replicas
      with: {query: "sum(pg_up)", unit: replicas that answer}
  success: rollout.done && replicas.value >= 3
  within: 5m
  every: 200ms
  hold: 1s
escalate: {to: oncall, say: They do not come up by themselves; look at their disks and at the log.}
safety: {unattended: true}
estimate: {recovery: 2m, cost: none}
"""
SERVICE = {
    "name": "postgres", "environment": PLACE, "owner": "team-data", "tier": 5,
    "stateless": False, "least_severity": "critical",
    "facts": {**HERE, "workload": "postgres", "workload_kind": "statefulset"},
}  # fmt: skip


async def play(directory: Path) -> Told:
    async with clusters.opened(directory, "jira") as ground:
        told = ground.told
        await objects.stateful_set(ground.space, "postgres", 3)
        await ground.says(
            "LOG: database system was interrupted; last known up at 02:51:07 UTC",
            "FATAL: could not connect to the primary server: Connection refused",
            "FATAL: the database system is starting up",
        )
        told.furnish(RULES, [SERVICE], restart_dead_database=RUNBOOK)
        told.signals.went(UP, (20, 3), (4, 1), (3, 0))
        memory.listens(told, "TEST002", "postgres/production=PostgreSQL")
        await told.begin()
        await memory.posted(ground, "TEST002")
        await told.consider()
        await told.scene.press("approve_recovery")
        await told.done(1)
        told.signals.now(UP, 3)
        await told.proved()
        await told.scene.until(lambda: told.pager.resolved("TEST002"))
        await memory.posted(ground, "TEST002", over=True)
        return await told.over("database")
