"""Label selectors and the small questions that are asked of every object: pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Object = Mapping[str, Any]


def query(selector: Object) -> str:
    """
    Write a selector as a list call wants it.

    >>> query({"matchLabels": {"app": "api"}, "matchExpressions": [
    ...     {"key": "tier", "operator": "In", "values": ["a", "b"]},
    ...     {"key": "old", "operator": "DoesNotExist"}]})
    'app=api,tier in (a,b),!old'
    """
    return ",".join(_terms(selector))


def _terms(selector: Object) -> Iterator[str]:
    for key, value in (selector.get("matchLabels") or {}).items():
        yield f"{key}={value}"
    for each in selector.get("matchExpressions") or ():
        key, values = each["key"], ",".join(each.get("values") or ())
        match each["operator"]:
            case "In":
                yield f"{key} in ({values})"
            case "NotIn":
                yield f"{key} notin ({values})"
            case "Exists":
                yield key
            case _:
                yield f"!{key}"


def matches(selector: Object | None, labels: Mapping[str, str]) -> bool:
    """
    Whether a selector means an object with these labels; none at all means nothing.

    >>> matches({"matchLabels": {"app": "api"}}, {"app": "api", "x": "y"}), matches(None, {})
    (True, False)
    """
    if selector is None:
        return False
    wanted = selector.get("matchLabels") or {}
    return all(labels.get(key) == value for key, value in wanted.items()) and all(
        _holds(each, labels) for each in selector.get("matchExpressions") or ()
    )


def _holds(each: Object, labels: Mapping[str, str]) -> bool:
    key, values = each["key"], each.get("values") or ()
    match each["operator"]:
        case "In":
            return labels.get(key) in values
        case "NotIn":
            return labels.get(key) not in values
        case "Exists":
            return key in labels
        case _:
            return key not in labels


def name(found: Object) -> str:
    return str(found["metadata"]["name"])


def notes(found: Object) -> dict[str, str]:
    """Its annotations."""
    return dict(found["metadata"].get("annotations") or {})


def labels(found: Object) -> dict[str, str]:
    return dict(found["metadata"].get("labels") or {})


def leaving(pod: Object) -> bool:
    """Whether it is on its way out already, or has ended: not one of the pods any more."""
    ended = (pod.get("status") or {}).get("phase") in {"Succeeded", "Failed"}
    return ended or pod["metadata"].get("deletionTimestamp") is not None


def ready(pod: Object) -> bool:
    conditions = (pod.get("status") or {}).get("conditions") or ()
    return not leaving(pod) and any(
        one.get("type") == "Ready" and one.get("status") == "True" for one in conditions
    )
