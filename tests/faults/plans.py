"""What of a plan people say yes to, as a row of the ledger holds it."""

from __future__ import annotations

import json
from typing import Any

from bot.core import values


def digest(plan: dict[str, Any]) -> str:
    """Fingerprint all of it but what moves by itself, which is only shown."""
    approved = json.loads(json.dumps(plan))
    for moving in ("deploying", "objections", "cmdb"):
        approved.pop(moving, None)
    for step in approved["steps"]:
        radius = step["scope"].get("blast_radius", {})
        for moving in ("seen", "deploying", "ready", "headroom"):
            radius.pop(moving, None)
    return values.digest(approved)
