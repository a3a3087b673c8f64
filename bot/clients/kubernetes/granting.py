"""Granting: the roles that allow exactly certain rights and no more, ready to be applied: pure."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from bot.clients.kubernetes.rights import Right

GROUP = "rbac.authorization.k8s.io"
ACCOUNT = "system:serviceaccount:"
WORD = re.compile(r"[A-Za-z][A-Za-z0-9./-]*")
BOOLEAN = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})
"""Words that YAML takes for something else than text."""
OURS = "system:serviceaccount:heal:heal"
"""The account that deploy/kubernetes makes."""


class Need(NamedTuple):
    """One verb on one resource in one namespace; an empty one is the whole cluster."""

    cluster: str
    namespace: str
    group: str
    resource: str
    verb: str

    @property
    def says(self) -> str:
        """
        For people.

        >>> Need("prod", "shop", "", "pods/eviction", "create").says
        'create pods/eviction in namespace shop'
        """
        group = f".{self.group}" if self.group else ""
        where = f"in namespace {self.namespace}" if self.namespace else "in the whole cluster"
        return f"{self.verb} {self.resource}{group} {where}"


def needs(rights: Iterable[Right], cluster: str, namespace: str) -> Iterator[Need]:
    """Every verb of some rights by itself, where they are used."""
    for right in rights:
        where = "" if right.cluster_wide else namespace
        for verb in right.verbs:
            yield Need(cluster, where, right.group, right.resource, verb)


def rules(wanted: Iterable[Need]) -> list[dict[str, list[str]]]:
    """Write as few rules as say exactly this; where they are wanted plays no part."""
    verbs: dict[tuple[str, str], set[str]] = defaultdict(set)
    for one in wanted:
        verbs[one.group, one.resource].add(one.verb)
    alike: dict[tuple[str, tuple[str, ...]], list[str]] = defaultdict(list)
    for (group, resource), some in sorted(verbs.items()):
        alike[group, tuple(sorted(some))].append(resource)
    return [
        {"apiGroups": [group], "resources": resources, "verbs": list(some)}
        for (group, some), resources in alike.items()
    ]


def manifests(wanted: Iterable[Need], name: str, user: str = OURS) -> str:
    """
    YAML for one cluster: a role and its binding in each namespace, and for the cluster if needed.

    `user` is as the API server calls it; a service account is bound as such.
    """
    spaces: dict[str, list[Need]] = defaultdict(list)
    for one in wanted:
        spaces[one.namespace].append(one)
    return "---\n".join(_granted(name, space, spaces[space], user) for space in sorted(spaces))


def _granted(name: str, space: str, wanted: list[Need], user: str) -> str:
    kind = "Role" if space else "ClusterRole"
    made = _flow({"name": name} | ({"namespace": space} if space else {}))
    lines = [
        f"apiVersion: {GROUP}/v1",
        f"kind: {kind}",
        f"metadata: {made}",
        "rules:",
        *(f"  - {_flow(rule)}" for rule in rules(wanted)),
        "---",
        f"apiVersion: {GROUP}/v1",
        f"kind: {kind}Binding",
        f"metadata: {made}",
        f"subjects: [{_flow(_subject(user))}]",
        f"roleRef: {_flow({'kind': kind, 'name': name, 'apiGroup': GROUP})}",
    ]
    return "\n".join(lines) + "\n"


def _subject(user: str) -> dict[str, str]:
    if user.startswith(ACCOUNT):
        space, _, name = user.removeprefix(ACCOUNT).partition(":")
        return {"kind": "ServiceAccount", "name": name, "namespace": space}
    return {"kind": "User", "name": user, "apiGroup": GROUP}


def _flow(value: Mapping[str, object]) -> str:
    """One line of YAML; every text that is not plainly a word is quoted."""
    return f"{{{', '.join(f'{key}: {_item(one)}' for key, one in value.items())}}}"


def _item(value: object) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_item, value))}]"
    text = str(value)
    return text if WORD.fullmatch(text) and text not in BOOLEAN else json.dumps(text)
