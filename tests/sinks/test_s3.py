"""Each checkpoint is an object that nobody can take away before its time, or it is not kept."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from pydantic import SecretStr, ValidationError

from bot.clients import commands, http
from bot.clients.rig import Rig
from bot.clients.signing import Signer
from bot.core import checkpoint
from bot.core.errors import ActionError
from bot.sinks.s3 import PLUGIN, S3Settings, S3Sink
from tests.clients import rigs
from tests.fakes import FakeClock
from tests.sinks import buckets
from tests.sinks.buckets import NOW, Bucket

KEY = Signer("ledger.test/heal", b"1" * 32)
NAME = "heal/ledger.test_heal/00000000000000000007.txt"


@asynccontextmanager
async def sink(bucket: Bucket, secret: str = "hunter2") -> AsyncIterator[S3Sink]:
    async with buckets.opened(bucket), http.open_client(rigs.TLS) as client:
        config = S3Settings(
            bucket="audit", access_key="AKIA0", secret_key=SecretStr(secret), days=30,
            region="eu-west-1", endpoint=bucket.endpoint,
        )  # fmt: skip
        rig = Rig(client, FakeClock(NOW), commands.Commands(rigs.ENVIRONMENT))
        yield PLUGIN(config, rig)


async def test_an_object_is_kept_until_its_time_and_cannot_be_taken_away() -> None:
    bucket = Bucket()
    async with sink(bucket) as s3:
        receipt = await s3.keep(KEY.checkpoint(7, b"r" * 32), "")

    [kept] = bucket.objects[NAME]
    assert checkpoint.read(kept.body.decode()) == KEY.checkpoint(7, b"r" * 32)
    assert kept.until == NOW + timedelta(days=30)
    assert not bucket.delete(NAME)
    assert NAME in receipt


async def test_a_repetition_hides_nothing_that_was_kept() -> None:
    bucket = Bucket()
    async with sink(bucket) as s3:
        for root in (b"r" * 32, b"s" * 32):
            await s3.keep(KEY.checkpoint(7, root), "")

    assert [checkpoint.read(one.body.decode()).checkpoint.root for one in bucket.objects[NAME]] == [
        b"r" * 32, b"s" * 32,
    ]  # fmt: skip


async def test_a_bucket_without_object_lock_is_told_and_keeps_nothing() -> None:
    bucket = Bucket(locks=False)
    async with sink(bucket) as s3:
        assert await s3.why_not("") == "the bucket audit has no Object Lock: make one that has"
        with pytest.raises(ActionError, match="InvalidRequest"):
            await s3.keep(KEY.checkpoint(7, b"r" * 32), "")

    assert not bucket.objects


async def test_a_bucket_in_order_is_found_so() -> None:
    async with sink(Bucket()) as s3:
        assert not await s3.why_not("")


async def test_a_wrong_secret_is_refused_and_never_repeated() -> None:
    async with sink(Bucket(), secret="hunter3") as s3:
        with pytest.raises(ActionError, match="SignatureDoesNotMatch") as refused:
            await s3.keep(KEY.checkpoint(7, b"r" * 32), "")
        assert "may not be asked about Object Lock" in await s3.why_not("")

    assert "hunter" not in str(refused.value)


@pytest.mark.parametrize("status", [500, 503])
async def test_a_store_that_is_down_is_an_error(status: int) -> None:
    async with sink(Bucket(down=status)) as s3:
        with pytest.raises(ActionError, match="SlowDown"):
            await s3.keep(KEY.checkpoint(7, b"r" * 32), "")


def test_what_is_no_address_is_refused() -> None:
    with pytest.raises(ValidationError, match="no address"):
        S3Settings(bucket="audit", access_key="x", secret_key=SecretStr("x"), endpoint="s3.test")
