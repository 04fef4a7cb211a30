"""Databases of the predecessor, upgraded by Odoo in a process of its own."""

import os
import re
import sys
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "setup" / "lib"))


@contextmanager
def environment(database):
    """The superuser's environment of a database that this process has not loaded."""
    from odoo import SUPERUSER_ID, api
    from odoo.modules.registry import Registry
    from odoo.sql_db import close_db
    from odoo.tools import config

    options = ["--no-http", "--log-level=error", "--max-cron-threads=0"]
    config.parse_config(["-d", database, *options])
    try:
        with Registry(database).cursor() as cr:
            yield api.Environment(cr, SUPERUSER_ID, {"lang": "en_US"})
    finally:
        Registry.delete(database)
        close_db(database)


@pytest.fixture(scope="session")
def old_database():
    """A database with 18.1 installed; a copy of Odoo's own addons, crm among them."""
    from old_database import install_predecessor

    from templates import foundation_copy

    with foundation_copy() as name:
        with environment(name) as env:
            install_predecessor(env)
        yield name


@pytest.fixture(scope="session")
def upgraded(old_database):
    """The environment of an upgraded copy, with odd rows of years of use."""
    from worn_database import wear

    import databases

    with databases.temporary_copy(old_database) as name:
        with environment(name) as env:
            wear(env)
        upgrade(name)
        with environment(name) as env:
            yield env


@pytest.fixture
def refused(old_database):
    """Upgrades a copy after a change that stands in the way; a cursor on what is left.

    Called with the SQL of the change and the texts that the log must name.
    """
    import databases
    from installer import OdooFailed

    with ExitStack() as stack:

        def try_upgrade(change, *messages):
            name = stack.enter_context(databases.temporary_copy(old_database))
            connection = stack.enter_context(closing(databases.connect(name)))
            connection.autocommit = True
            cursor = connection.cursor()
            cursor.execute(change)
            with pytest.raises(OdooFailed) as failure:
                upgrade(name)
            assert all(re.search(each, str(failure.value)) for each in messages)
            return cursor

        yield try_upgrade


def upgrade(database):
    """What Odoo does on ``-u kpi_tracking``; raises where it fails."""
    from installer import run_odoo

    log = Path(os.environ["KPI_STATE"], "logs", f"{database}.log")
    options = ["-u", "kpi_tracking", "--stop-after-init", "--no-http"]
    run_odoo(["-d", database, *options], log)
