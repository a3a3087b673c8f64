"""The three ways of patching, of each as much as Heal sends: pure."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

from tests.cluster.fake import answers

MERGED_BY = {
    "conditions": "type",
    "containers": "name",
    "env": "name",
    "imagePullSecrets": "name",
    "initContainers": "name",
    "ownerReferences": "uid",
    "volumeMounts": "mountPath",
    "volumes": "name",
}
"""Lists whose items have a name for a strategic merge; every other list is replaced."""


def merged(there: Any, patch: Any, *, strategic: bool, key: str = "") -> Any:
    """A merge patch (RFC 7386), or a strategic one."""
    if isinstance(patch, list) and strategic and key in MERGED_BY and isinstance(there, list):
        return _merged_lists(there, patch, MERGED_BY[key])
    if not isinstance(patch, dict):
        return copy.deepcopy(patch)
    found = dict(there) if isinstance(there, dict) else {}
    for name, value in patch.items():
        if value is None:
            found.pop(name, None)
        elif not (strategic and name.startswith("$")):
            found[name] = merged(found.get(name), value, strategic=strategic, key=name)
    return found


def _merged_lists(there: list[Any], patch: list[Any], named_by: str) -> list[Any]:
    found = {one[named_by]: one for one in there}
    fresh = []
    for one in patch:
        name = one[named_by]
        if one.get("$patch") == "delete":
            found.pop(name, None)
        elif name in found:
            found[name] = merged(found[name], one, strategic=True)
        else:
            fresh.append(copy.deepcopy(one))
    return [*fresh, *found.values()]


def patched(there: Any, operations: Sequence[Any]) -> Any:
    """A JSON patch (RFC 6902): all of its operations, or Refused."""
    found = copy.deepcopy(there)
    for one in operations:
        try:
            *way, last = one["path"].lstrip("/").replace("~1", "\0").split("/")
            place = found
            for part in way:
                place = _inside(place, part)
            _carried_out(one, place, last.replace("\0", "/").replace("~0", "~"))
        except (KeyError, IndexError, TypeError, ValueError):
            raise answers.bad_patch() from None
    return found


def _inside(place: Any, part: str) -> Any:
    name = part.replace("\0", "/").replace("~0", "~")
    return place[int(name)] if isinstance(place, list) else place[name]


def _carried_out(one: dict[str, Any], place: Any, last: str) -> None:
    key: Any = last
    if isinstance(place, list):
        key = len(place) if last == "-" else int(last)
    match one["op"]:
        case "test":
            if place[key] != one["value"]:
                raise ValueError
        case "add" if isinstance(place, list):
            place.insert(key, one["value"])
        case "add":
            place[key] = one["value"]
        case "replace":
            place[key]  # what is not there cannot be replaced
            place[key] = one["value"]
        case "remove":
            del place[key]
        case _:
            raise ValueError
