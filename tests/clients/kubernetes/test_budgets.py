"""Which budgets hold a pod, and what their numbers mean, in both versions that servers speak."""

from __future__ import annotations

from typing import Any

import pytest

from bot.clients.kubernetes import budgets

POD = {"metadata": {"name": "api-1", "namespace": "shop", "labels": {"app": "api"}}}


def budget(
    selector: Any, version: str = "v1", space: str = "shop", **status: Any
) -> dict[str, Any]:
    return {
        "apiVersion": f"policy/{version}",
        "metadata": {"name": "api", "namespace": space, "generation": 2},
        "spec": {"selector": selector},
        "status": {"observedGeneration": 2, **status},
    }


@pytest.mark.parametrize(
    ("found", "holds"),
    [
        (budget({"matchLabels": {"app": "api"}}), True),
        (budget({"matchLabels": {"app": "web"}}), False),
        (budget({"matchLabels": {"app": "api"}}, space="other"), False),
        (budget({}, "v1"), True),
        (budget({}, "v1beta1"), False),
        (budget(None), False),
    ],
)
def test_a_budget_holds_the_pods_that_its_version_says(
    found: dict[str, Any], *, holds: bool
) -> None:
    assert bool(budgets.over(POD, [found])) is holds


def test_a_budget_that_was_not_counted_since_it_changed_lets_none_go() -> None:
    counted: dict[str, Any] = {
        "currentHealthy": 3,
        "desiredHealthy": 2,
        "expectedPods": 3,
        "disruptionsAllowed": 1,
    }
    fresh, stale = budget({}, **counted), budget({}, **counted | {"observedGeneration": 1})

    assert (budgets.headroom(fresh), budgets.headroom(stale), budgets.headroom(budget({}))) == (
        1,
        0,
        0,
    )
    assert budgets.says(fresh) == "budget api lets 1 go (3 of 3 pods are healthy, 2 must stay)"
    assert budgets.says(stale) == "budget api was not counted by the cluster yet"
