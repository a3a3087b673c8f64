"""Port: whether Heal could listen where it is told to."""

from __future__ import annotations

import errno
import socket
from collections.abc import Sequence

from bot.doctor.finding import Finding, failed, ok
from bot.doctor.patient import Patient
from bot.store import lock


async def free(patient: Patient) -> Sequence[Finding]:
    settings = patient.settings
    place = f"{settings.listen}:{settings.port}"
    try:
        found = socket.getaddrinfo(settings.listen, settings.port, type=socket.SOCK_STREAM)
        with socket.socket(found[0][0], socket.SOCK_STREAM) as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            tried.bind(found[0][4])
            tried.listen(1)
    except OSError as error:
        owner = lock.owner(settings.ledger)
        if error.errno == errno.EADDRINUSE and owner:
            return [ok("port", f"{place} is in use, and so is the ledger: by Heal (pid {owner})")]
        remedy = "end what listens there, or set HEAL_LISTEN and SLACK_PORT to what is free"
        return [failed("port", f"{place} cannot be listened on: {error.strerror}", remedy)]
    return [ok("port", f"{place} is free")]
