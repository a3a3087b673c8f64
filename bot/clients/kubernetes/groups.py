"""Groups: under which version a server keeps a kind of object, asked of the server itself."""

from __future__ import annotations

from bot.clients.kubernetes.cluster import Cluster
from bot.clients.kubernetes.refusals import MissingError
from bot.core.errors import PermanentError

KEPT = {
    ("autoscaling", "horizontalpodautoscalers"): ("v2", "v2beta2", "v1"),
    ("batch", "cronjobs"): ("v1", "v1beta1"),
    ("batch", "jobs"): ("v1",),
    ("discovery.k8s.io", "endpointslices"): ("v1", "v1beta1"),
    ("helm.toolkit.fluxcd.io", "helmreleases"): ("v2", "v2beta2"),
    ("keda.sh", "scaledobjects"): ("v1alpha1",),
    ("kustomize.toolkit.fluxcd.io", "kustomizations"): ("v1", "v1beta2"),
    ("metrics.k8s.io", "pods"): ("v1beta1",),
}
"""The versions that Heal reads and writes, the best one first."""


class Groups:
    """Finds versions; what was found once is remembered, what was not is asked again."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str, str], str] = {}

    async def version(self, cluster: Cluster, group: str, plural: str) -> str | None:
        """The best version that this server has of it; None when it has none."""
        asked = (cluster.name, group, plural)
        for version in () if asked in self._known else KEPT[group, plural]:
            try:
                found = await cluster.get(f"/apis/{group}/{version}")
            except MissingError:
                continue
            if plural in {one["name"] for one in found.get("resources") or ()}:
                self._known[asked] = version
                break
        return self._known.get(asked)

    async def root(self, cluster: Cluster, group: str, plural: str, namespace: str) -> str:
        """The path of all of them in a namespace; PermanentError when the server has no such."""
        version = await self.version(cluster, group, plural)
        if version is None:
            tried = " or ".join(KEPT[group, plural])
            raise PermanentError(f"cluster {cluster.name} has no {plural} ({group}/{tried})")
        return f"/apis/{group}/{version}/namespaces/{namespace}/{plural}"
