"""
Pointers: where in an object a value stands, as in RFC 6901, with names for places in lists: pure.

`/spec/template/spec/containers/[name=api]/image` finds the container by its name, so a list that
was sorted anew is no other place. What stands somewhere is [value], and [] when nothing does.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from typing import Any

from pydantic import JsonValue

from bot.core import values
from bot.core.errors import PermanentError

Held = list[JsonValue]
Edits = Mapping[str, Held]
"""What is to stand where; [] takes it away."""
LONGEST = 300
PATTERN = r"^(/[^/]{1,253}){1,20}$"
_NAMED = re.compile(r"\[([A-Za-z]\w*)=([^\]]+)\]")


def parts(pointer: str) -> tuple[str, ...]:
    """
    Take a pointer apart.

    >>> parts("/metadata/annotations/example.com~1team")
    ('metadata', 'annotations', 'example.com/team')
    """
    return tuple(one.replace("~1", "/").replace("~0", "~") for one in pointer.split("/")[1:])


def written(path: tuple[str, ...]) -> str:
    """Put it together again."""
    return "".join(f"/{one.replace('~', '~0').replace('/', '~1')}" for one in path)


def read(found: Mapping[str, Any], pointer: str) -> Held:
    """
    What stands there.

    >>> pod = {"containers": [{"name": "api", "image": "shop:1"}]}
    >>> read(pod, "/containers/[name=api]/image"), read(pod, "/containers/[name=web]/image")
    (['shop:1'], [])
    """
    node: Any = found
    for part in parts(pointer):
        if (at := _place(node, part)) is None:
            return []
        node = node[at]
    return [node]


def root(found: Mapping[str, Any], pointer: str) -> str:
    """
    The first part of it that is not there, or all of it: what has to go for it never to have been.

    >>> root({"spec": {}}, "/spec/trafficPolicy/outlierDetection")
    '/spec/trafficPolicy'
    """
    node: Any = found
    path = parts(pointer)
    for depth, part in enumerate(path, 1):
        if (at := _place(node, part)) is None:
            return written(path[:depth])
        node = node[at]
    return pointer


def former(found: Mapping[str, Any], edits: Edits) -> dict[str, JsonValue]:
    """
    The edits that put all of it back exactly, removing what was absent.

    Annotations and labels are everybody's, so of them never the whole map is taken away.
    """
    places = (one if one.startswith("/metadata/") else root(found, one) for one in edits)
    return {place: read(found, place) for place in places}


def changed(found: Mapping[str, Any], edits: Edits) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The object after all edits, and the JSON patch that makes it so; empty when it is so."""
    made: dict[str, Any] = copy.deepcopy(dict(found))
    operations: list[dict[str, Any]] = []
    for pointer, held in edits.items():
        operation = _change(made, pointer, copy.deepcopy(held))
        operations += [copy.deepcopy(operation)] if operation else []
    return made, operations


def _change(made: dict[str, Any], pointer: str, held: Held) -> dict[str, Any] | None:
    there = read(made, pointer)
    if values.canonical(list(there)) == values.canonical(list(held)):
        return None
    place = pointer if there else root(made, pointer)
    *above, last = parts(place)
    node, so_far = _walk(made, tuple(above))
    if not held:
        at = _place(node, last)
        del node[at]
        return {"op": "remove", "path": written((*so_far, str(at)))}
    value = held[0] if there else _nested(parts(pointer)[len(above) + 1 :], held[0])
    if (at := _place(node, last)) is not None:
        node[at] = value
        return {"op": "replace", "path": written((*so_far, str(at))), "value": value}
    return _add(node, last, value, so_far)


def _add(node: Any, last: str, value: JsonValue, above: tuple[str, ...]) -> dict[str, Any]:
    if isinstance(node, dict):
        node[last] = value
        return {"op": "add", "path": written((*above, last)), "value": value}
    entry = _entry(last, value)
    node.append(entry)
    return {"op": "add", "path": written((*above, str(len(node) - 1))), "value": entry}


def _walk(node: Any, path: tuple[str, ...]) -> tuple[Any, tuple[str, ...]]:
    """The node there, and the way to it in numbers."""
    so_far: tuple[str, ...] = ()
    for part in path:
        at = _place(node, part)
        node, so_far = node[at], (*so_far, str(at))
    return node, so_far


def _place(node: Any, part: str) -> Any:
    """The key or index of a part in this node; None when it is not there."""
    named = _NAMED.fullmatch(part)
    if isinstance(node, dict) and not named:
        return part if part in node else None
    if isinstance(node, list) and named:
        key, value = named.groups()
        every = [
            at for at, one in enumerate(node) if isinstance(one, dict) and one.get(key) == value
        ]
        if len(every) > 1:
            raise PermanentError(f"there are {len(every)} entries {part}: which is meant?")
        return every[0] if every else None
    if isinstance(node, list) and part.isdecimal():
        if int(part) < len(node):
            return int(part)
        raise PermanentError(f"there is no entry {part} in a list of {len(node)}")
    raise PermanentError(f"{part} leads nowhere: there is no map or list with such places")


def _nested(path: tuple[str, ...], value: JsonValue) -> JsonValue:
    """The value with all that has to be made around it."""
    for part in reversed(path):
        value = [_entry(part, value)] if _NAMED.fullmatch(part) else {part: value}
    return value


def _entry(part: str, value: JsonValue) -> JsonValue:
    named = _NAMED.fullmatch(part)
    if named is None or not isinstance(value, dict):
        raise PermanentError(f"{part} is no place in a list: name it, as [name=api]")
    return {named[1]: named[2], **value}
