"""The shipped runbooks about pods and nodes touch only what the catalogue calls the service's."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import pytest

from bot.actions.kubernetes.drain import Drained
from bot.catalog import checking, yaml
from bot.core import parameters
from bot.core.parameters import Fitted
from bot.core.plan import OnUncertain
from bot.core.runbook import Runbook
from bot.engine import filling
from bot.rehearsal.library import SHIPPED

NODES = ("drain-pressed-node", "drain-dead-node", "cordon-flapping-node")
FACTS = {"cluster": "prod", "namespace": "shop", "workload": "api", "node_prefix": "worker-"}


def runbook(name: str) -> Runbook:
    return checking.check(yaml.read(SHIPPED / f"kubernetes/{name}.yaml", SHIPPED), Runbook)


def fitted(book: Runbook, labels: Mapping[str, str]) -> object:
    seen = {"alert": {"labels": dict(labels)}, "service": {"facts": FACTS}}
    return parameters.fit(book.parameters, {}, seen)


def test_a_leak_is_restarted_at_most_twice_an_hour_after_a_yes_and_with_time_to_end() -> None:
    book = runbook("restart-pod-memory-leak")

    (window,), (step,) = book.safety.attempts, book.steps
    assert (window.limit, window.within) == (2, timedelta(hours=1))
    assert (book.match.min_confidence, book.safety.min_confidence) == (0.80, 0.80)
    assert book.estimate.recovery == timedelta(minutes=3)
    assert not book.safety.unattended
    assert "pods.grace >= 30.0" in str(book.safe_when)
    assert (step.do, step.on_uncertain) == ("kubernetes.restart", OnUncertain.PROBE)


@pytest.mark.parametrize("name", NODES)
@pytest.mark.parametrize("node", ["", "Worker", "worker-1/../x", "worker-1\n", "worker_1", "*"])
def test_a_node_out_of_an_alert_is_a_name_and_nothing_else(name: str, node: str) -> None:
    assert not isinstance(fitted(runbook(name), {"node": node}), Fitted)


def test_a_drain_loses_nothing_that_the_runbook_does_not_say() -> None:
    for name in ("drain-pressed-node", "drain-dead-node"):
        book = runbook(name)
        found = fitted(book, {"node": "worker-3"})
        assert isinstance(found, Fitted)
        (step,) = book.steps

        asked = Drained.model_validate(
            filling.render_map(step.params, {"params": {**found.values}})
        )

        assert (asked.cluster, asked.name, asked.most_away) == ("prod", "worker-3", 34)
        assert (asked.unowned, asked.local_storage) == (False, False)


def test_a_pod_out_of_an_alert_is_a_name_and_nothing_else() -> None:
    book = runbook("delete-stuck-pod")

    assert isinstance(fitted(book, {"pod": "api-1"}), Fitted)
    for pod in ("", "api 1", "api-1/eviction", "api-*", "api-1?x"):
        assert not isinstance(fitted(book, {"pod": pod}), Fitted)
