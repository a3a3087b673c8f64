"""
`kubernetes.set_image`: give one container of a workload another image, and wait for its pods.

The image has a tag of its own or a digest, and comes from a registry that a setting allows, where
one does. The way back puts the former image there again, even while the new pods are failing.
"""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field, field_validator

from bot.actions.kubernetes._template import NEEDS, Drawn, Template
from bot.clients.kubernetes import containers, images
from bot.clients.kubernetes.cluster import Json
from bot.clients.kubernetes.containers import OnContainer
from bot.clients.kubernetes.rights import Right
from bot.clients.kubernetes.settings import KubernetesSettings
from bot.clients.rig import Rig
from bot.core.plan import Reversibility, Scope
from bot.core.values import Facts


class Imaged(OnContainer):
    """Which container, and its image."""

    image: str = Field(max_length=500, description="with a tag or a digest: team/shop:1.4.2")

    @field_validator("image")
    @classmethod
    def _is_one(cls, image: str) -> str:
        images.read(image)
        return image


class SetImage:
    """Reversible: undo puts the former image back."""

    config = KubernetesSettings
    params = Imaged
    needs: ClassVar[tuple[Right, ...]] = NEEDS

    def __init__(self, config: KubernetesSettings, rig: Rig) -> None:
        self._registries = config.registries
        self._template = Template(config, rig)
        self.params = self._template.clusters.fitted(self.params)

    def way_back(self, params: Imaged) -> Reversibility:
        return Reversibility.REVERSIBLE

    async def scope(self, params: Imaged) -> Scope:
        images.refuse_stranger(params.image, self._registries)

        def draw(found: Json) -> Drawn:
            now = str(containers.find(params, found).get("image", ""))
            return Drawn(
                {f"{params.place}/image": [params.image]},
                f"set image {params.image} in container {params.container}",
                f"set image {now} in container {params.container}",
                (f"image {now} → {params.image}",),
            )

        return await self._template.scope(params, draw)

    async def execute(self, params: Imaged, before: Facts, mark: str = "") -> str:
        there = await self._template.execute(params, before, mark)
        return f"{params.short} runs {params.image}: {there}"

    async def undo(self, params: Imaged, before: Facts, mark: str = "") -> str:
        there = await self._template.undo(params, before, mark)
        return f"{params.short} has its former image again: {there}"

    async def landed(self, params: Imaged, before: Facts, mark: str = "") -> bool | None:
        return await self._template.landed(params, before, mark)


PLUGIN = SetImage
