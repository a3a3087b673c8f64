"""The blast radius of a rollout: what a card says in one line, and what the details add."""

from __future__ import annotations

from typing import Any

from bot.clients.kubernetes import radius
from bot.clients.kubernetes.settings import OnWorkload
from bot.clients.kubernetes.surroundings import Surroundings
from tests.clients.kubernetes import kubeconfigs

API = OnWorkload(cluster="prod", namespace="shop", name="api")
BUDGET = {
    "metadata": {"name": "api"},
    "status": {"disruptionsAllowed": 0, "currentHealthy": 2, "desiredHealthy": 2},
}
SCALER = {
    "metadata": {"name": "api"},
    "spec": {"minReplicas": 2, "maxReplicas": 6},
    "status": {"currentReplicas": 3},
}


def pods(*nodes: str, ready: int) -> tuple[dict[str, Any], ...]:
    return tuple(
        {
            "metadata": {"name": f"api-{number}"},
            "spec": {"nodeName": node},
            "status": {
                "conditions": [{"type": "Ready", "status": "True" if number < ready else "False"}]
            },
        }
        for number, node in enumerate(nodes)
    )


def around(ready: int = 2, **more: Any) -> Surroundings:
    kept = {"rollingUpdate": {"maxUnavailable": 1, "maxSurge": 0}}
    found = kubeconfigs.deployment("u", replicas=3, strategy=kept)
    found["metadata"]["labels"] = {"argocd.argoproj.io/instance": "shop"}
    there = {"budgets": (BUDGET,), "scalers": (SCALER,), "services": ("api", "api-admin")}
    return Surroundings(
        workload=found,
        pods=pods("node-2", "node-1", "node-2", ready=ready),
        **{**there, "ingresses": ("www",), "claims": ("claim files",), **more},
    )


def test_the_line_of_the_card_names_the_loss_and_all_that_could_surprise() -> None:
    assert radius.of_rollout(API, around()).line == (
        "deployment api in shop (prod): touches 3 of 3 pods, 1 (33.3 %) down at the worst moment; "
        "a rollout is on its way; budget api limits evictions, but no rollout; autoscaler api sets "
        "its number of pods; behind service api, api-admin, reached through www; its data is in "
        "claim files; kept by Argo CD, which may put a change back"
    )


def test_the_details_have_what_moves_by_itself() -> None:
    assert radius.of_rollout(API, around()).seen == {
        "pods": "2 of 3 ready",
        "nodes": "node-1 (1), node-2 (2)",
        "rollout": "1 of 3 pods are new",
        "budget api": "0 may be evicted now: 2 healthy, 2 wanted",
        "autoscaler api": "2 to 6 pods, now 3",
        "services": "api, api-admin",
        "ingresses": "www",
        "data": "claim files",
        "kept by": "Argo CD",
    }


def test_only_the_details_change_when_a_pod_falls_over() -> None:
    whole, broken = radius.of_rollout(API, around(3)), radius.of_rollout(API, around(1))

    assert whole != broken
    assert whole.fixed == broken.fixed


def test_what_could_not_be_seen_is_said_in_both() -> None:
    hidden = radius.of_scaling(API, around(unseen=("services",)), 3, 5)

    assert hidden.seen["not seen"] == "services"
    assert hidden.notes[-1] == "Heal may not see its services"


def test_it_counts_who_serves_and_what_budgets_let_go() -> None:
    status = {"disruptionsAllowed": 2, "currentHealthy": 2, "desiredHealthy": 0}
    counted = {**BUDGET, "status": status}
    tight, free, none = (around(budgets=some) for some in ((counted, BUDGET), (counted,), ()))

    radii = [radius.of_rollout(API, one) for one in (tight, free, none)]

    assert [one.headroom for one in radii] == [0, 2, None]
    assert [one.ready for one in radii] == [2, 2, 2]
