"""Two small services on this machine that really break and really heal, and a systemctl for them.

Loopback only, no root, no systemd; everything is gone when the town closes or its process dies.
"""

from bot.rehearsal.sandbox.town import Town

__all__ = ["Town"]
