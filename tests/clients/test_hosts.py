"""Other machines are named by one setting, and what it does not name cannot be reached."""

from __future__ import annotations

import sys

import pytest

from bot import plugins
from bot.clients.hosts import Host, Hosts, HostSettings
from bot.core.errors import ConfigurationError, PermanentError
from tests.clients import rigs

WEB = '[web-1]\naddress = "10.0.0.5"\nuser = "heal"\nkey = "/etc/heal/ssh/id_ed25519"\n'
KNOWN = {"known_hosts": "/etc/heal/ssh/known_hosts", "name": "ops-1"}


def settings(remote: str = WEB, **more: str) -> HostSettings:
    made = plugins.configure("HOST", HostSettings, {"remote": remote, **KNOWN, **more})
    assert isinstance(made, HostSettings)
    return made


async def at(name: str, told: HostSettings) -> Host:
    async with rigs.rig() as rig:
        return Hosts(told, rig).at(name)


def test_a_machine_is_described_by_a_table() -> None:
    other = WEB.replace("web-1", '"db-1.eu"').replace("10.0.0.5", "10.0.0.6")
    told = settings(WEB + 'port = 2222\nsystemctl = "doas systemctl"\n' + other)
    web = told.remote["web-1"]

    assert list(told.remote) == ["web-1", "db-1.eu"]
    assert (web.address, web.port, web.user) == ("10.0.0.5", 2222, "heal")
    assert (web.systemctl, web.journalctl) == ("doas systemctl", "sudo -n journalctl")


@pytest.mark.parametrize(
    ("remote", "more", "why"),
    [
        (WEB + "colour = 3\n", {}, r"web-1.colour: extra inputs are not permitted"),
        (WEB.replace('user = "heal"\n', ""), {}, r"web-1.user: field required"),
        (WEB.replace("10.0.0.5", "-oProxyCommand=id"), {}, r"web-1.address: string should match"),
        (WEB.replace('"heal"', '"-l"'), {}, r"web-1.user: string should match"),
        (WEB.replace("/etc/heal", "etc"), {}, r"web-1.key: string should match"),
        (WEB.replace("web-1", '"Web 1"'), {}, r"Web 1: string should match"),
        (WEB.replace('"heal"', "heal"), {}, r"it is not TOML: .* line 3"),
        (WEB.replace("web-1", "local"), {}, r"local means the machine that Heal runs on"),
        (WEB.replace("web-1", "ops-1"), {}, r"ops-1 means the machine that Heal runs on"),
        (WEB + WEB.replace("web-1", "www-1"), {}, r"10.0.0.5:22 has two names"),
        (WEB, {"known_hosts": ""}, r"HEAL_HOST_KNOWN_HOSTS is missing"),
        (WEB, {"known_hosts": "known"}, r"HEAL_HOST_KNOWN_HOSTS is missing: name the file, abs"),
    ],
)
def test_a_slip_in_the_file_stops_the_start_and_says_where(
    remote: str, more: dict[str, str], why: str
) -> None:
    with pytest.raises(ConfigurationError, match=why):
        settings(remote, **more)


async def test_a_machine_that_is_in_no_setting_is_looked_up_nowhere() -> None:
    with pytest.raises(PermanentError, match=r"'web-9' cannot be reached: HEAL_HOST_REMOTE_FILE "
                                             r"does not name it \(it names web-1\)"):  # fmt: skip
        await at("web-9", settings())


async def test_the_own_machine_has_its_own_name_and_its_own_commands() -> None:
    here, there = await at("local", settings()), await at("web-1", settings())

    assert (here.name, here.local, here.tools.systemctl) == ("ops-1", True, "systemctl")
    assert (there.name, there.local, there.tools.systemctl) == (
        "web-1",
        False,
        "sudo -n systemctl",
    )


async def test_without_asyncssh_other_machines_stop_the_start(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delitem(sys.modules, "bot.clients.ssh", raising=False)
    monkeypatch.setitem(sys.modules, "asyncssh", None)

    assert (await at("local", HostSettings())).local
    with pytest.raises(ConfigurationError, match=r"pip install 'heal-bot\[ssh\]'"):
        await at("local", settings())
