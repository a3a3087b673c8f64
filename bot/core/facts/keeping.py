"""What becomes of the ledger itself: old entries were sealed away, or it was put back."""

from __future__ import annotations

from typing import Literal

from pydantic import AwareDatetime, Field

from bot.core.facts.fact import Fact


class LedgerSealed(Fact):
    """
    Entries lie in a file of their own from now on, which is never written to again.

    What the ledger keeps of all entries up to `upto`, `stays` of them, is proved by `stay_hash`;
    where the chain goes on behind them by `head`, and the tree by its `frontier` there.
    """

    kind: Literal["ledger.sealed"] = "ledger.sealed"
    first: int = Field(description="the first entry in the file")
    upto: int = Field(description="the last entry in the file; the ledger goes on behind it")
    head: str = Field(description="the hash of that last entry")
    frontier: str = Field(description="of the Merkle tree over all entries up to it")
    file: str = Field(description="its name, beside the ledger")
    sha256: str = Field(description="of the file")
    stays: int
    stay_hash: str

    @property
    def names(self) -> str:
        """Which entries they are, in words."""
        return f"entries {self.first} to {self.upto}"


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
