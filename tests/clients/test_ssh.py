"""Another machine is reached by its key and ours only, and what was begun there is never denied."""

from __future__ import annotations

import asyncio
import shutil
import socket
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncssh
import pytest

from bot.clients import commands, ssh
from bot.clients.hosts import Host, Hosts
from bot.clients.rig import Rig
from bot.core.errors import PermanentError, TemporaryError, UncertainError
from tests.clients import machines, rigs
from tests.clients.machines import Elsewhere, Machine

HOSTILE = [
    *("$(id)", "`id`", "; id", "a && id", "${IFS}", "x\ny", "*", "--", "é", "", " ", "\\", "a\\'b"),
    *("'", '"', "'; touch /tmp/x; '", "~", "!!", "#", "\t", "-n", "a=b", "\x1b[31m", ">f", "|id"),
]
pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def machine() -> Iterator[Machine]:
    with machines.a_machine() as made:
        yield made


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    async with machines.rig_elsewhere() as made:
        yield made


@pytest.fixture
def web(machine: Machine, rig: Rig) -> Host:
    return Hosts(machine.settings(), rig).at("web-1")


async def gone(mark: Path) -> bool:
    """Whether a command that rewrites a file all the time has come to its end."""
    for _ in range(30):
        before = mark.read_text() if mark.exists() else ""
        await asyncio.sleep(1)
        if (mark.read_text() if mark.exists() else "") == before:
            return True
    return False


def beating(mark: Path) -> tuple[str, ...]:
    """A command that never ends by itself."""
    return ("sh", "-c", f"while :; do date +%N > {mark}; sleep 0.05; done")


async def test_a_command_returns_its_code_and_both_outputs(web: Host) -> None:
    ended = await web.run("sh", "-c", "echo yes; echo no >&2; exit 3", within=5)

    assert (ended.code, ended.out, ended.err) == (3, "yes\n", "no\n")
    assert 0 < ended.seconds < 5


async def test_a_hostile_argument_arrives_as_the_same_argument(web: Host, tmp_path: Path) -> None:
    script = f'for each in "$@"; do printf "%s\\0" "$each"; done > {tmp_path}/argv'

    await web.run("sh", "-c", script, "sh", *HOSTILE, within=5)

    assert (tmp_path / "argv").read_bytes() == b"".join(f"{w}\0".encode() for w in HOSTILE)


async def test_an_argument_with_a_zero_byte_never_leaves(web: Host) -> None:
    with pytest.raises(PermanentError, match="zero byte"):
        await web.run("echo", "a\0b", within=5)


async def test_a_command_there_has_nothing_to_read_and_a_path_of_its_own(web: Host) -> None:
    ended = await web.run("sh", "-c", "cat; echo $PATH $LC_ALL", within=5)

    assert ended.out == f"{commands.PATH} C.UTF-8\n"


async def test_a_flood_is_cut_and_made_harmless(web: Host) -> None:
    flood = "printf '\\033[31mred'; head -c 5000000 /dev/zero | tr '\\0' a; echo x >&2"

    ended = await web.run("sh", "-c", flood, within=20)

    assert ended.out.startswith("redaaa")
    assert ended.out.endswith("a… [cut after 64 KiB]")
    assert len(ended.out) < commands.KEPT + 100
    assert ended.err == "x\n"


async def test_a_command_that_is_not_there_says_what_to_do(web: Host) -> None:
    with pytest.raises(PermanentError, match="'nonsense' on web-1 is not there: install it"):
        await web.run("nonsense", within=5)


async def test_a_late_command_is_ended_and_its_effect_is_in_doubt(
    web: Host, tmp_path: Path
) -> None:
    with pytest.raises(UncertainError, match=r"did not end within 0.5 s and was ended"):
        await web.run(*beating(tmp_path / "mark"), within=0.5)

    assert await gone(tmp_path / "mark")


async def test_a_child_left_behind_holds_nobody_up(web: Host) -> None:
    began = time.monotonic()
    ended = await web.run("sh", "-c", "sleep 20 & echo done", within=19)

    assert ended.out == "done\n"
    assert time.monotonic() - began < 15


async def test_a_command_that_is_given_up_is_ended(web: Host, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    begun = asyncio.create_task(web.run(*beating(mark), within=60))
    while not mark.exists():
        await asyncio.sleep(0.01)
    begun.cancel()
    with pytest.raises(asyncio.CancelledError):
        await begun

    assert await gone(mark)


async def test_a_line_that_breaks_in_the_middle_leaves_doubt_and_ends_the_command(
    machine: Machine, rig: Rig, tmp_path: Path
) -> None:
    async with machines.a_wire(machine) as wire:
        web = Hosts(machine.settings(port=wire.port), rig).at("web-1")
        mark = tmp_path / "mark"
        begun = web.run(*beating(mark), within=90)
        ended, _ = await asyncio.gather(begun, wire.cut_at(mark), return_exceptions=True)

    assert await gone(mark)
    assert isinstance(ended, UncertainError)
    assert str(ended) == "the connection to web-1 broke while sh ran there; it may have been done"


async def test_reading_on_a_line_that_breaks_is_worth_another_try(
    machine: Machine, rig: Rig, tmp_path: Path
) -> None:
    async with machines.a_wire(machine) as wire:
        web = Hosts(machine.settings(port=wire.port), rig).at("web-1")
        mark = tmp_path / "mark"
        begun = web.read("sh", "-c", f"touch {mark}; sleep 4", within=5)
        ended, _ = await asyncio.gather(begun, wire.cut_at(mark), return_exceptions=True)

    assert isinstance(ended, TemporaryError)


async def test_a_machine_with_another_key_is_refused(machine: Machine, rig: Rig) -> None:
    machine.vouch(machine.port, asyncssh.generate_private_key("ssh-ed25519"))
    try:
        with pytest.raises(PermanentError, match="shows another key than HEAL_HOST_KNOWN_HOSTS"):
            await Hosts(machine.settings(), rig).at("web-1").run("true", within=5)
    finally:
        machine.vouch(machine.port)


async def test_a_machine_that_nobody_vouched_for_is_refused(machine: Machine, rig: Rig) -> None:
    machine.vouch(1)
    try:
        with pytest.raises(PermanentError, match=r"is not known: no line of .*known names it"):
            await Hosts(machine.settings(), rig).at("web-1").run("true", within=5)
    finally:
        machine.vouch(machine.port)


async def test_without_the_file_of_known_keys_nothing_is_believed(
    machine: Machine, rig: Rig
) -> None:
    settings = machine.settings().model_copy(update={"known_hosts": "/nonexistent"})

    with pytest.raises(PermanentError, match="HEAL_HOST_KNOWN_HOSTS: /nonexistent cannot be read"):
        await Hosts(settings, rig).at("web-1").run("true", within=5)


async def test_a_key_that_the_machine_does_not_know_is_not_let_in(
    machine: Machine, rig: Rig, tmp_path: Path
) -> None:
    asyncssh.generate_private_key("ssh-ed25519").write_private_key(tmp_path / "key")
    (tmp_path / "key").chmod(0o600)

    with pytest.raises(PermanentError, match=f"does not let .* in with the key {tmp_path}/key"):
        await Hosts(machine.settings(key=f"{tmp_path}/key"), rig).at("web-1").run("id", within=5)


async def test_a_key_that_others_can_read_is_not_used(
    machine: Machine, rig: Rig, tmp_path: Path
) -> None:
    shutil.copy(machine.folder / "key", tmp_path / "key")
    (tmp_path / "key").chmod(0o644)

    with pytest.raises(PermanentError, match="can be read by others: chmod 600"):
        await Hosts(machine.settings(key=f"{tmp_path}/key"), rig).at("web-1").run("id", within=5)


async def test_a_machine_that_does_not_answer_is_worth_another_try(
    machine: Machine, rig: Rig
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]

    with pytest.raises(TemporaryError, match=f"web-1 .127.0.0.1:{port}. cannot be reached"):
        await Hosts(machine.settings(port=port), rig).at("web-1").run("true", within=5)


async def test_a_machine_that_says_nothing_is_not_waited_for(
    machine: Machine, rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ssh, "CONNECTING", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings = machine.settings(port=silent.getsockname()[1])
        with pytest.raises(TemporaryError, match=r"web-1 \(.*\) gave no answer in 0.2 s"):
            await Hosts(settings, rig).at("web-1").run("true", within=5)


async def test_the_own_machine_by_another_name_is_never_acted_on(machine: Machine) -> None:
    async with rigs.rig() as here:
        with pytest.raises(PermanentError, match="web-1 is the machine that Heal runs on"):
            await Hosts(machine.settings(), here).at("web-1").run("true", within=5)


async def test_a_machine_that_cannot_be_told_from_the_own_one_is_not_acted_on(
    machine: Machine,
) -> None:
    async with rigs.rig() as here:
        mute = Rig(here.http, here.clock, Elsewhere(here.run, identity=""))
        with pytest.raises(PermanentError, match="Heal runs on does not tell which machine it is"):
            await Hosts(machine.settings(), mute).at("web-1").run("true", within=5)


async def test_the_machine_id_alone_tells_as_well(machine: Machine) -> None:
    ours = Path("/proc/sys/kernel/random/boot_id").read_text()
    async with rigs.rig() as here:
        alike = Elsewhere(here.run, identity=f"{ours}another-machine\n")
        hosts = Hosts(machine.settings(), Rig(here.http, here.clock, alike))
        with pytest.raises(PermanentError, match="or a clone of it"):
            await hosts.at("web-1").run("true", within=5)


async def test_nothing_of_the_users_own_configuration_counts(
    machine: Machine, rig: Rig, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".ssh").mkdir()
    (tmp_path / ".ssh" / "config").write_text("Host *\n  HostName 192.0.2.1\n  Port 1\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("SSH_AUTH_SOCK", str(tmp_path / "agent"))

    ended = await Hosts(machine.settings(), rig).at("web-1").run("env", within=5)

    assert ended.code == 0
    assert "SSH_AUTH_SOCK" not in ended.out
