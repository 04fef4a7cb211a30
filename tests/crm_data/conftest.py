"""Odoo in the process of pytest, with a database that has kpi_tracking and crm.

With the Odoo plug-in (``-p odoo --odoo-database=NAME``) the database is the one named.
"""

import sys
import unittest
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "setup" / "lib"))


@pytest.fixture(scope="module", autouse=True)
def registry(request):
    """Odoo's registry of the database to test with."""
    if request.config.pluginmanager.hasplugin("odoo"):
        yield
        return
    from templates import counted_copy

    with counted_copy() as name:
        _load(name)
        yield
        _unload(name)


def _load(database):
    import odoo.modules.module
    import odoo.tests.case
    from odoo.modules.registry import Registry
    from odoo.tools import config

    options = ["--no-http", "--log-level=error", "--max-cron-threads=0"]
    config.parse_config(["-d", database, *options])
    Registry(database)
    # Odoo's own runner would repeat failed tests and wants results of its own kind.
    if "run" in vars(odoo.tests.BaseCase):
        del odoo.tests.BaseCase.run
    odoo.tests.case.TestCase.run = unittest.TestCase.run
    odoo.tests.case.TestCase.subTest = unittest.TestCase.subTest
    odoo.modules.module.current_test = True


def _unload(database):
    from odoo.modules.registry import Registry
    from odoo.sql_db import close_db

    Registry.delete(database)
    close_db(database)
