"""How an Argo Rollout stands, by what its controller writes into the status."""

from __future__ import annotations

import pytest

from bot.clients.kubernetes import argo


@pytest.mark.parametrize(("available", "says"), [(2, "2 of 3"), (3, "3 of 3"), (5, "3 of 3")])
def test_old_pods_on_their_way_out_are_not_told_as_new_ones(available: int, says: str) -> None:
    status = {"observedGeneration": "4", "phase": "Healthy", "availableReplicas": available}
    found = {"metadata": {"generation": 4}, "spec": {"replicas": 3}, "status": status}

    stands = argo.of(found)

    assert stands.done
    assert stands.says == f"{says} pods are new and available"
