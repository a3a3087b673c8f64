"""The fake API server answers as the real one, to the letter, and plays what that cannot."""

from __future__ import annotations

import itertools
import os
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest
import yaml

from bot.clients.kubernetes import rollouts
from bot.clients.kubernetes.settings import Kind
from tests.cluster.asking import Asker, Json, an_asker
from tests.cluster.fake.plane import FakePlane, a_fake
from tests.cluster.plane import Plane
from tests.cluster.spaces import ROLE, template

Case = Callable[[Asker], Awaitable[None]]
NUMBERS = itertools.count(1)
APPS, CORE = "/apis/apps/v1/namespaces/NS", "/api/v1/namespaces/NS"
API = f"{APPS}/deployments/api"
POLICY = "/apis/policy/v1beta1/namespaces/NS/poddisruptionbudgets"
MERGE, STRATEGIC, JSON = "merge-patch", "strategic-merge-patch", "json-patch"


@pytest.fixture
def fake(tmp_path: Path) -> Iterator[FakePlane]:
    with a_fake(tmp_path) as made:
        yield made


async def answers(plane: Plane | FakePlane, case: Case) -> list[tuple[int, object]]:
    """What a case is answered, in a namespace of its own."""
    space = f"f{os.getpid()}-{next(NUMBERS)}"
    users = {user: plane.kubeconfig(user) for user in ("admin", "heal")}
    async with an_asker(users, space) as asker:
        await asker.ask("POST", "/api/v1/namespaces", {"metadata": {"name": space}})
        await case(asker)
        await asker.ask("DELETE", API, note=False)
    return asker.answers


def a_deployment(**spec: object) -> Json:
    selector = {"matchLabels": {"app": "api"}}
    told = {"replicas": 2, "selector": selector, "template": template("shop:1"), **spec}
    return {"metadata": {"name": "api"}, "spec": told}


def stands(found: Json) -> bool:
    return "status" in found and rollouts.of(Kind.DEPLOYMENT, found).done


def settled(found: Json) -> bool:
    """Whether a replica set has all that it should."""
    status = found["status"]
    seen = status.get("observedGeneration") == found["metadata"]["generation"]
    return bool(seen and status["replicas"] == found["spec"]["replicas"])


async def deployed(asker: Asker, **spec: object) -> None:
    await asker.ask("POST", f"{APPS}/deployments", a_deployment(**spec), note=False)
    await asker.until(API, stands)


async def what_is_not_there(asker: Asker) -> None:
    for path in (
        API, f"{APPS}/nothings/x", f"{CORE}/pods/x", f"{CORE}/pods/x/nothing", f"{POLICY}/x",
        "/apis/none.example/v1/things", "/api/v1/nodes/none",
    ):  # fmt: skip
        await asker.ask("GET", path)
    await asker.patch(API, {}, MERGE)
    await asker.ask("DELETE", API)
    away = "/apis/apps/v1/namespaces/nowhere-at-all/deployments"
    await asker.ask("POST", away, a_deployment())


async def what_cannot_be_done(asker: Asker) -> None:
    await asker.ask("PUT", f"{APPS}/deployments", {})
    await asker.ask("POST", API, {})
    await asker.ask("PATCH", f"{APPS}/deployments", {})
    await asker.ask("GET", f"{CORE}/pods/x/eviction")


async def who_may_not(asker: Asker) -> None:
    await asker.ask("GET", API, user="nobody")
    for path in (f"{CORE}/secrets/x", f"{CORE}/secrets", "/api/v1/nodes", f"{APPS}/nothings/x"):
        await asker.ask("GET", path, user="heal")
    await asker.patch(API, {}, MERGE, user="heal")
    await asker.ask("POST", f"{CORE}/pods/x/eviction", {}, user="heal")
    await asker.ask("DELETE", API, user="heal")


async def what_a_role_grants(asker: Asker) -> None:
    for each in yaml.safe_load_all(ROLE.read_text()):
        if each["metadata"].get("namespace"):
            each["metadata"]["namespace"] = "NS"
            root = "/apis/rbac.authorization.k8s.io/v1/namespaces/NS"
            await asker.ask("POST", f"{root}/{each['kind'].lower()}s", each)
    review = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
    for group, plural, verb in (
        ("apps", "deployments", "get"), ("apps", "deployments", "delete"), ("", "secrets", "get"),
        ("", "pods", "list"), ("policy", "poddisruptionbudgets", "list"),
    ):  # fmt: skip
        about = {"namespace": "NS", "verb": verb, "group": group, "resource": plural}
        await asker.ask("POST", review, {"spec": {"resourceAttributes": about}}, user="heal")
    await asker.ask("GET", API, user="heal")
    await asker.ask("GET", f"{CORE}/secrets", user="heal")


async def what_is_created(asker: Asker) -> None:
    await asker.ask("POST", f"{APPS}/deployments?dryRun=All&fieldManager=heal", a_deployment())
    await asker.ask("POST", f"{APPS}/deployments?fieldManager=heal", a_deployment())
    await asker.ask("POST", f"{APPS}/deployments", a_deployment())
    await asker.ask("POST", f"{APPS}/deployments", a_deployment() | {"metadata": {}})
    ports = {"selector": {"app": "api"}, "ports": [{"port": 80}]}
    await asker.ask(
        "POST", f"{CORE}/services?fieldManager=heal", {"metadata": {"name": "api"}, "spec": ports}
    )
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "api"}
    limits = {"scaleTargetRef": target, "maxReplicas": 3}
    scalers = "/apis/autoscaling/v1/namespaces/NS/horizontalpodautoscalers?fieldManager=heal"
    await asker.ask("POST", scalers, {"metadata": {"name": "api"}, "spec": limits})


async def what_is_wrong_with_a_patch(asker: Asker) -> None:
    await deployed(asker)
    await asker.ask("PATCH", API, {}, media="text/plain")
    await asker.ask("PATCH", API, "{", media=f"application/{MERGE}+json")
    await asker.patch(API, {"spec": {"replicas": -1}}, MERGE)
    await asker.patch(API, {"metadata": {"resourceVersion": "1"}, "spec": {"replicas": 3}}, MERGE)
    version = {"op": "test", "path": "/metadata/resourceVersion", "value": "1"}
    replace = {"op": "replace", "path": "/spec/nothing/here", "value": 1}
    for operations in ([version], [replace], [{"op": "jump", "path": "/spec/replicas"}]):
        await asker.patch(API, operations, JSON)


async def what_a_patch_does(asker: Asker) -> None:
    await deployed(asker)
    env = [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]
    containers = [{"name": "api", "env": env}]
    change = {"spec": {"template": {"spec": {"containers": containers}}}}
    await asker.patch(f"{API}?dryRun=All&fieldManager=heal", change, STRATEGIC)
    await asker.patch(f"{API}?fieldManager=heal", change, STRATEGIC)
    await asker.until(API, stands)
    env[:] = [{"name": "B", "$patch": "delete"}, {"name": "C", "value": "3"}]
    await asker.patch(f"{API}?fieldManager=heal", change, STRATEGIC)
    await asker.until(API, stands)
    await asker.patch(
        f"{API}?fieldManager=heal", {"metadata": {"annotations": {"a/b": "c"}}}, MERGE
    )
    await asker.until(API, stands)
    await asker.patch(
        f"{API}?fieldManager=heal", {"metadata": {"annotations": {"a/b": None}}}, MERGE
    )
    await asker.until(API, stands)
    place = "/spec/template/spec/containers/0/env"
    operations = [
        {"op": "add", "path": "/metadata/annotations/a~1b", "value": "d"},
        {"op": "add", "path": f"{place}/-", "value": {"name": "D", "value": "4"}},
        {"op": "remove", "path": f"{place}/0"},
        {"op": "replace", "path": "/spec/template/spec/containers/0/image", "value": "shop:2"},
    ]
    await asker.patch(f"{API}?fieldManager=heal", operations, JSON)
    await asker.until(API, stands)
    await asker.patch(f"{API}?fieldManager=heal", {"spec": {"replicas": 2}}, MERGE)


async def what_a_rollout_leaves(asker: Asker) -> None:
    await deployed(asker)
    await asker.patch(API, {"spec": {"template": template("shop:2")}}, MERGE)
    await asker.until(API, stands)
    await asker.patch(API, {"spec": {"template": template("shop:1")}}, MERGE)
    await asker.until(API, stands)
    await asker.until(f"{CORE}/pods", lambda found: len(found["items"]) == 2)
    await asker.until(f"{APPS}/replicasets", lambda found: all(map(settled, found["items"])))
    for path in (API, f"{APPS}/replicasets?labelSelector=app%3Dapi", f"{CORE}/pods"):
        await asker.ask("GET", path)
    await asker.ask("GET", f"{APPS}/deployments?labelSelector=app%3Dnone")


async def what_a_rollout_that_fails_leaves(asker: Asker) -> None:
    await deployed(asker, progressDeadlineSeconds=6)
    shut = template("shop:2", readinessProbe={"httpGet": {"port": 1, "path": "/"}})
    await asker.patch(API, {"spec": {"template": shut}}, MERGE)
    await asker.until(API, lambda found: rollouts.of(Kind.DEPLOYMENT, found).failed)
    await asker.until(f"{APPS}/replicasets", lambda found: all(map(settled, found["items"])))
    await asker.until(f"{CORE}/pods", lambda found: str(found).count("'running'") == 3)
    for path in (API, f"{APPS}/replicasets", f"{CORE}/pods"):
        await asker.ask("GET", path)
    await asker.ask("DELETE", API, note=False)
    await asker.until(f"{CORE}/pods", lambda found: not found["items"])
    await asker.ask("GET", f"{APPS}/replicasets")


async def what_scale_says(asker: Asker) -> None:
    await deployed(asker)
    await asker.ask("GET", f"{API}/scale")
    await asker.patch(f"{API}/scale", {"spec": {"replicas": 1}}, MERGE, note=False)
    await asker.until(API, lambda one: stands(one) and one["spec"]["replicas"] == 1)
    await asker.until(f"{CORE}/pods", lambda found: len(found["items"]) == 1)
    await asker.ask("GET", API)


async def what_a_budget_allows(asker: Asker) -> None:
    await deployed(asker)
    (pod, *_) = (await asker.ask("GET", f"{CORE}/pods", note=False))["items"]
    name = pod["metadata"]["name"]

    async def evict(which: str, query: str = "", **more: object) -> None:
        body = {"apiVersion": "policy/v1beta1", "kind": "Eviction", "metadata": {"name": which}}
        await asker.ask("POST", f"{CORE}/pods/{which}/eviction{query}", body | more)

    await evict("none")
    await evict(name, "?dryRun=All", deleteOptions={"preconditions": {"uid": "x"}})
    await evict(name, "?dryRun=All")
    spec = {"minAvailable": 2, "selector": {"matchLabels": {"app": "api"}}}
    await asker.ask(
        "POST", f"{POLICY}?fieldManager=heal", {"metadata": {"name": "api"}, "spec": spec}
    )
    await asker.until(f"{POLICY}/api", lambda one: one["status"]["expectedPods"] == 2)
    await asker.ask("GET", f"{POLICY}/api")
    await evict(name)
    await asker.patch(f"{POLICY}/api", {"spec": {"minAvailable": 1}}, MERGE, note=False)
    await asker.until(f"{POLICY}/api", lambda one: one["status"]["disruptionsAllowed"] == 1)
    await evict(name, deleteOptions={"preconditions": {"uid": pod["metadata"]["uid"]}})
    await asker.until(API, stands)


CASES = (
    what_is_not_there, what_cannot_be_done, who_may_not, what_a_role_grants, what_is_created,
    what_is_wrong_with_a_patch, what_a_patch_does, what_a_rollout_leaves,
    what_a_rollout_that_fails_leaves, what_scale_says,
    what_a_budget_allows,
)  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
async def test_the_fake_answers_as_the_real_one(case: Case, fake: FakePlane, plane: Plane) -> None:
    assert await answers(fake, case) == await answers(plane, case)


async def test_the_real_one_speaks_all_that_the_fake_does(fake: FakePlane, plane: Plane) -> None:
    """Each group in its versions, and of each its kinds; the fake knows fewer of all."""
    assert await spoken(fake) <= await spoken(plane)


async def spoken(there: Plane | FakePlane) -> set[tuple[str, ...]]:
    users = {user: there.kubeconfig(user) for user in ("admin", "heal")}
    async with an_asker(users, "default") as asker:
        groups = (await asker.ask("GET", "/apis", user="heal"))["groups"]
        roots = {each["groupVersion"]: "/apis" for one in groups for each in one["versions"]}
        found = set[tuple[str, ...]]()
        for version, root in {"v1": "/api", **roots}.items():
            listed = (await asker.ask("GET", f"{root}/{version}", user="heal"))["resources"]
            found |= {
                (version, one["name"], "" if "/" in one["name"] else one["kind"], verb)
                for one in listed
                for verb in one["verbs"]
            }
    return found
