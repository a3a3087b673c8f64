"""Checkpoints: whether the ledger is signed, and whether everybody keeps what was."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from bot.clients import signing
from bot.clients.signing import CheckpointSettings, Signer
from bot.core.errors import ConfigurationError
from bot.doctor.finding import Finding, failed, ok, warning
from bot.doctor.patient import Patient
from bot.store import proving
from bot.store.checkpoints import Waiting

SET = "HEAL_CHECKPOINT_KEY"
ALONE = "set a second sink, of another kind and in other hands: docs/audit.md tells which there are"


async def key(patient: Patient) -> Sequence[Finding]:
    """The key that signs, and that the one before it agreed where the ledger knows another."""
    try:
        signer = _signer(patient)
    except ConfigurationError as error:
        return [failed(SET, str(error), "make a key with `heal audit key new`")]
    if signer is None:
        return [warning("checkpoints", "the ledger is not signed", signing.UNSET)]
    path, public = patient.settings.ledger, signer.public
    recorded = await asyncio.to_thread(proving.keys, path) if path.is_file() else []
    last = recorded[-1][1] if recorded else None
    if last and last.key != public.written and last.key not in signer.handover:
        found = f"{public.name} {public.id.hex()} is not the key that signed until now"
        remedy = "make the new key with `heal audit key new --after OLD`, so that verifiers follow"
        return [warning(SET, found, remedy)]
    return [ok(SET, f"signs as {public.written}")]


async def sinks(patient: Patient) -> Sequence[Finding]:
    """One finding a sink that is set, and whether they are enough."""
    toolbox = patient.toolbox
    try:
        if _signer(patient) is None:
            return []
    except ConfigurationError:
        return []
    path = patient.settings.ledger
    known = await asyncio.to_thread(proving.standing, path) if path.is_file() else []
    standing = {one.sink: one for one in known}
    names = [one for one in toolbox.names("sinks") if toolbox.told(f"sink_{one.partition('.')[0]}")]
    found = [await _asked(patient, name, standing.get(name)) for name in names]
    if not names:
        return [warning("checkpoints", "nobody keeps them but Heal itself", ALONE)]
    return [*found, *([warning("checkpoints", f"only {names[0]} keeps them", ALONE)]
                      if len(names) == 1 else [])]  # fmt: skip


async def _asked(patient: Patient, name: str, stands: Waiting | None) -> Finding:
    said = f"checkpoint sink {name}"
    try:
        sink = patient.toolbox.sink(name)
    except ConfigurationError as error:
        return failed(said, str(error), "mend the setting: docs/settings.md has them all")
    if why := await sink.why_not(stands.receipt if stands else ""):
        return failed(said, why, "mend it: what it missed is sent as soon as it takes something")
    if stands and stands.behind and stands.error:
        found = f"{stands.behind} behind since {stands.since}: {stands.error}"
        return failed(said, found, "mend what it says: it is tried again at least every 10 minutes")
    return ok(said, f"{stands.behind} behind" if stands and stands.behind else "has everything")


def _signer(patient: Patient) -> Signer | None:
    return signing.signer(patient.toolbox.settings(signing.SYSTEM, CheckpointSettings))
