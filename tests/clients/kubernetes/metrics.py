"""A plain web server that plays the metrics API, which needs kubelets that measure something."""

from __future__ import annotations

from typing import Any

from tests.clients.kubernetes import kubeconfigs
from tests.clients.servers import Recorder

METRICS = "/apis/metrics.k8s.io/v1beta1"


def pod(name: str, **resources: Any) -> dict[str, Any]:
    ready = [{"type": "Ready", "status": "True"}]
    return {
        "metadata": {"name": name},
        "spec": {"containers": [{"name": "api", "resources": resources}]},
        "status": {"phase": "Running", "conditions": ready},
    }


def usage(name: str, cpu: str, memory: str) -> dict[str, Any]:
    """One of a PodMetricsList, as metrics-server writes it."""
    measured = [{"name": "api", "usage": {"cpu": cpu, "memory": memory}}]
    return {"metadata": {"name": name}, "window": "15s", "containers": measured}


def keep(server: Recorder, *pods: dict[str, Any], measured: tuple[dict[str, Any], ...]) -> None:
    """The deployment `api` of the namespace shop, with these pods."""
    offered = {"resources": [{"name": "nodes"}, {"name": "pods"}]}
    server.kept |= {
        kubeconfigs.API: kubeconfigs.deployment("u-1"),
        "/api/v1/namespaces/shop/pods": {"items": list(pods)},
        METRICS: offered,
        f"{METRICS}/namespaces/shop/pods": {"items": list(measured)},
    }
