"""How deployments and pods stand, in the words of their status: pure."""

from __future__ import annotations

import math
from typing import Any

Json = dict[str, Any]


def bad(template: Json) -> bool:
    """Whether its pods never become ready."""
    probes = (one.get("readinessProbe") or {} for one in template["spec"]["containers"])
    return any((one.get("httpGet") or {}).get("port") == 1 for one in probes)


def conditions(at: str, new: str, *, failed: bool, ready: int, of: int) -> list[Json]:
    enough = ready >= of - math.floor(of / 4)
    said = "has minimum availability." if enough else "does not have minimum availability."
    gone = "timed out progressing" if failed else "successfully progressed"
    moved = {"lastUpdateTime": at, "lastTransitionTime": at}
    return [
        {
            **moved,
            "type": "Available",
            "status": "True" if enough else "False",
            "reason": f"MinimumReplicas{'Available' if enough else 'Unavailable'}",
            "message": f"Deployment {said}",
        },
        {
            **moved,
            "type": "Progressing",
            "status": "False" if failed else "True",
            "reason": "ProgressDeadlineExceeded" if failed else "NewReplicaSetAvailable",
            "message": f'ReplicaSet "{new}" has {gone}.',
        },
    ]


def running(template: Json) -> Json:
    shut = bad(template)
    ready = "False" if shut else "True"
    return {
        "phase": "Running",
        "conditions": [{"type": "Ready", "status": ready}],
        "containerStatuses": [
            {
                "name": one["name"], "state": {"running": {}}, "lastState": {}, "ready": not shut,
                "restartCount": 0, "image": one["image"],
            }
            for one in template["spec"]["containers"]
        ],
    }  # fmt: skip
