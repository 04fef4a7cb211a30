"""Databases with kpi_tracking, sale_management and project for tests across addons."""

import os
import sys
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from database_copies import copied

ROOT = Path(__file__).resolve().parents[2]
APPS = ("sale_management", "project")
sys.path.insert(0, str(ROOT / "setup" / "lib"))


@pytest.fixture(scope="session")
def template():
    """Name of a database that has the addons and that nobody is connected to."""
    from addons import Addon
    from templates import Template

    @dataclass(frozen=True)
    class WithApps(Addon):
        @property
        def depends(self):
            return [*super().depends, *APPS]

    given = os.environ.get("KPI_TEST_TEMPLATE")
    if given and _has_apps(given):
        return given
    return Template((WithApps(ROOT / "kpi_tracking"),), demo=False).build()


def _has_apps(database):
    import databases

    query = (
        "SELECT count(*) FROM ir_module_module"
        " WHERE name = ANY(%s) AND state = 'installed'"
    )
    with closing(databases.connect(database)) as connection:
        with connection.cursor() as cursor:
            cursor.execute(query, (list(APPS),))
            return cursor.fetchone()[0] == len(APPS)


@pytest.fixture(scope="module")
def module_database(template):
    """A copy of the template for the tests of one file."""
    with copied(template) as name:
        yield name


@pytest.fixture(scope="module")
def registry(module_database):
    """Odoo in the process of pytest."""
    from odoo.modules.registry import Registry
    from odoo.sql_db import close_db
    from odoo.tools import config

    options = ["--no-http", "--log-level=error", "--max-cron-threads=0"]
    config.parse_config(["-d", module_database, *options])
    yield Registry(module_database)
    Registry.delete(module_database)
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
