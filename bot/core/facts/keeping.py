"""What becomes of the ledger itself: it was put back from an earlier copy."""

from __future__ import annotations

from typing import Literal

from pydantic import AwareDatetime, Field

from bot.core.facts.fact import Fact


class LedgerRestored(Fact):
    """All before this entry is from a backup; what happened after that was made is not known."""

    kind: Literal["ledger.restored"] = "ledger.restored"
    made_at: AwareDatetime = Field(description="when the backup was made")
    lost: int = Field(
        default=0, description="entries that were known elsewhere and are not in it; 0 = unknown"
    )
    unheard: int = Field(description="messages that had come in and are not dealt with any more")

    @property
    def says(self) -> str:
        """What it means, as a sentence goes on."""
        entries = "1 entry" if self.lost == 1 else f"{self.lost} entries"
        gone = f" ({entries} at least)" if self.lost else ""
        return (
            f"the ledger was put back from the backup of {self.made_at:%Y-%m-%d %H:%M} UTC; what "
            f"Heal did and was told after that{gone} is not known to it"
        )
