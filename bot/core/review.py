"""Review: what ran without a yes, in the tier for that, is looked at by a person afterwards."""

from __future__ import annotations

from bot.core.incident import Incident


def wanted(incident: Incident) -> bool:
    """Tell whether it ran without a yes, was healed, and nobody said yet how that looks."""
    alone = incident.planned is not None and incident.planned.review and incident.decided is None
    healed = incident.ran and incident.healed_at is not None
    return alone and healed and incident.reviewed is None
