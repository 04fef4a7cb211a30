"""Databases with kpi_tracking, sale_management and project for tests across addons."""

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "setup" / "lib"))


@pytest.fixture(scope="session")
def shared_database():
    """A copy of the template for the tests of all files that say SHARES_DATABASE."""
    from templates import counted_copy

    with counted_copy() as name:
        yield name


@pytest.fixture(scope="module")
def module_database(request):
    """A copy of the template for the tests of one file, or that of several."""
    from templates import counted_copy

    if getattr(request.module, "SHARES_DATABASE", False):
        yield request.getfixturevalue("shared_database")
        return
    from odoo.modules.registry import Registry

    with counted_copy() as name:
        yield name
        Registry.delete(name)


@pytest.fixture(scope="module")
def registry(module_database):
    """Odoo in the process of pytest."""
    from odoo.modules.registry import Registry
    from odoo.sql_db import close_db
    from odoo.tools import config

    options = ["--no-http", "--log-level=error", "--max-cron-threads=0"]
    config.parse_config(["-d", module_database, *options])
    registry = Registry(module_database)
    from odoo.addons.base.models import res_users

    # what a password costs is not tried here
    res_users.MIN_ROUNDS = 1
    yield registry
    close_db(module_database)


@pytest.fixture
def env(registry):
    """The superuser's environment; nothing of a test stays."""
    from odoo import SUPERUSER_ID, api

    cr = registry.cursor()
    try:
        context = {"tracking_disable": True, "lang": "en_US"}
        yield api.Environment(cr, SUPERUSER_ID, context)
    finally:
        cr.rollback()
        cr.close()
