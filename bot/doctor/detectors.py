"""Detectors: whether each can see what it looks at, for one that cannot raises nothing."""

from __future__ import annotations

from collections.abc import Sequence

from bot.core.errors import ConfigurationError
from bot.core.lookout import Sight
from bot.doctor.finding import Finding, ok, warning
from bot.doctor.patient import Patient
from bot.engine import detecting

MOST = 20
"""Lookouts told one by one; the rest are counted."""
REMEDY = "mend what it names; heal runbooks look shows every reading"


async def seen(patient: Patient) -> Sequence[Finding]:
    """Let each look once; nobody is told of what it sees."""
    library = patient.library
    if isinstance(library, ConfigurationError) or not library.lookouts:
        return []
    found = list(library.lookouts.values())
    try:
        looks = await detecting.survey(patient.toolbox, library, found)
    except ConfigurationError:
        return []  # said with the plug-ins
    blind = [
        warning(f"detector {one.name}", f"it sees nothing: {what.why}", REMEDY)
        for one, (_, what) in zip(found, looks, strict=True)
        if what.sight is Sight.BLIND
    ]
    if len(blind) > MOST:
        more = warning("detectors", f"{len(blind) - MOST} more see nothing", "mend those first")
        return [*blind[:MOST], more]
    return blind or [ok("detectors", f"all see what they look at, {len(found)} in all")]
