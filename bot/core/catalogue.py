"""Service: what we know of the thing that is healed; no target is guessed from alert text."""

from __future__ import annotations

from pydantic import Field

from bot.core.alert import Severity
from bot.core.clauses import Clause, ProbeCall
from bot.core.values import Frozen

UNSAID = 5
"""The tier of what nobody gave one: the highest, for then people decide."""


class DeployCheck(Clause):
    """How to see that the service is being deployed, where no cluster tells; read to plan."""

    probes: tuple[ProbeCall, ...] = Field(min_length=1, max_length=5, description="what is read")
    when: str = Field(description="CEL over the probes and service: true = it is being deployed")


class Owners(Frozen):
    """
    Roles that must agree too, by level of risk; what holds at one level holds at higher ones.

    They come on top of the policy's approvers, so naming one can only tighten.
    """

    low: tuple[str, ...] = Field(default=(), description="roles, one person of each, at any risk")
    medium: tuple[str, ...] = Field(default=(), description="the same from medium risk on")
    high: tuple[str, ...] = Field(default=(), description="the same at high risk")

    def of(self, level: str) -> tuple[str, ...]:
        """Return the roles that must agree at a level, each once."""
        upward = {"low": self.low, "medium": self.medium, "high": self.high}
        until = list(upward).index(level) + 1
        return tuple(dict.fromkeys(name for names in [*upward.values()][:until] for name in names))


class Service(Frozen):
    """One service in one environment, as its owner wrote it into `policy/services.yaml`."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,62}$")
    environment: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,62}$")
    owner: str = Field(default="", min_length=1)
    tier: int = Field(
        default=UNSAID,
        ge=1,
        le=5,
        description="1 = nobody notices, 5 = the company stops; unsaid, it is looked up in a CMDB "
        "that is set up, and counts as 5 where that does not know it",
    )
    stateless: bool = False
    depends_on: tuple[str, ...] = ()
    least_severity: Severity | None = Field(
        default=None, description="its alerts are at least so bad, whatever their sender says"
    )
    deploying: DeployCheck | None = Field(
        default=None, description="how to see that it is being deployed: then nothing is done"
    )
    approvers: Owners = Field(default=Owners(), description="who of its owners must agree too")
    facts: dict[str, str | int | float | bool] = Field(
        default={}, description="where it is: unit, health_url, ... for ${service.facts.x}"
    )

    @property
    def tier_said(self) -> bool:
        """Whether anybody said its tier: else it stands for every tier that a rule could mean."""
        return "tier" in self.model_fields_set
