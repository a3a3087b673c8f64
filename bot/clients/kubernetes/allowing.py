"""
Allowing: which values of which kinds `kubernetes.patch` may change, and what never: pure.

An entry is `group/Kind:/path`; `*` is one part of the path, `**` any number of them. Settings add
entries, but never what could give rights away, run something, or take an object from its owner.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.clients.kubernetes import pointers
from bot.core.errors import PermanentError

ISTIO = "networking.istio.io"
WORKLOADS = ("apps/Deployment", "apps/StatefulSet", "apps/DaemonSet")
SHIPPED = (
    f"{ISTIO}/VirtualService:/spec/http/*/route/*/weight",
    f"{ISTIO}/VirtualService:/spec/http/*/timeout",
    f"{ISTIO}/VirtualService:/spec/http/*/retries/attempts",
    f"{ISTIO}/DestinationRule:/spec/trafficPolicy/outlierDetection/**",
    f"{ISTIO}/DestinationRule:/spec/trafficPolicy/connectionPool/**",
    f"{ISTIO}/EnvoyFilter:/spec/configPatches/*/patch/value/**/token_bucket/*",
    *(f"{kind}:/metadata/annotations/*" for kind in WORKLOADS),
    *(f"{kind}:/metadata/labels/*" for kind in WORKLOADS),
)
NEVER = frozenset(
    [
        *("rbac.authorization.k8s.io", "authorization.k8s.io", "authentication.k8s.io"),
        *("apiextensions.k8s.io", "apiregistration.k8s.io", "admissionregistration.k8s.io"),
        *("certificates.k8s.io", "policy", "storage.k8s.io", "node.k8s.io", "scheduling.k8s.io"),
    ]
)
"""Groups that say who may do what, or hold the cluster together."""
IN_CORE = frozenset(["Service", "Endpoints"])
"""The only kinds of the core group; the others are secrets, pods, nodes, and what has an action."""
_OTHERS = {
    "/spec/template": "kubernetes.set_image, set_env or set_resources",
    "/spec/replicas": "kubernetes.scale",
    "/spec/selector": "nothing: its pods would be left behind",
}
_RESERVED = re.compile(
    r"([a-z0-9.-]*\.)?(kubernetes|k8s)\.io/.*|heal/.*|[a-z0-9.-]*argoproj\.io/.*"
)


def refuse(title: str, paths: Sequence[str], added: Sequence[str]) -> None:
    """
    Refuse what nobody allowed, with the list of what is allowed; `title` is group/Kind.

    >>> refuse("networking.istio.io/VirtualService", ["/spec/http/0/route/1/weight"], [])
    """
    group, _, kind = title.rpartition("/")
    if group in NEVER or (not group and kind not in IN_CORE):
        raise PermanentError(f"Heal never patches a {kind}, whatever a setting says")
    entries = [one.partition(":")[2] for one in (*SHIPPED, *added) if one.startswith(f"{title}:")]
    for path in paths:
        _refuse_always(title, path)
        if not any(_covers(entry, path) for entry in entries):
            told = f"of a {kind} it may change {', '.join(entries)}" if entries else _kinds(added)
            raise PermanentError(f"Heal may not patch {path} of a {kind}: {told}")


def _refuse_always(title: str, path: str) -> None:
    first, *rest = pointers.parts(path)
    marks = first == "metadata" and len(rest) == 2 and rest[0] in {"annotations", "labels"}
    if not marks and first != "spec":
        raise PermanentError(f"Heal never patches {path}: only a spec, annotations and labels")
    if marks and _RESERVED.fullmatch(rest[1]):
        raise PermanentError(f"Heal never patches {rest[1]}: it belongs to a controller")
    for place, better in _OTHERS.items() if title.startswith("apps/") else ():
        if path == place or path.startswith(f"{place}/"):
            raise PermanentError(f"Heal never patches {path} of a workload: use {better}")


def _covers(entry: str, path: str) -> bool:
    """
    Whether an entry means this path.

    >>> _covers("/spec/a/**", "/spec/a"), _covers("/spec/*/b", "/spec/x/y/b")
    (True, False)
    """
    parts = (_PARTS.get(part, f"/{re.escape(part)}") for part in entry.split("/")[1:])
    return re.fullmatch("".join(parts), path) is not None


_PARTS = {"*": "/[^/]+", "**": "(?:/[^/]+)*"}


def _kinds(added: Sequence[str]) -> str:
    kinds = dict.fromkeys(one.partition(":")[0].rpartition("/")[2] for one in (*SHIPPED, *added))
    return f"it may patch {', '.join(kinds)} only; HEAL_KUBERNETES_PATCHES adds others"
