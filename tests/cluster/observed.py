"""A namespace of the real cluster, and what Heal has asked of its API server since then."""

from __future__ import annotations

from tests.cluster.fake.plane import AnyPlane
from tests.cluster.spaces import Space

LOOKING = frozenset({"get", "list", "watch"})


class Observed:
    """Begins to count when it is made."""

    def __init__(self, plane: AnyPlane, space: Space) -> None:
        self._plane = plane
        self._since = len(plane.asked("heal"))
        self.space = space
        self.kubeconfig = str(plane.kubeconfig("heal"))

    @property
    def asked(self) -> list[tuple[str, str]]:
        return self._plane.asked("heal")[self._since :]

    @property
    def writes(self) -> list[str]:
        """What was more than looking; a dry run changes nothing."""
        return [
            f"{verb} {path}"
            for verb, path in self.asked
            if verb not in LOOKING and "dryRun=All" not in path
        ]
