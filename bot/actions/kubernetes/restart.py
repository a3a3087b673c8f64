"""
`kubernetes.restart`: replace the pods of a workload one after the other, as its strategy says.

It is what `kubectl rollout restart` does: a date in the pod template. When the new pods do not come
up, nothing is taken back, for the template is the same; the old ones stay as far as the strategy
keeps them.
"""

from __future__ import annotations

import platform

from bot.clients.kubernetes import radius, rollouts, selecting
from bot.clients.kubernetes.cluster import Cluster, Clusters, Json
from bot.clients.kubernetes.refusals import StaleError
from bot.clients.kubernetes.settings import KubernetesSettings, OnWorkload
from bot.clients.kubernetes.surroundings import Surveyor
from bot.clients.rig import Rig
from bot.core.errors import PermanentError
from bot.core.plan import Reversibility, Scope
from bot.core.values import Facts

DATE = "kubectl.kubernetes.io/restartedAt"
MARK = "heal/step"
"""Which step of which incident changed the object last."""
LOOK_AGAIN = 1.0
TRIES = 5
"""How often the object may change its status between our reading and our writing."""


class Restart:
    """Self-restoring: the controller makes each pod anew."""

    config = KubernetesSettings
    params = OnWorkload

    def __init__(self, config: KubernetesSettings, rig: Rig) -> None:
        self._clusters = Clusters(config)
        self._surveyors: dict[str, Surveyor] = {}
        self._clock = rig.clock

    def way_back(self, params: OnWorkload) -> Reversibility:
        return Reversibility.SELF_RESTORING

    async def scope(self, params: OnWorkload) -> Scope:
        cluster = self._clusters.get(params.cluster)
        surveyor = self._surveyors.setdefault(params.cluster, Surveyor(cluster))
        around = await surveyor.look(params)
        _guard(params, around.workload)
        if platform.node() in {selecting.name(pod) for pod in around.pods}:
            raise PermanentError(f"{params.short} runs Heal itself, which never acts on itself")
        return Scope(
            blast_radius=radius.of_rollout(params, around),
            pre_state=_state(around.workload),
            says=f"kubectl rollout restart {params.kind.value}/{params.name} -n {params.namespace}"
            f" ({params.cluster})",
        )

    async def execute(self, params: OnWorkload, before: Facts, mark: str = "") -> str:
        cluster = self._clusters.get(params.cluster)
        await self._write(cluster, params, before, mark)
        while True:
            found = await cluster.get(params.path)
            state = rollouts.of(params.kind, found)
            if state.failed:
                raise PermanentError(f"{params.short} was restarted, but {state.says}")
            if state.done:
                return f"restarted {params.short}: {state.says}"
            await self._clock.sleep(LOOK_AGAIN)

    async def undo(self, params: OnWorkload, before: Facts, mark: str = "") -> str:
        return "a restart has nothing to put back"

    async def landed(self, params: OnWorkload, before: Facts, mark: str = "") -> bool | None:
        """Our own mark proves it, an unchanged generation disproves it."""
        found = await self._clusters.get(params.cluster).get(params.path)
        if mark and selecting.notes(found).get(MARK) == mark:
            return True
        return False if _state(found) == dict(before) else None

    async def _write(self, cluster: Cluster, params: OnWorkload, before: Facts, mark: str) -> None:
        """
        Write the date, a dry run first, and only over what was planned for.

        The server refuses it when the object changed since it was read here. A status that moved
        is no such change, so it is read again; a spec that moved is.
        """
        for _ in range(TRIES):
            found = await cluster.get(params.path)
            if mark and selecting.notes(found).get(MARK) == mark:
                return  # an earlier try of this very step got through
            _guard(params, found)
            if _state(found) != dict(before):
                raise PermanentError(
                    f"{params.short} changed since it was planned for: "
                    f"generation {before.get('generation')} → {_state(found)['generation']}"
                )
            body = _dated(found, self._clock.now().strftime("%Y-%m-%dT%H:%M:%SZ"), mark)
            try:
                await cluster.patch(params.path, body, dry=True)
                await cluster.patch(params.path, body)
            except StaleError:
                continue
            return
        raise PermanentError(f"{params.short} changes too fast to be written to; try again later")


def _guard(params: OnWorkload, found: Json) -> None:
    if found["spec"].get("paused"):
        raise PermanentError(
            f"{params.short} is paused: nothing would be replaced; resume it first"
        )


def _state(found: Json) -> Facts:
    """What a restart was planned for: the very object, and its spec."""
    made = found["metadata"]
    return {"uid": made["uid"], "generation": made["generation"]}


def _dated(found: Json, now: str, mark: str) -> Json:
    return {
        "metadata": {
            "resourceVersion": found["metadata"]["resourceVersion"],
            "annotations": {MARK: mark},
        },
        "spec": {"template": {"metadata": {"annotations": {DATE: now}}}},
    }


PLUGIN = Restart
