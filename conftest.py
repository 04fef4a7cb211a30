"""Lets the pure packages of an addon be tested without Odoo.

``kpi_tracking/tests/engine/test_x.py`` imports ``...engine``: Python would run
``kpi_tracking/__init__.py`` first, which imports Odoo. An empty package of that name,
with the same folder, is put in its place. With the Odoo plug-in addons are imported
as ``odoo.addons.<name>`` and nothing is replaced.
"""

import sys
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).parent


def pytest_configure(config):
    if config.pluginmanager.hasplugin("odoo"):
        return
    for manifest in ROOT.glob("*/__manifest__.py"):
        addon = manifest.parent
        _put_empty_package(addon.name, addon)
        _put_empty_package(f"{addon.name}.tests", addon / "tests")


def _put_empty_package(name: str, folder: Path) -> None:
    package = ModuleType(name)
    package.__path__ = [str(folder)]
    sys.modules.setdefault(name, package)
