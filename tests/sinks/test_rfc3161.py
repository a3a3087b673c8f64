"""A stamp counts only when a trusted authority gave it for this very checkpoint, and just now."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from aiohttp import web

from bot.clients.signing import Signer
from bot.core.errors import PermanentError
from bot.sinks.rfc3161 import PLUGIN, Rfc3161Settings
from tests.clients import rigs, servers
from tests.sinks import authorities

KEY = Signer("ledger.test", b"1" * 32)
ONE, TWO = KEY.checkpoint(7, b"r" * 32), KEY.checkpoint(8, b"r" * 32)


@authorities.needed
async def test_the_receipt_is_a_stamp_that_openssl_verifies(tmp_path: Path) -> None:
    async with authorities.opened(tmp_path) as authority, rigs.rig() as rig:
        settings = Rfc3161Settings(url=authority.url, certificates=authority.certificates)
        sink = PLUGIN(settings, rig)
        receipt = base64.b64decode(await sink.keep(ONE, ""))

        assert authority.holds(ONE.text, receipt)
        assert not await sink.why_not("")


@authorities.needed
async def test_a_stamp_of_somebody_else_or_of_another_time_is_refused(tmp_path: Path) -> None:
    (tmp_path / "ours").mkdir()
    (tmp_path / "theirs").mkdir()
    async with (
        authorities.opened(tmp_path / "ours") as ours,
        authorities.opened(tmp_path / "theirs") as theirs,
        rigs.rig() as rig,
    ):
        foreign = Rfc3161Settings(url=theirs.url, certificates=ours.certificates)
        with pytest.raises(PermanentError, match="the time stamp does not hold"):
            await PLUGIN(foreign, rig).keep(ONE, "")

        sink = PLUGIN(Rfc3161Settings(url=ours.url, certificates=ours.certificates), rig)
        await sink.keep(ONE, "")
        ours.replays = True
        for signed in (ONE, TWO):
            with pytest.raises(PermanentError, match="the time stamp does not hold"):
                await sink.keep(signed, "")


async def test_what_is_no_stamp_at_all_is_refused(tmp_path: Path) -> None:
    roots = tmp_path / "roots.pem"
    async with servers.recorder() as server, rigs.rig() as rig:
        sink = PLUGIN(Rfc3161Settings(url=server.url("/tsa"), certificates=roots), rig)
        assert "cannot be read" in await sink.why_not("")
        server.answers["/tsa"] = web.Response(body=b"no stamp")
        with pytest.raises(PermanentError, match="cannot be read"):
            await sink.keep(ONE, "")
        roots.write_text("-----BEGIN CERTIFICATE-----")
        with pytest.raises(PermanentError, match="the time stamp does not hold"):
            await sink.keep(ONE, "")
