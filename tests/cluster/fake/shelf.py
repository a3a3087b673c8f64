"""The objects of the fake: versions, generations, uids and who wrote which field."""

from __future__ import annotations

import copy
import itertools
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from bot.clients.kubernetes import selecting
from tests.cluster.fake import answers, defaults
from tests.cluster.fake.kinds import BUDGETS, DEPLOYMENTS, NAMESPACES, Kind

Json = dict[str, Any]
Place = tuple[Kind, str, str]


CONTROLLERS = "kube-controller-manager"


class Shelf:
    """Everything by kind, namespace and name."""

    def __init__(self) -> None:
        self._objects: dict[tuple[Kind, str], dict[str, Json]] = {}
        self._uids: set[str] = set()
        self._versions = itertools.count(1)
        self.version = 0
        self.touched: set[str] = set()
        """Namespaces in which anything has changed."""

    def get(self, kind: Kind, space: str, name: str) -> Json:
        """Raises Refused (404)."""
        found = self._objects.get((kind, space), {}).get(name)
        if found is None:
            raise answers.missing(kind, name)
        return found

    def every(self, kind: Kind, space: str = "", labels: Json | None = None) -> list[Json]:
        """All of a kind, of one namespace or of all, whose labels hold these; in their order."""
        wanted = {"matchLabels": labels or {}}
        spaces = [space] if space else sorted(where for of, where in self._objects if of == kind)
        return [
            one
            for where in spaces
            for _, one in sorted(self._objects.get((kind, where), {}).items())
            if selecting.matches(wanted, selecting.labels(one))
        ]

    def create(self, kind: Kind, space: str, given: Json, manager: str, *, dry: bool) -> Json:
        made = copy.deepcopy(given)
        name = made.get("metadata", {}).get("name") or ""
        if not name:
            said = "Required value: name or generateName is required"
            raise answers.invalid(kind, "", "metadata.name", said, "FieldValueRequired")
        if name in self._objects.get((kind, space), {}):
            raise answers.taken(kind, name)
        if "spec" in made:
            made["spec"] = defaults.filled(kind.plural, made["spec"])
        made |= _begun(kind, made)
        made["metadata"] |= {
            "uid": str(uuid.uuid4()),
            "creationTimestamp": _now(),
            **({"namespace": space} if space else {}),
            **({"generation": 1} if kind.counted else {}),
        }
        self._check(kind, made)
        _written(made, given, manager)
        return self._put((kind, space, name), made, dry=dry)

    def change(
        self, kind: Kind, space: str, name: str, change: Callable[[Json], Json], manager: str,
        *, dry: bool = False,
    ) -> Json:  # fmt: skip
        """Replace an object by what `change` makes of it; Refused when that is of another time."""
        there = self.get(kind, space, name)
        made = change(copy.deepcopy(there))
        was, now = there["metadata"], made["metadata"]
        if now.get("resourceVersion") not in {None, was["resourceVersion"]}:
            raise answers.stale(kind, name)
        if "spec" in made:
            made["spec"] = defaults.filled(kind.plural, made["spec"])
        now |= {key: was[key] for key in ("uid", "resourceVersion", "name") if key in was}
        self._check(kind, made)
        if made == there:
            return there
        if kind.counted and _counts(kind, there, made, manager):
            now["generation"] = was["generation"] + 1
        _written(made, _difference(there, made), manager)
        return self._put((kind, space, name), made, dry=dry)

    def remove(self, kind: Kind, space: str, name: str) -> Json:
        found = self.get(kind, space, name)
        del self._objects[kind, space][name]
        self._uids.remove(found["metadata"]["uid"])
        if kind == NAMESPACES:
            for at in [at for at in self._objects if at[1] == name]:
                gone = self._objects.pop(at).values()
                self._uids.difference_update(one["metadata"]["uid"] for one in gone)
        self.touched.add(space)
        return found

    def there(self, uid: str) -> bool:
        return uid in self._uids

    def _put(self, place: Place, made: Json, *, dry: bool) -> Json:
        if not dry:
            self.version = next(self._versions)
            made["metadata"]["resourceVersion"] = str(self.version)
            kind, space, name = place
            self._objects.setdefault((kind, space), {})[name] = made
            self._uids.add(made["metadata"]["uid"])
            self.touched.add(space)
        return made

    @staticmethod
    def _check(kind: Kind, made: Json) -> None:
        replicas = (made.get("spec") or {}).get("replicas", 0)
        if isinstance(replicas, int) and replicas < 0:
            said = f"Invalid value: {replicas}: must be greater than or equal to 0"
            name = made["metadata"]["name"]
            raise answers.invalid(kind, name, "spec.replicas", said, "FieldValueInvalid")


def _counts(kind: Kind, there: Json, made: Json, manager: str) -> bool:
    """A change of the spec; of a deployment also of its notes, but not by its controller."""
    noted = selecting.notes(made) != selecting.notes(there)
    by_hand = kind == DEPLOYMENTS and manager != CONTROLLERS
    return made.get("spec") != there.get("spec") or (noted and by_hand)


def _begun(kind: Kind, made: Json) -> Json:
    """What a new object has besides its spec."""
    if kind == NAMESPACES:
        return {"spec": {"finalizers": ["kubernetes"]}, "status": {"phase": "Active"}}
    if kind == BUDGETS:
        counts = ("disruptionsAllowed", "currentHealthy", "desiredHealthy", "expectedPods")
        return {"status": dict.fromkeys(counts, 0)}
    if kind.plural == "services":
        return {"status": {"loadBalancer": {}}}
    if kind.plural == "horizontalpodautoscalers":
        return {"status": {"currentReplicas": 0, "desiredReplicas": 0}}
    return {"status": made.get("status", {})} if "spec" in made else {}


def _written(made: Json, fields: Json, manager: str) -> None:
    """Note who wrote these fields; a list is told as a whole, which the real server does not."""
    mine = {name: _told(value) for name, value in fields.items() if name in {"spec", "status"}}
    notes = (fields.get("metadata") or {}).keys() & {"annotations", "labels"}
    mine |= {"metadata": {f"f:{name}": {} for name in notes}} if notes else {}
    entry = {
        "manager": manager, "operation": "Update", "apiVersion": made.get("apiVersion", ""),
        "time": _now(), "fieldsType": "FieldsV1",
        "fieldsV1": {f"f:{name}": value for name, value in mine.items()},
    }  # fmt: skip
    others = made["metadata"].get("managedFields", [])
    for one in others:
        if one["manager"] == manager:
            entry["fieldsV1"] = _joined(one["fieldsV1"], entry["fieldsV1"])
    kept = [one for one in others if one["manager"] != manager]
    made["metadata"]["managedFields"] = [*kept, entry]


def _told(value: Any) -> Json:
    if not isinstance(value, dict):
        return {}
    return {f"f:{name}": _told(inner) for name, inner in value.items()}


def _joined(one: Json, other: Json) -> Json:
    return one | {name: _joined(one.get(name, {}), value) for name, value in other.items()}


def _difference(old: Json, new: Json) -> Json:
    found = {}
    for name in new.keys() - {"managedFields", "resourceVersion", "generation"}:
        was, now = old.get(name), new[name]
        if was != now:
            both = isinstance(was, dict) and isinstance(now, dict)
            found[name] = _difference(was, now) if both else now  # type: ignore[arg-type]
    return found


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
