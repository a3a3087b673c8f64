"""
What server 1.20 and hollow nodes cannot play: newer versions of groups, logs and metrics.

No real server is here to hold this against. The shapes are held against the models of the official
client, which are made from the API's own description; the log is a text, and metrics have no model.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from kubernetes import client as models

from bot.clients.kubernetes import selecting
from bot.clients.kubernetes.cluster import Cluster, Clusters
from bot.clients.kubernetes.settings import OnWorkload
from bot.clients.kubernetes.surroundings import Surveyor
from bot.clients.kubernetes.syncing import Syncs
from bot.core.errors import PermanentError
from bot.probes.kubernetes.logs import Logs
from tests.clients import rigs
from tests.cluster.fake import kinds
from tests.cluster.fake.plane import FakePlane, a_fake
from tests.cluster.fixtures import a_space, seen_by
from tests.cluster.plane import CONTEXT
from tests.cluster.spaces import Space


@pytest.fixture
def fake(tmp_path: Path) -> Iterator[FakePlane]:
    with a_fake(tmp_path, kinds.NEW) as made:
        yield made


@pytest.fixture
async def space(fake: FakePlane) -> AsyncIterator[Space]:
    async with a_space(fake) as made:
        await made.deployment("api", 2)
        await made.standing("api")
        yield made


@pytest.fixture
def heal(fake: FakePlane) -> Cluster:
    return Cluster(CONTEXT, seen_by(fake, "heal"))


async def test_policy_v1_and_autoscaling_v2_are_found_and_read(space: Space, heal: Cluster) -> None:
    about = {"minAvailable": 2, "selector": {"matchLabels": {"app": "api"}}}
    budgets = f"/apis/policy/v1/namespaces/{space.name}/poddisruptionbudgets"
    await space.admin.post(budgets, {"metadata": {"name": "least"}, "spec": about})
    cpu = {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 70}}
    limits = {
        "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "api"},
        "maxReplicas": 4,
        "metrics": [{"type": "Resource", "resource": cpu}],
    }
    scalers = f"/apis/autoscaling/v2/namespaces/{space.name}/horizontalpodautoscalers"
    await space.admin.post(scalers, {"metadata": {"name": "grows"}, "spec": limits})

    around = await Surveyor(heal, Syncs(Clusters(heal.settings))).look(
        OnWorkload(cluster=CONTEXT, namespace=space.name, name="api")
    )

    assert [selecting.name(one) for one in around.budgets] == ["least"]
    assert [selecting.name(one) for one in around.scalers] == ["grows"]
    # The models of one version of the client are typed, those of another are not.
    budget: Any = models.V1PodDisruptionBudgetList.model_validate(await heal.get(budgets))
    assert budget.items[0].status.expected_pods == 2
    scaler: Any = models.V2HorizontalPodAutoscalerList.model_validate(await heal.get(scalers))
    assert scaler.items[0].spec.metrics[0].resource.target.average_utilization == 70


async def test_the_older_versions_are_not_spoken_any_more(space: Space, fake: FakePlane) -> None:
    spoken = await space.admin.get("/apis")

    groups = {
        one["name"]: [each["version"] for each in one["versions"]] for one in spoken["groups"]
    }
    assert groups["policy"] == ["v1"]
    assert groups["autoscaling"] == ["v2", "v1"]


async def test_an_eviction_of_policy_v1_is_taken(space: Space) -> None:
    (name, _) = await space.pods()
    asked = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": name}}
    models.V1Eviction.model_validate(asked)

    said = await space.admin.post(f"/api/v1/namespaces/{space.name}/pods/{name}/eviction", asked)

    assert (said["status"], said["code"]) == ("Success", 201)
    assert name not in await space.pods()


async def test_a_log_is_read_with_the_life_before(space: Space, fake: FakePlane) -> None:
    names = await space.pods()
    for name in names:
        fake.server.logs[name, False] = "listening\nno database\n"
    async with rigs.rig() as rig:
        probe = Logs(seen_by(fake, "admin"), rig)
        which = {"namespace": space.name, "pod": names[0], "lines": 1}
        found = await probe.read(probe.params.model_validate(which))

    assert (found["log"], found["previous"]) == ("no database", "")


async def test_a_log_of_a_life_that_is_forgotten_is_refused(space: Space) -> None:
    (name, _) = await space.pods()
    path = f"/api/v1/namespaces/{space.name}/pods/{name}/log"

    with pytest.raises(PermanentError, match=f'previous terminated container .* "{name}" not fou'):
        await space.admin.text(path, {"previous": "true", "container": "api"})


async def test_what_pods_use_is_told_by_the_metrics_api(space: Space) -> None:
    path = f"/apis/metrics.k8s.io/v1beta1/namespaces/{space.name}/pods"

    found = await space.admin.get(path)

    assert found["kind"] == "PodMetricsList"
    assert [one["metadata"]["name"] for one in found["items"]] == await space.pods()
    assert found["items"][0]["containers"] == [
        {"name": "api", "usage": {"cpu": "100m", "memory": "64Mi"}}
    ]
