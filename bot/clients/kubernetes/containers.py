"""One container of a workload, as actions name it and as pointers find it."""

from __future__ import annotations

from pydantic import Field

from bot.clients.kubernetes.cluster import Json
from bot.clients.kubernetes.settings import Name, OnWorkload
from bot.core import spelling
from bot.core.errors import PermanentError


class OnContainer(OnWorkload):
    """Which container of which workload."""

    container: Name = Field(description="its name; never guessed, for a sidecar may come first")

    @property
    def place(self) -> str:
        return f"/spec/template/spec/containers/[name={self.container}]"


def find(which: OnContainer, workload: Json) -> Json:
    """Raises PermanentError with the names that there are."""
    every: list[Json] = workload["spec"]["template"]["spec"]["containers"]
    for one in every:
        if one["name"] == which.container:
            return one
    names = [one["name"] for one in every]
    raise PermanentError(f"{which.short}: container {spelling.unknown(which.container, names)}")
