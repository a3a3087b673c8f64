"""A name leads to one plug-in of the right kind and checked settings, or the start stops."""

from __future__ import annotations

import importlib
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from pydantic import Field, SecretStr

from bot import plugins, ports
from bot.clients.hosts import HostSettings
from bot.core.errors import ConfigurationError
from bot.core.values import Facts, Frozen
from bot.plugins import Toolbox, Words

RIG = object()


def toolbox(*allowed: str, **settings: Mapping[str, str]) -> Toolbox:
    return Toolbox(RIG, lambda system: settings.get(system, {}), allowed)


class Settings(Frozen):
    spoon: str = Field(default="wooden", description="what to stir with")


class Params(Frozen):
    turns: int = Field(default=1, description="how often to stir")


class Stirred:
    """What an outside package might offer."""

    config = Settings
    params = Params

    def __init__(self, config: Settings, rig: object) -> None:
        self.spoon = config.spoon
        self.rig = rig

    async def read(self, params: Params) -> Facts:
        return {"turns": params.turns}


@pytest.fixture
def kitchen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Install a distribution Acme.Kitchen whose probe is called acme.stirred."""
    found = tmp_path / "acme_kitchen-1.0.dist-info"
    found.mkdir()
    (found / "METADATA").write_text("Metadata-Version: 2.1\nName: Acme.Kitchen\nVersion: 1.0\n")
    (found / "entry_points.txt").write_text(
        "[heal.probes]\nacme.stirred = acme_kitchen:PLUGIN\nhost.process = acme_kitchen:PLUGIN\n"
    )
    module = ModuleType("acme_kitchen")
    module.PLUGIN = Stirred  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "acme_kitchen", module)
    monkeypatch.syspath_prepend(str(tmp_path))
    importlib.invalidate_caches()
    return "acme-kitchen"


def test_a_name_is_the_path_of_the_module() -> None:
    probe = toolbox().probe("host.process")

    assert type(probe).__module__ == "bot.probes.host.process"


def test_a_plug_in_is_made_once() -> None:
    tools = toolbox()

    assert tools.probe("host.process") is tools.probe("host.process")


def test_a_source_needs_no_settings() -> None:
    assert isinstance(toolbox().source("alertmanager"), ports.Source)


def test_every_shipped_name_is_listed_in_order() -> None:
    names = toolbox().names("probes")

    assert sorted(names) == list(names)
    assert {"host.process", "http.status", "prometheus.query"} <= set(names)


def test_what_a_plug_in_can_be_told_is_known_without_its_settings() -> None:
    params = toolbox().params("probes")

    assert "max_age" in params["prometheus.query"].model_fields


LOOKED_UP = """
import sys
from bot.plugins import Toolbox
probes = Toolbox(None, lambda _: {}).params("probes")
assert "http.status" in probes and "http.stauts" not in probes and len(probes) > 5
assert "bot.probes.http.status" in sys.modules
assert "bot.probes.redis.memory" not in sys.modules, "nothing named it"
"""


def test_a_plug_in_is_imported_when_something_names_it() -> None:
    subprocess.run([sys.executable, "-c", LOOKED_UP], check=True)


def test_a_private_module_of_a_room_is_no_plug_in() -> None:
    assert not [name for name in plugins.shipped("actions") if "._" in name]


def test_a_slip_is_answered_with_the_nearest_name() -> None:
    with pytest.raises(ConfigurationError, match=r"did you mean 'host\.restart_service'\?"):
        toolbox().action("host.restart_servce")


@pytest.mark.parametrize(
    "name",
    ["../core/plan", "os", "http._wanted", "http", "host..process", "", "Host.process", "a\n"],
)
def test_nothing_but_a_plug_in_can_be_named(name: str) -> None:
    with pytest.raises(ConfigurationError, match="actions"):
        toolbox().action(name)


def test_a_name_of_another_room_is_unknown_in_this_one() -> None:
    with pytest.raises(ConfigurationError, match=r"probes: 'host\.restart_service' is unknown"):
        toolbox().probe("host.restart_service")


def test_a_setting_reaches_the_plug_in() -> None:
    made = plugins.configure("host", HostSettings, {"name": "web-1", "protected": "db, cache ,"})

    assert HostSettings(name="web-1", protected=("db", "cache")) == made


def test_a_wrong_setting_is_named_as_it_is_written() -> None:
    with pytest.raises(ConfigurationError, match=r"^HEAL_HOST_SYSTEMCTL is wrong .*: the command"):
        toolbox(host={"systemctl": ""}).action("host.restart_service")


def test_a_missing_setting_says_what_it_is_for() -> None:
    with pytest.raises(ConfigurationError, match=r"^HEAL_PROMETHEUS_URL is missing: where"):
        toolbox().probe("prometheus.query")


def test_a_misspelt_setting_is_answered_with_the_right_one() -> None:
    with pytest.raises(ConfigurationError, match="did you mean 'HEAL_HOST_SYSTEMCTL'"):
        toolbox(host={"systemclt": "/bin/true"}).action("host.restart_service")


def test_the_value_of_a_wrong_setting_is_never_shown() -> None:
    class Secretive(Frozen):
        token: SecretStr = Field(max_length=3, description="a short one")
        words: Words = Field(default=(), description="words")

    with pytest.raises(ConfigurationError) as caught:
        plugins.configure("acme", Secretive, {"token": "hunter2", "tokn": "hunter3"})

    assert "hunter" not in str(caught.value)


def test_an_outside_package_is_loaded_when_a_setting_names_it(kitchen: str) -> None:
    probe = toolbox(kitchen, acme={"spoon": "silver"}).probe("acme.stirred")

    assert isinstance(probe, Stirred)
    assert (probe.spoon, probe.rig) == ("silver", RIG)


def test_g01_an_outside_package_that_no_setting_names_is_not_loaded(kitchen: str) -> None:
    with pytest.raises(ConfigurationError, match=r"offered by Acme\.Kitchen: list it"):
        toolbox().probe("acme.stirred")


def test_an_outside_package_cannot_take_a_shipped_name(kitchen: str) -> None:
    with pytest.raises(ConfigurationError, match="leads to 2 plug-ins"):
        toolbox(kitchen).probe("host.process")


@pytest.mark.parametrize(
    ("offered", "reason"),
    [
        (Stirred(Settings(), RIG), "not a class with the models"),
        (Settings, "not a class with the models"),
        (type("Blind", (Stirred,), {"read": None, "config": None}), "not a class with the models"),
    ],
)
def test_what_is_not_built_like_a_plug_in_stops_the_start(
    kitchen: str, offered: object, reason: str
) -> None:
    sys.modules["acme_kitchen"].PLUGIN = offered  # type: ignore[attr-defined]

    with pytest.raises(ConfigurationError, match=reason):
        toolbox(kitchen).probe("acme.stirred")


def test_a_plug_in_that_cannot_do_what_its_room_does_stops_the_start(kitchen: str) -> None:
    class Idle:
        config = Settings
        params = Params

        def __init__(self, config: Settings, rig: object) -> None:
            """Nothing to keep."""

    sys.modules["acme_kitchen"].PLUGIN = Idle  # type: ignore[attr-defined]

    with pytest.raises(ConfigurationError, match=r"is not a Probe: .* bot\.ports\.Probe"):
        toolbox(kitchen).probe("acme.stirred")


def test_a_package_that_is_not_installed_is_named(
    kitchen: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "acme_kitchen")

    with pytest.raises(ConfigurationError, match="No module named 'acme_kitchen'"):
        toolbox(kitchen).probe("acme.stirred")


async def test_the_example_of_the_page_works(monkeypatch: pytest.MonkeyPatch) -> None:
    page = (Path(__file__).parents[1] / "docs/plugins.md").read_text()
    plug_in, its_test = re.findall(r"```python\n(.*?)```", page, flags=re.DOTALL)
    module = ModuleType("bot.probes.host.load")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    exec(plug_in, module.__dict__)
    names: dict[str, Any] = {}
    exec(its_test, names)

    tests = [name for name in names if name.startswith("test_")]
    for name in tests:
        await names[name]()

    assert len(tests) == 2


def test_a_package_that_is_not_installed_stops_the_start() -> None:
    with pytest.raises(ConfigurationError, match="HEAL_PLUGINS: 'nonesuch'"):
        toolbox("nonesuch")
