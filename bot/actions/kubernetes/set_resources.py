"""
`kubernetes.set_resources`: change what a container asks for and may use, and wait for its pods.

An amount is said (1Gi) or reckoned from what is there (+25%), and never passes the bound that the
runbook gives. A container that asks for more than it may use is refused before anybody is asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from bot.actions.kubernetes._template import NEEDS, Drawn, Template
from bot.clients.kubernetes import containers, quantities, rollouts
from bot.clients.kubernetes.cluster import Json
from bot.clients.kubernetes.containers import OnContainer
from bot.clients.kubernetes.rights import Right
from bot.clients.kubernetes.settings import Kind, KubernetesSettings
from bot.clients.rig import Rig
from bot.core.errors import PermanentError
from bot.core.plan import Reversibility, Scope
from bot.core.values import Facts

Resource = Literal["cpu", "memory", "ephemeral-storage"]
Quantity = Annotated[str, StringConstraints(pattern=quantities.PATTERN)]
RAISE = re.compile(r"\+([1-9][0-9]{0,2})%")
Amount = Annotated[str, StringConstraints(pattern=rf"{quantities.PATTERN}|^\+[1-9][0-9]{{0,2}}%$")]


class Resourced(OnContainer):
    """Which container, and its resources afterwards."""

    requests: dict[Resource, Amount] = Field(
        default={}, description="what is set aside for it: 500m, 1Gi, or +25%"
    )
    limits: dict[Resource, Amount] = Field(
        default={}, description="what it may use at most: 500m, 1Gi, or +25%"
    )
    most: dict[Resource, Quantity] = Field(
        description="the bound of each: a larger amount is refused, a raise ends there"
    )

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        named = {*self.requests, *self.limits}
        if not named:
            raise ValueError("name a request or a limit")
        if unbound := named - set(self.most):
            raise ValueError(f"say the most of {', '.join(sorted(unbound))}")
        return self


class SetResources:
    """Reversible: undo puts the former amounts back, or takes away those that were not there."""

    config = KubernetesSettings
    params = Resourced
    needs: ClassVar[tuple[Right, ...]] = NEEDS

    def __init__(self, config: KubernetesSettings, rig: Rig) -> None:
        self._template = Template(config, rig)
        self.params = self._template.clusters.fitted(self.params)

    def way_back(self, params: Resourced) -> Reversibility:
        return Reversibility.REVERSIBLE

    async def scope(self, params: Resourced) -> Scope:
        def draw(found: Json) -> Drawn:
            container = containers.find(params, found)
            every = dict(_changes(params, container))
            _refuse_less_than_asked(params, container, every)
            changes = {what: one for what, one in every.items() if one[0] != one[1]} or every
            words = ", ".join(f"{what} {new}" for what, (_, new) in changes.items())
            back = ", ".join(f"{what} {old or 'unset'}" for what, (old, _) in changes.items())
            return Drawn(
                {f"{params.place}/resources/{what}": [new] for what, (_, new) in changes.items()},
                f"set {words} in container {params.container}",
                f"set {back} in container {params.container}",
                tuple(_notes(params, found, changes)),
            )

        return await self._template.scope(params, draw)

    async def execute(self, params: Resourced, before: Facts, mark: str = "") -> str:
        there = await self._template.execute(params, before, mark)
        return f"{params.short} has its new resources: {there}"

    async def undo(self, params: Resourced, before: Facts, mark: str = "") -> str:
        there = await self._template.undo(params, before, mark)
        return f"{params.short} has its former resources again: {there}"

    async def landed(self, params: Resourced, before: Facts, mark: str = "") -> bool | None:
        return await self._template.landed(params, before, mark)


Changes = Mapping[str, tuple[str, str]]
"""What is now, empty for nothing, and what is to be, of each: limits/memory."""


def _changes(params: Resourced, container: Json) -> Iterator[tuple[str, tuple[str, str]]]:
    """One that is there already stays as it is written: 1Gi is 1024Mi."""
    for side, wanted in (("requests", params.requests), ("limits", params.limits)):
        there = (container.get("resources") or {}).get(side) or {}
        for resource, amount in wanted.items():
            now = str(there.get(resource, ""))
            to = _amount(params, f"{side}/{resource}", amount, now, params.most[resource])
            same = now and quantities.read(now) == quantities.read(to)
            yield f"{side}/{resource}", (now, now if same else to)


def _amount(params: Resourced, what: str, amount: str, now: str, most: str) -> str:
    raised = RAISE.fullmatch(amount)
    if raised is None:
        if quantities.read(amount) > quantities.read(most):
            raise PermanentError(
                f"{what} {amount} of {params.short} is more than the {most} that the runbook allows"
            )
        return amount
    if not now:
        raise PermanentError(f"{params.short} has no {what}, and {amount} of nothing is nothing")
    if quantities.read(now) >= quantities.read(most):
        return now
    return quantities.least(quantities.raised(now, int(raised[1])), most)


def _refuse_less_than_asked(params: Resourced, container: Json, changes: Changes) -> None:
    """The server refuses it too; this says which, and before it is asked."""
    there = container.get("resources") or {}
    for resource in {*params.requests, *params.limits}:
        sides = {
            side: changes.get(f"{side}/{resource}", ("", (there.get(side) or {}).get(resource)))[1]
            for side in ("requests", "limits")
        }
        asked, limit = sides["requests"], sides["limits"]
        if asked and limit and quantities.read(asked) > quantities.read(limit):
            raise PermanentError(
                f"container {params.container} of {params.short} would ask for {asked} of "
                f"{resource} and may use {limit}: the request is larger than the limit"
            )


def _notes(params: Resourced, found: Json, changes: Changes) -> Iterator[str]:
    pods = "" if params.kind is Kind.DAEMON_SET else f" in each of {rollouts.desired(found)} pods"
    for what, (old, new) in changes.items():
        if old != new:
            yield f"{what.replace('/', ' ')} {old or 'unset'} → {new}{pods}"


PLUGIN = SetResources
