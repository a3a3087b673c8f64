"""
`kubernetes.deploying`: whether somebody rolls out new pods now, or did so just now.

Meant for `safe_when`: nothing is healed into a deploy. Pods that merely crash are no deploy, so a
runbook against crashes may ask this too; a rollout that was given up is one that failed.
"""

from __future__ import annotations

import asyncio
from typing import ClassVar

from pydantic import Field, JsonValue

from bot.clients.kubernetes import ages, deploys
from bot.clients.kubernetes.cluster import Cluster, Clusters, Json
from bot.clients.kubernetes.deploys import Deploy
from bot.clients.kubernetes.rights import Right
from bot.clients.kubernetes.settings import Kind, KubernetesSettings, Name, Namespace, OnCluster
from bot.clients.kubernetes.syncing import Syncs
from bot.clients.rig import Rig
from bot.core import durations
from bot.core.deployment import Stage
from bot.core.durations import Duration
from bot.core.values import Facts

MADE = {
    Kind.DEPLOYMENT: "replicasets",
    Kind.STATEFUL_SET: "controllerrevisions",
    Kind.DAEMON_SET: "controllerrevisions",
}


class Around(OnCluster):
    """Which workload, or without a name every one of the namespace."""

    namespace: Namespace = Field(description="never guessed: a wrong one is a wrong target")
    kind: Kind = Field(default=Kind.DEPLOYMENT, description="of the workload that is named")
    name: Name | None = Field(default=None, description="its name; empty: all of the namespace")
    lately: Duration = Field(
        default=durations.parse("10m"), description="pods that are newer count as a deploy too"
    )


class Deploying:
    """
    Reads deploying, why, rolling, paused, failed, syncing, unread and changed_ago.

    `deploying` is true while one is rolled out, paused, or newer than `lately`, and while Argo CD
    or Flux, which keeps it, syncs; `why` names each. `syncing` counts those syncs, and `unread`
    names what keeps one and cannot be read.
    `failed` counts rollouts that were given up. `changed_ago` is in seconds since the newest change
    of pods, a restart included; null when none is known.
    """

    config = KubernetesSettings
    params = Around
    needs: ClassVar[tuple[Right, ...]] = (
        Right("apps", "deployments", ("get", "list")),
        Right("apps", "statefulsets", ("get", "list")),
        Right("apps", "daemonsets", ("get", "list")),
        Right("apps", "replicasets", ("list",)),
        Right("apps", "controllerrevisions", ("list",)),
    )

    def __init__(self, config: KubernetesSettings, rig: Rig) -> None:
        self._clusters = Clusters(config)
        self.params = self._clusters.fitted(self.params)
        self._syncs = Syncs(self._clusters)
        self._clock = rig.clock

    async def read(self, params: Around) -> Facts:
        cluster = self._clusters.get(params.cluster)
        workloads = await _deploys(cluster, params)
        syncs = await self._syncs.around(cluster.name, *(made for _, made in workloads))
        found, now = [one for one, _ in workloads], self._clock.now()
        on = [f"{one.what}: {one.says}" for one in syncs if one.stage is Stage.UNDERWAY]
        unread = [f"{one.what}: {one.says}" for one in syncs if one.stage is Stage.UNREAD]
        why: list[JsonValue] = [said for one in found if (said := one.why(now, params.lately))]
        why += on
        return {
            "deploying": bool(why),
            "why": why,
            "rolling": sum(bool(one.rolling) for one in found),
            "paused": sum(one.paused for one in found),
            "failed": sum(one.failed for one in found),
            "syncing": len(on),
            "unread": [*unread],
            "changed_ago": ages.since(ages.newest(one.changed for one in found) or None, now),
        }


async def _deploys(cluster: Cluster, params: Around) -> list[tuple[Deploy, Json]]:
    """Each workload as it stands, beside all that the server says of it."""
    root = f"/apis/apps/v1/namespaces/{params.namespace}"
    if params.name:
        path = f"{root}/{params.kind.plural}/{params.name}"
        found, made = await asyncio.gather(
            cluster.get(path), cluster.every(f"{root}/{MADE[params.kind]}")
        )
        return [(deploys.of(params.kind, found, made), found)]
    paths = [
        *(f"{root}/{kind.plural}" for kind in Kind),
        *(f"{root}/{one}" for one in sorted(set(MADE.values()))),
    ]
    lists = dict(
        zip(paths, await asyncio.gather(*(cluster.every(one) for one in paths)), strict=True)
    )
    return [
        (deploys.of(kind, one, lists[f"{root}/{MADE[kind]}"]), one)
        for kind in Kind
        for one in lists[f"{root}/{kind.plural}"]
    ]


PLUGIN = Deploying
