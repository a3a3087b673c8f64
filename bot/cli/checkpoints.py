"""What `heal audit` does with checkpoints: compare, prove a run, check a proof, make keys."""

from __future__ import annotations

import argparse
import json
import os
import socket
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from bot.clients import signing
from bot.clients.signing import Signer
from bot.core import chain, checkpoint, inclusion, keyring, witnessed
from bot.core.chain import Row
from bot.core.checkpoint import Signed
from bot.core.errors import ConfigurationError
from bot.core.inclusion import Proof, Proven
from bot.core.keyring import Keyring
from bot.core.note import Key
from bot.core.telling.book import said
from bot.core.transcript import Entry
from bot.core.witnessed import Finding
from bot.store import proving, verifying
from bot.store.verifying import Report

KEY_HELP = "the public key, or a file with it, that you know to be this ledger's; may be repeated"


def add_to(verify: argparse.ArgumentParser) -> None:
    """`heal audit verify`: what was kept elsewhere, and by whose key it counts."""
    verify.add_argument(
        "--checkpoint",
        default="",
        metavar="FILE",
        help="compare with these checkpoints, file or text",
    )
    verify.add_argument("--key", action="append", default=[], help=KEY_HELP)


def add(known: Any) -> None:
    """`heal audit prove`, `check` and `key`."""
    prove = _verb(known, "prove", _prove, "one incident with the proof that a checkpoint covers it")
    prove.add_argument("incident", help="its id")
    prove.add_argument("--to", type=Path, required=True, help="a new JSON file")
    prove.add_argument("--checkpoint", default="", help="by this one, not by the last")
    prove.add_argument("--ledger", type=Path, default=Path("heal.db"), help="default: heal.db")
    check = _verb(known, "check", _check, "whether such a proof is right; needs no ledger")
    check.add_argument("file", type=Path, help="what `heal audit prove` wrote")
    check.add_argument("--key", action="append", default=[], help=KEY_HELP)
    key = known.add_parser("key", help="make the key that signs checkpoints")
    kinds = key.add_subparsers(dest="how", required=True, metavar="HOW")
    new = _verb(kinds, "new", _key, "a new private key in a new file; prints its public key")
    new.add_argument("--to", type=Path, required=True, help="the file; HEAL_CHECKPOINT_KEY_FILE")
    new.add_argument("--name", default="", help="of the ledger; default: this machine's")
    new.add_argument("--after", type=Path, help="the key file whose turn ends: it signs that")
    show = _verb(kinds, "show", _show, "the public key of a private one")
    show.add_argument("file", type=Path, help="the private key's file")


def _verb(known: Any, name: str, act: Any, about: str) -> argparse.ArgumentParser:
    verb: argparse.ArgumentParser = known.add_parser(name, help=about, description=f"{about}.")
    verb.set_defaults(act=act)
    return verb


def verify(given: argparse.Namespace, head: chain.Head | None) -> int:
    """Walk the ledger once, and compare it with every checkpoint that was given."""
    signed = kept(given.checkpoint)
    report = verifying.verify(given.ledger, head, witnessed.sizes(signed))
    if report.extract is not None:
        raise ConfigurationError(
            f"{given.ledger} is an extract: checkpoints are of the whole ledger"
        )
    findings = _compared(given, signed, report)
    right = report.sound and not any(one.wrong for one in findings)
    if given.json:
        print(json.dumps(_told(report, findings, right)))
        return 0 if right else 1
    print(f"{given.ledger}: {report.line}")
    print(*(one.line for one in findings), sep="\n")
    if not given.key:
        print("the keys are those that the ledger names itself: give yours with --key")
    return 0 if right else 1


def _compared(given: argparse.Namespace, kept: list[Signed], report: Report) -> list[Finding]:
    recorded = proving.keys(given.ledger, report.count) if report.count else []
    turns = keyring.turns(recorded, signing.check)
    ring = Keyring(turns, keys(given.key), signing.check)
    return witnessed.compared(kept, ring, report.count, report.broken, report.roots)


def _told(report: Report, findings: list[Finding], right: bool) -> dict[str, object]:  # noqa: FBT001 - the verdict
    return {
        "sound": right,
        "entries": report.count,
        "head": report.head.hash,
        **({"broken_at": report.broken.seq, "why": report.broken.why} if report.broken else {}),
        "checkpoints": [
            {"size": one.signed.checkpoint.size, "fits": not one.wrong, "why": one.wrong}
            for one in findings
        ],
    }


def kept(text: str) -> list[Signed]:
    """All checkpoints of a file, or of the text itself."""
    named = text if "\n" in text else _read(Path(text))
    try:
        kept = checkpoint.several(named)
    except ValueError as error:
        raise ConfigurationError(f"--checkpoint: {error}") from None
    if not kept:
        raise ConfigurationError("--checkpoint: there is none in it")
    return kept


def keys(given: list[str]) -> list[Key]:
    """Public keys, as text or in files."""
    found = list[Key]()
    for each in given:
        text = each if "+" in each and not Path(each).is_file() else _read(Path(each))
        try:
            found += [Key.read(line) for line in text.splitlines() if line.strip()]
        except ValueError as error:
            raise ConfigurationError(f"--key: {error}") from None
    return found


def _prove(given: argparse.Namespace) -> int:
    if not given.ledger.is_file():
        raise ConfigurationError(f"there is no ledger {given.ledger}: name it with --ledger")
    signed = kept(given.checkpoint)[-1] if given.checkpoint else proving.newest(given.ledger)
    if signed is None:
        print("no checkpoint was made yet: set HEAL_CHECKPOINT_KEY_FILE, see docs/audit.md")
        return 1
    size, root, incident = signed.checkpoint.size, signed.checkpoint.root, _name(given.incident)
    report = verifying.verify(given.ledger, sizes=[size])
    if not report.sound or report.roots.get(size) != root:
        fits = "" if report.roots.get(size) == root else "; the checkpoint does not fit it"
        print(f"nothing is proved by this ledger: {report.line}{fits}")
        return 1
    proof = proving.proof(given.ledger, incident, signed)
    if not proof.told:
        print(f"the last checkpoint, of {size} entries, covers nothing of {incident}")
        return 1
    _put(given.to, proof.model_dump_json(indent=1) + "\n", 0o644)
    print(f"{given.to}: {len(proof.told)} entries of {incident}, by the checkpoint of {size}")
    return 0


def _check(given: argparse.Namespace) -> int:
    try:
        proof = Proof.model_validate_json(_read(given.file))
    except ValidationError as error:
        raise ConfigurationError(f"{given.file} is no such proof: {error}") from None
    why = inclusion.why_not(proof)
    if not why:
        ring = Keyring(proof.turns(signing.check), keys(given.key), signing.check)
        why = ring.why_not(checkpoint.read(proof.checkpoint))
    if why:
        print(f"{given.file}: NOT proved: {why}")
        return 1
    for one in proof.told:
        print(f"{one.seq:>6}  {one.at[:19].replace('T', ' ')}  {one.actor:<14} {said(_entry(one))}")
    origin, size, _ = checkpoint.read(proof.checkpoint).checkpoint
    print(f"{len(proof.told)} entries of {proof.incident} are in the ledger of {origin}, "
          f"as it was signed with {size} entries")  # fmt: skip
    if not given.key:
        print("the key is the one that the file names itself: give yours with --key")
    return 0


def _entry(one: Proven) -> Entry:
    return chain.entry(Row(**one.model_dump(exclude={"path"})))


def _key(given: argparse.Namespace) -> int:
    try:
        if given.after:
            signer = Signer.read(_read(given.after)).hand_over()
        else:
            signer = Signer.new(given.name or f"{socket.gethostname()}/heal")
    except ValueError as error:
        raise ConfigurationError(f"--name: {error}") from None
    _put(given.to, signer.written, 0o600)
    print(signer.public.written)
    return 0


def _show(given: argparse.Namespace) -> int:
    print(Signer.read(_read(given.file)).public.written)
    return 0


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path} cannot be read: {error}") from None


def _put(path: Path, text: str, mode: int) -> None:
    """A new file: nothing is ever written over."""
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w") as out:
            out.write(text)
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be written: {error.strerror}") from None


def _name(text: str) -> str:
    return text.replace("run-", "inc-")
