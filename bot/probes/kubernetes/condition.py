"""
`kubernetes.condition`: whether something holds of any object, said in CEL over `object`.

Whether a certificate is ready, which weight a route has, what a custom controller reports: all of
it is one condition. An object that is not there, or has no such field, is an error and never a no.
"""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field, field_validator

from bot.clients.kubernetes import discovery
from bot.clients.kubernetes.cluster import Clusters
from bot.clients.kubernetes.discovery import OnAny
from bot.clients.kubernetes.rights import Right
from bot.clients.kubernetes.settings import KubernetesSettings, Namespace
from bot.clients.rig import Rig
from bot.core import values
from bot.core.errors import PermanentError
from bot.core.expressions import LONGEST, Condition, Expression, ExpressionError
from bot.core.values import Facts

OBJECT = {"object": None}
MOST = 2000
"""Characters of a value, as JSON, that a probe hands over."""
SECRET = frozenset({"Secret"})


class Asked(OnAny):
    """Which object, and what is asked of it."""

    namespace: Namespace | None = Field(
        default=None, description="where it is; nothing for what is in no namespace"
    )
    holds: str = Field(
        max_length=LONGEST, description="CEL: object.status.phase == 'Active'; becomes `holds`"
    )
    value: str = Field(
        default="", max_length=LONGEST, description="CEL for one value of it; becomes `value`"
    )

    @field_validator("kind")
    @classmethod
    def _no_secret(cls, kind: str) -> str:
        if kind in SECRET:
            raise ValueError("Heal never reads a Secret")
        return kind

    @field_validator("holds")
    @classmethod
    def _is_a_condition(cls, text: str) -> str:
        Condition.compile(text, OBJECT)
        return text

    @field_validator("value")
    @classmethod
    def _is_an_expression(cls, text: str) -> str:
        if text:
            Expression.compile(text, OBJECT)
        return text


class Holds:
    """
    Reads holds, and value when one is asked for; null otherwise.

    Give Heal's role `get` on the kinds that conditions name: no list of rights can know them.
    """

    config = KubernetesSettings
    params = Asked
    needs: ClassVar[tuple[Right, ...]] = ()

    def __init__(self, config: KubernetesSettings, rig: Rig) -> None:
        self._clusters = Clusters(config)
        self.params = self._clusters.fitted(self.params)

    async def read(self, params: Asked) -> Facts:
        cluster = self._clusters.get(params.cluster)
        place = await discovery.find(cluster, params, params.namespace)
        found = await cluster.get(place.path)
        found["metadata"].pop("managedFields", None)
        try:
            held = Condition.compile(params.holds, OBJECT).holds({"object": found})
            asked = Expression.compile(params.value, OBJECT) if params.value else None
            value = asked.value({"object": found}) if asked else None
        except ExpressionError as error:
            raise PermanentError(f"{place.short}: {error}") from None
        if held.error is not None:
            raise PermanentError(f"{place.short}: {held.error}")
        if len(values.canonical(value)) > MOST:
            raise PermanentError(f"{place.short}: the value is longer than {MOST} characters")
        return {"holds": held.held, "value": value}


PLUGIN = Holds
