"""``setup/test`` with the name of an addon, in a small tree of its own."""

import os
import shutil
import subprocess

import pytest

from addons import ROOT

pytestmark = pytest.mark.long

MANIFEST = {"author": "KPI Suite", "license": "LGPL-3", "version": "19.0.1.0.0"}
MODELS = """from odoo import models


class Country(models.Model):
    _inherit = "res.country"

    def _kpi_double(self, number):
        return 2 * number
"""
TESTS = """from odoo.tests import TransactionCase, tagged


@tagged("post_install", "-at_install")
class TestAlone(TransactionCase):
    def test_part_above_is_not_installed(self):
        modules = self.env["ir.module.module"].search([("state", "=", "installed")])
        assert "kpi_low" in modules.mapped("name")
        assert "kpi_low_part" not in modules.mapped("name")

    def test_double(self):
        self.assertEqual(self.env["res.country"]._kpi_double(2), 4)
"""


def write(file, text):
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def write_addon(folder, depends, **manifest):
    manifest = {"name": folder.name, "depends": depends, **MANIFEST, **manifest}
    write(folder / "__manifest__.py", repr(manifest))
    write(folder / "__init__.py", "from . import models\n")
    write(folder / "models/__init__.py", "from . import res_country\n")
    write(folder / "models/res_country.py", MODELS)
    write(folder / "tests/__init__.py", "from . import test_alone\n")
    write(folder / "tests/test_alone.py", TESTS)


@pytest.fixture
def tree(tmp_path):
    """The commands and an addon with a part above it, which installs itself."""
    shutil.copytree(ROOT / "setup", tmp_path / "setup")
    for name in ("conftest.py", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    write_addon(tmp_path / "kpi_low", ["base"])
    write_addon(tmp_path / "kpi_low_part", ["kpi_low"], auto_install=True)
    return tmp_path


def test_an_addon_is_tested_and_covered_without_the_parts_above_it(tree):
    if not os.environ.get("PGHOST"):
        pytest.skip("PGHOST is not set: run this with setup/test")
    environment = dict(os.environ)
    environment.pop("PYTHONPATH", None)
    process = subprocess.run(
        [tree / "setup/test", "--coverage", "kpi_low/"],
        env=environment,
        cwd=tree,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert process.returncode == 0, process.stdout + process.stderr
    said = [line.split() for line in process.stdout.splitlines() if line]
    assert ["kpi_low", "7", "7", "100.0"] in said
    assert "2 passed, 0 failed, 0 skipped".split() in said
    assert ["min", "elapsed,"] in [line[1:3] for line in said]
