"""What of a plan people say yes to, as a row of the ledger holds it."""

from __future__ import annotations

import json
from typing import Any

from bot.core import values


def digest(plan: dict[str, Any]) -> str:
    """Fingerprint all of it but what moves by itself, which is only shown."""
    approved = json.loads(json.dumps(plan))
    for step in approved["steps"]:
        step["scope"].get("blast_radius", {}).pop("seen", None)
    return values.digest(approved)
