"""A database with an addon of ``addons/``, in the process of pytest.

A module of tests names it as ``PROBE``; and as ``ON`` the addon of ours that it needs:
in long tests none above that is there.
"""

import os
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ADDONS = Path(__file__).with_name("addons")
sys.path.insert(0, str(ROOT / "setup" / "lib"))


@pytest.fixture(scope="module")
def database(request):
    """A copy of a database with the addon that the probe needs."""
    from templates import copy_alone, counted_copy

    needed = getattr(request.module, "ON", None)
    is_alone = needed and "KPI_LONG" in os.environ
    with copy_alone(needed) if is_alone else counted_copy() as name:
        yield name


@pytest.fixture(scope="module")
def config_file(tmp_path_factory):
    """Odoo's options with the folder of the addon on the path."""
    text = Path(os.environ["ODOO_RC"]).read_text()
    file = tmp_path_factory.mktemp("odoo") / "odoo.conf"
    file.write_text(text.replace("addons_path = ", f"addons_path = {ADDONS},"))
    return file


@pytest.fixture(scope="module")
def registry(request, database, config_file):
    from odoo.modules.registry import Registry
    from odoo.sql_db import close_db
    from odoo.tools import config

    options = ["--no-http", "--log-level=error", "--max-cron-threads=0"]
    config.parse_config(["-c", str(config_file), "-d", database, *options])
    probes = [request.module.PROBE]
    yield Registry.new(database, update_module=True, install_modules=probes)
    Registry.delete(database)
    close_db(database)


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
