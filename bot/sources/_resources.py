"""Resources of Kubernetes as people write them beside an incident: `deployment/api`."""

from __future__ import annotations

import re
from collections.abc import Mapping

_RESOURCE = re.compile(
    r"(deployment|statefulset|daemonset|pod)/([a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?)"
)


def typed(said: Mapping[str, str]) -> dict[str, str]:
    """
    Labels for the label `resource` when it is written exactly, where no other says it.

    A namespace is never made up, and no label chooses a target: the catalogue does.

    >>> typed({"resource": "deployment/api"})
    {'workload': 'api', 'workload_kind': 'deployment'}
    """
    found = _RESOURCE.fullmatch(said.get("resource", ""))
    if found is None:
        return {}
    kind, name = found.groups()
    made = {"pod": name} if kind == "pod" else {"workload": name, "workload_kind": kind}
    return {} if made.keys() & said.keys() else made
