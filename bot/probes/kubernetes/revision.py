"""`kubernetes.revision`: which version runs, how old it is, and which one an undo would lead to."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from bot.clients.kubernetes import revisions
from bot.clients.kubernetes.cluster import Clusters
from bot.clients.kubernetes.revisions import Revision
from bot.clients.kubernetes.rights import Right
from bot.clients.kubernetes.settings import Kind, KubernetesSettings, OnWorkload
from bot.clients.rig import Rig
from bot.core.values import Facts


class Version:
    """
    Reads images, before and seconds.

    `images` are those of its pods. `seconds` is how long ago this version was rolled out first: a
    restart does not make it new. `before` are the images that kubernetes.undo_rollout would put
    back; "" when there are none.
    """

    config = KubernetesSettings
    params = OnWorkload
    needs: ClassVar[tuple[Right, ...]] = (
        *(Right("apps", kind.plural, ("get",)) for kind in Kind),
        *revisions.NEEDS,
    )

    def __init__(self, config: KubernetesSettings, rig: Rig) -> None:
        self._clusters = Clusters(config)
        self.params = self._clusters.fitted(self.params)
        self._clock = rig.clock

    async def read(self, params: OnWorkload) -> Facts:
        cluster = self._clusters.get(params.cluster)
        found = await cluster.get(params.path)
        now = Revision(number=0, hash="", template=found["spec"]["template"])
        facts: Facts = {"images": now.images, "before": ""}
        every = await revisions.of(cluster, params, found)
        if began := revisions.since(found, every):
            age = self._clock.now() - datetime.fromisoformat(began)
            facts["seconds"] = max(0, int(age.total_seconds()))
        if (before := revisions.before(found, every)) is not None:
            facts["before"] = before.images
        return facts


PLUGIN = Version
