"""A namespace of the real cluster, and what Heal has asked of its API server since then."""

from __future__ import annotations

from bot.clients.kubernetes.rights import Right
from tests.cluster.fake.plane import AnyPlane
from tests.cluster.spaces import Space
from tests.cluster.wards import Ward

LOOKING = frozenset({"get", "list", "watch"})


class Observed:
    """Begins to count when it is made."""

    def __init__(self, plane: AnyPlane, space: Space, ward: Ward | None = None) -> None:
        """With a ward, Heal is the one that may also close and drain its nodes."""
        self._plane = plane
        self._user = ward.user if ward else "heal"
        self._since = len(plane.asked(self._user))
        self.space = space
        self.kubeconfig = str(ward.kubeconfig if ward else plane.kubeconfig("heal"))
        self.node = ward.nodes[0] if ward else ""
        self.pod = ""

    @property
    def asked(self) -> list[tuple[str, str]]:
        """What was asked there or of the whole cluster, which other tests may share."""
        here, since = (
            f"/namespaces/{self.space.name}/",
            self._plane.asked(self._user)[self._since :],
        )
        return [one for one in since if here in one[1] or "/namespaces/" not in one[1]]

    @property
    def writes(self) -> list[str]:
        """What was more than looking; a dry run changes nothing."""
        return [
            f"{verb} {path}"
            for verb, path in self.asked
            if verb not in LOOKING and "dryRun=All" not in path
        ]

    @property
    def used(self) -> set[Right]:
        """Each right that this took there, a verb at a time; to ask what there is takes none."""
        return {right for verb, path in self.asked if (right := _right(verb, path)) is not None}


def _right(verb: str, uri: str) -> Right | None:
    """
    The right that a call takes.

    >>> _right("patch", "/apis/apps/v1/namespaces/shop/deployments/api/scale?dryRun=All")
    Right(group='apps', resource='deployments/scale', verbs=('patch',), cluster_wide=False)
    >>> _right("get", "/apis/batch/v1")
    """
    words = uri.partition("?")[0].strip("/").split("/")
    group, rest = (
        ("", words[2:]) if words[0] == "api" else (words[1] if words[1:] else "", words[3:])
    )
    spaced = rest[:1] == ["namespaces"] and len(rest) > 2
    named = rest[2:] if spaced else rest
    if not named:
        return None
    return Right(group, "/".join((named[0], *named[2:])), (verb,), cluster_wide=not spaced)
