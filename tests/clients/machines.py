"""A real sshd on loopback, which is another machine as far as Heal is told, and lines to cut."""

from __future__ import annotations

import asyncio
import getpass
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

import asyncssh
import pytest

from bot.clients.commands import Finished, Run
from bot.clients.hosts import HostSettings
from bot.clients.rig import Rig
from tests.clients import rigs

PROGRAM = shutil.which("sshd") or shutil.which("sshd", path="/usr/sbin")
CONFIG = """
ListenAddress 127.0.0.1
Port {port}
HostKey {folder}/host
AuthorizedKeysFile {folder}/authorized
PidFile none
UsePAM no
StrictModes no
PasswordAuthentication no
KbdInteractiveAuthentication no
AllowAgentForwarding no
MaxStartups 100
"""


@dataclass(frozen=True)
class Machine:
    """A machine called web-1; its files lie in `folder`: host, key, known, authorized."""

    folder: Path
    port: int

    @property
    def known(self) -> Path:
        return self.folder / "known"

    def described(self, *, port: int = 0, **more: str) -> str:
        """Its entry in the file of other machines."""
        entry = {
            "address": "127.0.0.1", "user": getpass.getuser(), "key": str(self.folder / "key"),
        } | more  # fmt: skip
        lines = [f'{name} = "{value}"' for name, value in entry.items()]
        return "\n".join(["[web-1]", f"port = {port or self.port}", *lines])

    def vouch(self, port: int, key: asyncssh.SSHKey | None = None) -> None:
        """Believe from now on that this port shows this key; the machine's own unless given."""
        public = (key or asyncssh.read_private_key(self.folder / "host")).export_public_key()
        self.known.write_bytes(f"[127.0.0.1]:{port} ".encode() + public)

    def settings(self, *, port: int = 0, **more: str) -> HostSettings:
        return HostSettings.model_validate(
            {
                "name": "ops-1",
                "remote": self.described(port=port, **more),
                "known_hosts": str(self.known),
            }
        )


@contextmanager
def a_machine() -> Iterator[Machine]:
    """Start an sshd of our own, skip where there is none."""
    if PROGRAM is None:
        pytest.skip("not run: no sshd")
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)  # sshd wants it before it starts
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for each in ("host", "key"):
            asyncssh.generate_private_key("ssh-ed25519").write_private_key(folder / each)
            (folder / each).chmod(0o600)
        public = asyncssh.read_private_key(folder / "key").export_public_key()
        (folder / "authorized").write_bytes(public)
        (folder / "config").write_text(CONFIG.format(port=port, folder=folder))
        made = Machine(folder, port)
        made.vouch(port)
        running = subprocess.Popen(
            [PROGRAM, "-D", "-f", str(folder / "config"), "-E", str(folder / "log")]
        )
        try:
            _wait(made, running)
            yield made
        finally:
            running.terminate()
            running.wait(10)


def _wait(machine: Machine, running: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and running.poll() is None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", machine.port)):
            return
        time.sleep(0.01)
    raise AssertionError((machine.folder / "log").read_text())


@dataclass
class Elsewhere:
    """Heal's own machine, which is not the one that runs the tests; what it ran itself."""

    run: Run
    identity: str = "another-boot\nanother-machine\n"
    ran: list[tuple[str, ...]] = field(default_factory=list)

    async def __call__(self, *argv: str, within: float) -> Finished:
        if argv[0] == "cat":
            return Finished(0, self.identity, "", 0.0)
        self.ran.append(argv)
        return await self.run(*argv, within=within)


@asynccontextmanager
async def rig_elsewhere() -> AsyncIterator[Rig]:
    """A rig on a machine of its own."""
    async with rigs.rig() as rig:
        yield replace(rig, run=Elsewhere(rig.run))


@dataclass
class Wire:
    """Passes on what goes to the machine and back, until it is cut."""

    port: int
    writers: list[asyncio.StreamWriter]

    def cut(self) -> None:
        for writer in self.writers:
            writer.transport.abort()

    async def cut_at(self, mark: Path) -> None:
        """Cut it once a command has left its mark there."""
        while not mark.exists():
            await asyncio.sleep(0.01)
        self.cut()


@asynccontextmanager
async def a_wire(machine: Machine) -> AsyncIterator[Wire]:
    """A port that leads to the machine, and is believed to be it."""
    writers: list[asyncio.StreamWriter] = []

    async def pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while piece := await reader.read(65536):
                writer.write(piece)
                await writer.drain()
        writer.close()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", machine.port)
        writers.extend((writer, back))
        await asyncio.gather(pipe(reader, back), pipe(there, writer))

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        machine.vouch(port)
        try:
            yield Wire(port, writers)
        finally:
            machine.vouch(machine.port)
