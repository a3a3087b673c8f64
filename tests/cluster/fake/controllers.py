"""
The controllers of the fake: what becomes of a spec, all at once when somebody looks next.

Nothing of a rollout lasts: pods are ready as soon as they are there. But where a readiness probe
asks port 1, which nobody listens on, they never are, and the rollout has run out of its time.
"""

from __future__ import annotations

import hashlib
import json
import math
from typing import Any

from bot.clients.kubernetes import rollouts, selecting
from tests.cluster.fake import states
from tests.cluster.fake.kinds import BUDGETS, DEPLOYMENTS, PODS, REPLICA_SETS, STATEFUL_SETS, Kind
from tests.cluster.fake.shelf import CONTROLLERS, Shelf

Json = dict[str, Any]
HASH = "pod-template-hash"
NOTE = "deployment.kubernetes.io"
HISTORY = f"{NOTE}/revision-history"
LETTERS = "bcdfghjklmnpqrstvwxz2456789"
"""What names of pods are made of, so that none is a word."""


class Controllers:
    """Bring the shelf to rest."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf

    def settle(self) -> None:
        """Of each namespace in which anything has changed."""
        for space in sorted(self._shelf.touched):
            self._settle(space)
        self._shelf.touched.clear()

    def _settle(self, space: str) -> None:
        for one in self._shelf.every(DEPLOYMENTS, space):
            self._deployment(one)
        for one in self._shelf.every(STATEFUL_SETS, space):
            count = rollouts.desired(one)
            self._pods(STATEFUL_SETS, one, count)
            told = {"replicas": count, "readyReplicas": count, "updatedReplicas": count}
            self._status(STATEFUL_SETS, one, told | {"updateRevision": "1", "currentRevision": "1"})
        for kind in (REPLICA_SETS, PODS):
            for one in self._shelf.every(kind, space):
                self._collect(kind, one)
        for one in self._shelf.every(BUDGETS, space):
            self._budget(one)

    def _collect(self, kind: Kind, found: Json) -> None:
        """Take away what is left of an owner that is gone."""
        made = found["metadata"]
        owners = [one["uid"] for one in made.get("ownerReferences", ())]
        if owners and not any(map(self._shelf.there, owners)):
            self._shelf.remove(kind, made["namespace"], made["name"])

    def _deployment(self, found: Json) -> None:
        wanted, bad = rollouts.desired(found), states.bad(found["spec"]["template"])
        new = self._new_set(found)
        surge = math.ceil(wanted / 4) if bad else wanted
        sets = self._owned(REPLICA_SETS, found)
        standing = [one for one in sets if one is not new and one["spec"]["replicas"]]
        for one in sets:
            mine = one["metadata"]["name"] == new["metadata"]["name"]
            kept = one["spec"]["replicas"] if bad and standing else 0
            count = (surge if standing else wanted) if mine else kept
            self._set_to(one, count, wanted)
        pods = [pod for one in self._owned(REPLICA_SETS, found) for pod in self._owned(PODS, one)]
        ready = sum(map(selecting.ready, pods))
        fresh = len(self._owned(PODS, new))
        told: Json = {
            "replicas": len(pods), "updatedReplicas": fresh, "readyReplicas": ready,
            "availableReplicas": ready, "unavailableReplicas": max(0, len(pods) - ready),
        }  # fmt: skip
        told = {name: count for name, count in told.items() if count}
        at = found["metadata"]["creationTimestamp"]
        told["conditions"] = states.conditions(
            at, new["metadata"]["name"], failed=bad, ready=ready, of=wanted
        )
        self._status(DEPLOYMENTS, found, told)

    def _new_set(self, found: Json) -> Json:
        """The replica set of its template, made anew or taken up again as the newest revision."""
        space, name = found["metadata"]["namespace"], found["metadata"]["name"]
        template = found["spec"]["template"]
        sets = self._owned(REPLICA_SETS, found)
        hash_ = _hashed(template)
        newest = max((_revision(one) for one in sets), default=0)
        known = next((one for one in sets if selecting.labels(one).get(HASH) == hash_), None)
        number = newest if known and _revision(known) == newest else newest + 1
        labels = {**template["metadata"]["labels"], HASH: hash_}
        notes = {f"{NOTE}/revision": str(number)}
        if known is None:
            spec = {
                "replicas": 0,
                "selector": {"matchLabels": labels},
                "template": template | {"metadata": template["metadata"] | {"labels": labels}},
            }
            made = {"metadata": {"name": f"{name}-{hash_}", "labels": labels}, "spec": spec}
            made["metadata"] |= {"ownerReferences": [_owner(found, "Deployment")]}
            known = self._shelf.create(
                REPLICA_SETS, space, _noted(made, notes), CONTROLLERS, dry=False
            )
        elif _revision(known) != number:
            earlier = [selecting.notes(known).get(HISTORY, ""), str(_revision(known))]
            kept = notes | {HISTORY: ",".join(filter(None, earlier))}
            known = self._change(REPLICA_SETS, known, lambda one: _noted(one, kept))
        self._change(DEPLOYMENTS, found, lambda one: _noted(one, notes))
        return known

    def _set_to(self, found: Json, count: int, wanted: int) -> None:
        most = wanted + math.ceil(wanted / 4)
        notes = {f"{NOTE}/desired-replicas": str(wanted), f"{NOTE}/max-replicas": str(most)}

        def change(one: Json) -> Json:
            return _noted(one, notes) | {"spec": one["spec"] | {"replicas": count}}

        changed = self._change(REPLICA_SETS, found, change)
        self._pods(REPLICA_SETS, changed, count)
        pods = self._owned(PODS, changed)
        ready = sum(map(selecting.ready, pods))
        told = {
            "fullyLabeledReplicas": len(pods),
            "readyReplicas": ready,
            "availableReplicas": ready,
        }
        told = {name: number for name, number in told.items() if number}
        self._status(REPLICA_SETS, changed, {"replicas": len(pods)} | told)

    def _pods(self, kind: Kind, owner: Json, count: int) -> None:
        space, name = owner["metadata"]["namespace"], owner["metadata"]["name"]
        there = self._owned(PODS, owner)
        for one in there[count:]:
            self._shelf.remove(PODS, space, one["metadata"]["name"])
        template = owner["spec"]["template"]
        for number in range(len(there), count):
            tail = str(number) if kind == STATEFUL_SETS else _tail(name, self._shelf.version)
            made = {
                "apiVersion": "v1",
                "metadata": {
                    "name": f"{name}-{tail}",
                    "labels": dict(template["metadata"]["labels"]),
                    "ownerReferences": [_owner(owner, kind.name)],
                },
                "spec": template["spec"] | {"nodeName": f"node-{number % 3 + 1}"},
                "status": states.running(template),
            }
            self._shelf.create(PODS, space, made, CONTROLLERS, dry=False)

    def _budget(self, found: Json) -> None:
        space, spec = found["metadata"]["namespace"], found["spec"]
        pods = [
            one for one in self._shelf.every(PODS, space)
            if selecting.matches(spec["selector"], selecting.labels(one))
        ]  # fmt: skip
        healthy = sum(map(selecting.ready, pods))
        least = spec.get("minAvailable", len(pods) - spec.get("maxUnavailable", 0))
        told = {
            "disruptionsAllowed": max(0, healthy - least), "currentHealthy": healthy,
            "desiredHealthy": least, "expectedPods": len(pods),
        }  # fmt: skip
        self._status(BUDGETS, found, told)

    def _owned(self, kind: Kind, owner: Json) -> list[Json]:
        uid = owner["metadata"]["uid"]
        return [
            one for one in self._shelf.every(kind, owner["metadata"]["namespace"])
            if any(by["uid"] == uid for by in one["metadata"].get("ownerReferences") or ())
        ]  # fmt: skip

    def _status(self, kind: Kind, found: Json, told: Json) -> None:
        seen = {"observedGeneration": found["metadata"]["generation"]}
        self._change(kind, found, lambda one: one | {"status": seen | told})

    def _change(self, kind: Kind, found: Json, change: Any) -> Json:
        made = found["metadata"]
        return self._shelf.change(kind, made["namespace"], made["name"], change, CONTROLLERS)


def _noted(found: Json, notes: Json) -> Json:
    made = found["metadata"]
    return found | {"metadata": made | {"annotations": made.get("annotations", {}) | notes}}


def _owner(found: Json, kind: str) -> Json:
    made = found["metadata"]
    named = {"apiVersion": "apps/v1", "kind": kind, "name": made["name"], "uid": made["uid"]}
    return named | {"controller": True, "blockOwnerDeletion": True}


def _revision(found: Json) -> int:
    return int(selecting.notes(found).get(f"{NOTE}/revision", "0"))


def _hashed(template: Json) -> str:
    return _letters(json.dumps(template, sort_keys=True))[:10]


def _tail(name: str, version: int) -> str:
    return _letters(f"{name}{version}")[:5]


def _letters(text: str) -> str:
    return "".join(LETTERS[byte % len(LETTERS)] for byte in hashlib.sha256(text.encode()).digest())
