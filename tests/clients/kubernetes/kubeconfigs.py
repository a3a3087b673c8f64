"""Kubeconfigs of several clusters, and the little that a plain web server must hold to be one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.clients.servers import Recorder

API = "/apis/apps/v1/namespaces/shop/deployments/api"


def write(path: Path, current: str = "", **servers: str) -> str:
    """A kubeconfig with a context for each server; its path."""
    told = {
        "apiVersion": "v1",
        "kind": "Config",
        **({"current-context": current} if current else {}),
        "clusters": [{"name": name, "cluster": {"server": url}} for name, url in servers.items()],
        "users": [{"name": "heal", "user": {"token": "t"}}],
        "contexts": [
            {"name": name, "context": {"cluster": name, "user": "heal", "namespace": "wrong"}}
            for name in servers
        ],
    }
    path.write_text(json.dumps(told), encoding="utf-8")
    return str(path)


def deployment(uid: str, **more: Any) -> dict[str, Any]:
    pods = {"containers": [{"name": "api", "image": "shop:1"}]}
    return {
        "metadata": {"name": "api", "uid": uid, "resourceVersion": "7", "generation": 1},
        "spec": {
            "replicas": 1,
            "selector": {"matchLabels": {"app": "api"}},
            "template": {"metadata": {"labels": {"app": "api"}}, "spec": pods},
            **more,
        },
        "status": {
            "observedGeneration": 1, "replicas": 1, "updatedReplicas": 1, "availableReplicas": 1,
        },
    }  # fmt: skip


def fill(server: Recorder, uid: str) -> None:
    """Put deployment api of shop there, with nothing around it."""
    server.kept |= {
        API: deployment(uid),
        "/apis": {"groups": []},
        "/api/v1/namespaces/shop/pods": {"items": []},
        "/api/v1/namespaces/shop/services": {"items": []},
    }
