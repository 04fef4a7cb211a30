"""setup/wheels builds wheels that an Odoo in a clean environment finds."""

import ast
import importlib.util
import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ADDONS = [manifest.parent for manifest in sorted(ROOT.glob("*/__manifest__.py"))]
FIND = """
import sys
from odoo.tools import config
config.parse_config(["--http-interface=127.0.0.1"])
from odoo.modules import get_module_path
for name in sys.argv[1:]:
    print(get_module_path(name))
"""


def build(folder):
    environment = dict(os.environ)
    environment.pop("PYTHONPATH", None)
    # neither Odoo nor PostgreSQL is looked for
    environment |= {"ODOO_PATH": "/nowhere", "PGHOST": "/nowhere"}
    subprocess.run(
        [ROOT / "setup" / "wheels", folder],
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
    ours = {other.name for other in ADDONS}
    expected = {"odoo==19.0.*"}
    expected |= {f"odoo-addon-{n}==19.0.*" for n in manifest["depends"] if n in ours}
    expected |= set(manifest.get("external_dependencies", {}).get("python", []))
    with zipfile.ZipFile(wheel_of(wheels, addon)) as wheel:
        [name] = [n for n in wheel.namelist() if n.endswith(".dist-info/METADATA")]
        metadata = Parser().parsestr(wheel.read(name).decode())
    assert set(metadata.get_all("Requires-Dist")) == expected


def test_same_files_give_the_same_wheels(wheels, tmp_path):
    again = build(tmp_path)
    assert {n: w.read_bytes() for n, w in again.items()} == {
        n: w.read_bytes() for n, w in wheels.items()
    }


def test_odoo_finds_the_addons_in_a_clean_environment(wheels, tmp_path):
    spec = importlib.util.find_spec("odoo")
    if spec is None:
        pytest.skip("needs an importable Odoo, as setup/test gives")
    venv.create(tmp_path / "clean", with_pip=True)
    python = tmp_path / "clean" / "bin" / "python"
    # Odoo and what it needs, read from where they are; our tree is not among them.
    # pip cannot check these without the network, hence --no-deps.
    paths = [str(Path(place).parent) for place in spec.submodule_search_locations]
    paths.append(sysconfig.get_path("purelib"))
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    subprocess.run(
        [python, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps"]
        + [str(wheel) for wheel in wheels.values()],
        env=environment,
        check=True,
        timeout=120,
    )
    found = subprocess.run(
        [python, "-c", FIND, *(addon.name for addon in ADDONS)],
        env={**environment, "PYTHONPATH": ":".join(paths)},
        cwd=tmp_path,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        timeout=120,
    ).stdout.split()
    installed = Path(
        sysconfig.get_path("purelib", vars={"base": str(tmp_path / "clean")})
    )
    assert found == [str(installed / "odoo" / "addons" / a.name) for a in ADDONS]
    assert sys.prefix not in "".join(found)
