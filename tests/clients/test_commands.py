"""Commands run without a shell, see little, and come to an end with all they started."""

from __future__ import annotations

import asyncio
import os
import sys
import time
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.clients import commands
from bot.clients.commands import Commands
from bot.core.errors import PermanentError, TemporaryError

ENVIRONMENT = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "SLACK_BOT_TOKEN": "xoxb-1"}
RUN = Commands(ENVIRONMENT, grace=0.3)


async def lives_on(pid: int) -> bool:
    """Whether it is there two seconds later; a zombie that nobody has collected yet is dead."""
    for _ in range(200):
        try:
            if "\nState:\tZ" in Path(f"/proc/{pid}/status").read_text():
                return False
        except (FileNotFoundError, ProcessLookupError):
            return False
        await asyncio.sleep(0.01)
    return True


async def test_a_command_returns_its_code_and_both_outputs() -> None:
    ended = await RUN("sh", "-c", "echo yes; echo no >&2; exit 3", within=5)

    assert (ended.code, ended.out, ended.err) == (3, "yes\n", "no\n")
    assert 0 < ended.seconds < 5


@pytest.mark.parametrize(
    "word", ["$(id)", "`id`", "; id", "a && id", "${IFS}", "x\ny", "*", "--", "é"]
)
async def test_an_argument_stays_one_argument_and_is_read_by_no_shell(word: str) -> None:
    ended = await RUN("printf", "[%s]", word, within=5)

    assert f"[{word}]" == ended.out


async def test_a_command_sees_three_variables_only() -> None:
    ended = await RUN("env", within=5)

    assert {"PATH", "LANG"} == {line.partition("=")[0] for line in ended.out.splitlines()}


async def test_a_command_has_nothing_to_read() -> None:
    assert (await RUN("cat", within=5)).out == ""


async def test_a_command_that_is_not_there_says_what_to_do() -> None:
    with pytest.raises(PermanentError, match="'nosuch' is not on this machine: install it"):
        await RUN("nosuch", within=5)


@pytest.mark.parametrize("argv", [("echo", "a\0b"), ("/etc/hostname",), ("echo", "x" * 3_000_000)])
async def test_a_command_that_cannot_be_started_is_a_permanent_error(argv: tuple[str, ...]) -> None:
    with pytest.raises(PermanentError, match="cannot be started"):
        await RUN(*argv, within=5)


async def test_f06_a_timeout_ends_the_grandchildren_that_ignore_it_too(tmp_path: Path) -> None:
    script = f"trap '' TERM; sh -c 'trap \"\" TERM; sleep 60' & echo $! > {tmp_path}/pid; sleep 60"
    began = time.monotonic()

    with pytest.raises(TemporaryError, match=r"sh did not end within 2 s"):
        await RUN("sh", "-c", script, within=2)

    assert time.monotonic() - began < 30
    assert not await lives_on(int((tmp_path / "pid").read_text()))


async def test_a_cancelled_command_is_ended_before_the_cancel_goes_on(tmp_path: Path) -> None:
    running = asyncio.ensure_future(
        RUN("sh", "-c", f"echo $$ > {tmp_path}/pid; exec sleep 60", within=60)
    )
    while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text():
        await asyncio.sleep(0.01)
    running.cancel()
    await asyncio.wait([running])

    assert running.cancelled()
    assert not await lives_on(int((tmp_path / "pid").read_text()))


async def test_a_command_that_leaves_a_daemon_behind_is_not_waited_for() -> None:
    began = time.monotonic()
    ended = await RUN("sh", "-c", "sleep 30 & echo started", within=10)

    assert ended.out == "started\n"
    assert time.monotonic() - began < 20


async def test_endless_output_is_read_to_the_end_and_cut() -> None:
    code = "import sys; [sys.stdout.write('x' * 1_000_000) for _ in range(50)]"

    ended = await RUN(sys.executable, "-c", code, within=20)

    assert ended.code == 0
    assert ended.out == "x" * commands.KEPT + "… [cut after 64 KiB]"


async def test_a_hundred_megabytes_are_read_and_never_held() -> None:
    wanted = str(100 * 2**20)
    tracemalloc.start()
    try:
        ended = await RUN("head", "-c", wanted, "/dev/zero", within=60)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert ended.code == 0
    assert most < 4 * 2**20


async def test_binary_output_is_readable_text() -> None:
    ended = await RUN("printf", r"\377ok\000\033[2J\033]0;title\007!\r\n", within=5)

    assert ended.out == "�ok!\n"


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("\x1b[1;31mred\x1b[0m", "red"),
        ("\x1b]8;;http://evil\x07link\x1b]8;;\x07", "link"),
        ("\x1b]0;title\x1b\\after", "after"),
        ("\x1bPdevice\x1b\\after", "after"),
        ("a\x08b\x9b31mc", "ab31mc"),
        ("user\u202egnp.exe", "usergnp.exe"),
        ("tab\tand\nline", "tab\tand\nline"),
        ("\x1b", ""),
    ],
)
def test_what_moves_colours_or_reorders_is_taken_out(raw: str, shown: str) -> None:
    assert shown == commands.printable(raw)


@given(st.text())
def test_nothing_that_controls_a_terminal_is_left(text: str) -> None:
    left = commands.printable(text)

    assert not set(left) & {chr(code) for code in range(32)} - {"\n", "\t"}
