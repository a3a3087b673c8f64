"""`kubernetes.rollout`: how a workload stands, and the pods that are in trouble, with reasons."""

from __future__ import annotations

from typing import ClassVar

from pydantic import JsonValue

from bot.clients.kubernetes import pods, rollouts, selecting, workloads
from bot.clients.kubernetes.cluster import Clusters
from bot.clients.kubernetes.rights import Right
from bot.clients.kubernetes.settings import KubernetesSettings, OnWorkload
from bot.clients.rig import Rig
from bot.core.values import Facts
from bot.ports import headway


class State:
    """
    Reads done, failed, says, desired, ready, restarts, paused and the reasons of broken pods.

    `ready` counts pods that are ready and stay; `restarts` is of all containers together; `reasons`
    has CrashLoopBackOff, OOMKilled, ImagePullBackOff and the like, each once.
    """

    config = KubernetesSettings
    params = OnWorkload
    needs: ClassVar[tuple[Right, ...]] = (*workloads.LOOK, Right("", "pods", ("list",)))

    def __init__(self, config: KubernetesSettings, rig: Rig) -> None:
        self._clusters = Clusters(config)
        self.params = self._clusters.fitted(self.params)

    async def read(self, params: OnWorkload) -> Facts:
        cluster = self._clusters.get(params.cluster)
        found = await cluster.get(params.path)
        selector = selecting.query(found["spec"].get("selector") or {})
        listed = await cluster.get(
            f"/api/v1/namespaces/{params.namespace}/pods", {"labelSelector": selector}
        )
        state = rollouts.of(params.kind, found)
        stay = [pod for pod in listed["items"] if not selecting.leaving(pod)]
        wanted, ready = rollouts.desired(found), sum(map(selecting.ready, stay))
        headway.say(f"{ready} of {wanted} pods are ready")
        why: list[JsonValue] = [*sorted({reason for pod in stay for reason in pods.reasons(pod)})]
        return {
            "done": state.done,
            "failed": state.failed,
            "says": state.says,
            "desired": wanted,
            "ready": ready,
            "restarts": sum(map(pods.restarts, stay)),
            "paused": bool(found["spec"].get("paused")),
            "reasons": why,
        }


PLUGIN = State
