"""setup/wheels builds wheels that an Odoo in a clean environment finds."""

import ast
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from email.parser import Parser
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from installer import ODOO_BIN
from odoo_server import OdooServer

ROOT = Path(__file__).resolve().parents[2]
ADDONS = [manifest.parent for manifest in sorted(ROOT.glob("*/__manifest__.py"))]
# those of Debian 11, and of 12 where that is too old
OLDER = {"cryptography": "3.3.2", "numpy": "1.19.5", "pydantic": "1.10.4"}
# installs the lowest addon as a click on it does
KEY = """
from datetime import datetime, timedelta
env["ir.module.module"].search([("name", "=", "kpi_base")]).button_immediate_install()
env = odoo.api.Environment(env.cr, env.uid, {})
from odoo import Command
scopes = env["kpi.api.scope"].search([])
values = {"name": "Wheels", "scope_ids": [Command.set(scopes.ids)]}
keys = env["kpi.api.key"].with_user(env.ref("base.user_admin"))
print("key", keys._generate(values, datetime.now() + timedelta(days=1))[0])
env.cr.commit()
"""
FIND = """
import sys
from odoo.tools import config
config.parse_config(["--http-interface=127.0.0.1"])
from odoo.modules import get_module_path
for name in sys.argv[1:]:
    print(get_module_path(name))
"""
CHECK = """
from odoo.modules.module import Manifest, MissingDependency
try:
    Manifest.for_addon("kpi_base").check_manifest_dependencies()
except MissingDependency as error:
    print(error)
"""


def build(folder, root=ROOT):
    environment = dict(os.environ)
    environment.pop("PYTHONPATH", None)
    # neither Odoo nor PostgreSQL is looked for
    environment |= {"ODOO_PATH": "/nowhere", "PGHOST": "/nowhere"}
    subprocess.run(
        [root / "setup" / "wheels", folder],
        env=environment,
        check=True,
        capture_output=True,
        timeout=300,
    )
    return {wheel.name: wheel for wheel in folder.glob("*.whl")}


@pytest.fixture(scope="module")
def wheels(tmp_path_factory):
    """The wheels of the addons of this tree, by file name."""
    return build(tmp_path_factory.mktemp("wheels"))


def wheel_of(wheels, addon):
    version = ast.literal_eval((addon / "__manifest__.py").read_text())["version"]
    return wheels[f"odoo_addon_{addon.name}-{version}-py3-none-any.whl"]


@pytest.mark.parametrize("addon", ADDONS, ids=lambda addon: addon.name)
def test_wheel_holds_all_files_of_the_addon_and_nothing_else(wheels, addon):
    prefix = f"odoo/addons/{addon.name}/"
    with zipfile.ZipFile(wheel_of(wheels, addon)) as wheel:
        packed = {n for n in wheel.namelist() if ".dist-info/" not in n}
    expected = {
        prefix + str(file.relative_to(addon))
        for file in addon.rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }
    expected.add(prefix + "LICENSE")
    assert packed == expected - {prefix + "pyproject.toml"}


@pytest.mark.parametrize("addon", ADDONS, ids=lambda addon: addon.name)
def test_wheel_asks_for_what_the_manifest_asks_for(wheels, addon):
    manifest = ast.literal_eval((addon / "__manifest__.py").read_text())
    # wheels of their own: ours, and OCA's queue
    wheeled = {other.name for other in ADDONS} | {"queue_job"}
    names = wheeled.intersection(manifest["depends"])
    expected = {"odoo==19.0.*", *(f"odoo-addon-{name}==19.0.*" for name in names)}
    expected |= set(manifest.get("external_dependencies", {}).get("python", []))
    with zipfile.ZipFile(wheel_of(wheels, addon)) as wheel:
        [name] = [n for n in wheel.namelist() if n.endswith(".dist-info/METADATA")]
        metadata = Parser().parsestr(wheel.read(name).decode())
    assert set(metadata.get_all("Requires-Dist")) == expected


@pytest.mark.long
def test_same_files_give_the_same_wheels(wheels, tmp_path):
    """Those of another folder, written at another time."""
    root, names = tmp_path / "tree", ["kpi_base", "kpi_tracking_sms"]
    for name in ("setup", *names):
        shutil.copytree(ROOT / name, root / name, copy_function=shutil.copy)
    shutil.copy(ROOT / "LICENSE", root)
    again = build(tmp_path / "wheels", root)
    assert len(again) == len(names)
    for name, wheel in again.items():
        assert wheel.read_bytes() == wheels[name].read_bytes()


@pytest.fixture(scope="module")
def clean(wheels, tmp_path_factory):
    """An environment with the wheels; of this tree nothing else is in it.

    Odoo and what it needs are read from where they are: pip cannot check these without
    the network, hence --no-deps.
    """
    spec = importlib.util.find_spec("odoo")
    if spec is None:
        pytest.skip("needs an importable Odoo, as setup/test gives")
    return Clean(tmp_path_factory.mktemp("clean"), wheels, spec)


class Clean:
    """Odoo with the addons of the wheels, on databases of the server of the tests."""

    def __init__(self, folder, wheels, spec):
        venv.create(folder / "venv")
        self.folder = folder
        self.python = folder / "venv" / "bin" / "python"
        base = {"base": str(folder / "venv")}
        self.packages = Path(sysconfig.get_path("purelib", vars=base))
        odoo = [str(Path(place).parent) for place in spec.submodule_search_locations]
        self.paths = [*odoo, sysconfig.get_path("purelib")]
        self.options = folder / "odoo.conf"
        self.options.write_text(f"[options]\ndata_dir = {folder / 'data'}\n")
        install = ["-m", "pip", "install", "--quiet", "--no-index", "--no-deps"]
        self.run(*install, "--no-compile", *wheels.values())

    def environment(self, *first):
        """Variables with these folders before the packages that are here."""
        names = ("HOME", "PATH", "PGHOST", "PGPORT", "PGUSER", "PGPASSWORD")
        found = {name: os.environ[name] for name in names if name in os.environ}
        paths = ":".join(map(str, [*first, *self.paths]))
        return {**found, "PYTHONPATH": paths, "ODOO_RC": str(self.options)}

    def run(self, *arguments, check=True, first=(), **options):
        """What Python has printed."""
        return subprocess.run(
            [self.python, *arguments],
            env=self.environment(*first),
            cwd=self.folder,
            check=check,
            capture_output=True,
            text=True,
            timeout=300,
            **options,
        )


@pytest.mark.long
def test_odoo_finds_the_addons_in_a_clean_environment(clean):
    names = [addon.name for addon in ADDONS]
    found = clean.run("-c", FIND, *names).stdout.split()
    assert found == [str(clean.packages / "odoo" / "addons" / name) for name in names]
    assert sys.prefix not in "".join(found)


@pytest.fixture(scope="module")
def database():
    """A database with Odoo's own addons, in which none of ours ever was."""
    if not os.environ.get("PGHOST"):
        pytest.skip("PGHOST is not set: run this with setup/test")
    from templates import foundation_copy

    with foundation_copy("plain") as name:
        yield name


class CleanServer(OdooServer):
    """Odoo of the clean environment."""

    def __init__(self, clean, *arguments):
        self.clean = clean
        super().__init__(*arguments)

    def command(self, *arguments):
        return [self.clean.python, *super().command(*arguments)[1:]]


@pytest.mark.long
def test_older_libraries_are_refused_with_a_sentence(clean, database, tmp_path):
    """Odoo reads the version of what comes first on the path."""
    folders = {}
    for package, version in OLDER.items():
        known = tmp_path / package / f"{package}-{version}.dist-info"
        known.mkdir(parents=True)
        metadata = f"Metadata-Version: 2.1\nName: {package}\nVersion: {version}\n"
        (known / "METADATA").write_text(metadata)
        folders[package] = known.parent
        said = clean.run("-c", CHECK, first=[known.parent]).stdout
        assert f"{package}>=" in said and version in said
    install = ["-d", database, "-i", "kpi_tracking", "--stop-after-init", "--no-http"]
    process = clean.run(ODOO_BIN, *install, check=False, first=folders.values())
    assert process.returncode != 0
    said = process.stderr.splitlines()
    assert [line for line in said if any(f"{name}>=" in line for name in OLDER)]
    assert "ImportError" not in process.stderr


@pytest.mark.long
def test_the_wheels_serve_a_new_database(clean, database, monkeypatch):
    shell = ["shell", "-d", database, "--no-http", "--log-level=error"]
    output = clean.run(ODOO_BIN, *shell, input=KEY).stdout
    (key,) = [line.split()[-1] for line in output.splitlines() if "key " in line]
    for name in os.environ.keys() - clean.environment().keys():
        monkeypatch.delenv(name)
    for name, value in clean.environment().items():
        monkeypatch.setenv(name, value)
    options = ["--workers=0"]  # one reads the registry, not three
    server = CleanServer(clean, database, clean.folder / "odoo.log", options)
    server.start()
    try:
        request = Request(server.url + "/api/kpi/audit/anchors")
        request.add_header("Authorization", f"Bearer {key}")
        with urlopen(request, timeout=60) as answer:
            assert json.load(answer)["items"] == []
    finally:
        server.stop()
