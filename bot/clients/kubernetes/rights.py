"""What Heal must be allowed to do in a cluster, as each action and probe says of itself: pure."""

from __future__ import annotations

from typing import NamedTuple


class Right(NamedTuple):
    """Verbs on one resource; `resource` may be a subresource: pods/eviction."""

    group: str
    resource: str
    verbs: tuple[str, ...]
    cluster_wide: bool = False
