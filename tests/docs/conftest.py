"""The demo company on a server of its own, as somebody who reads the pages has it."""

import os
import re
import shlex
import subprocess
import sys
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "setup" / "lib"))

from odoo_server import OdooServer  # noqa: E402 - found by the line above

# what the samples of REST name: variable → model, field, condition
NAMED = {
    "UUID": ("kpi.deal", "uuid", [("pipeline_stage", "=", "proposal")]),
    "AGENT": ("kpi.agent.performance", "agent_id", []),
    "REQUEST": ("kpi.tat.request", "id", [("alert_ids", "!=", False)]),
    "TEMPLATE": (
        "kpi.approval.workflow",
        "id",
        [("workflow_type", "=", "request_template")],
    ),
    "INITIATIVE": ("kpi.initiative", "id", [("status", "=", "live")]),
    "BENEFIT": ("kpi.benefit.realization", "id", [("status", "=", "in_progress")]),
    "COMMISSION": ("kpi.commission", "id", [("status", "=", "pending")]),
}


@pytest.fixture(scope="module")
def database():
    from templates import template_copy

    with template_copy("demo") as name:
        yield name


@pytest.fixture(scope="module")
def registry(database):
    from odoo.modules.registry import Registry
    from odoo.sql_db import close_db
    from odoo.tools import config

    options = ["--no-http", "--log-level=error", "--max-cron-threads=0"]
    config.parse_config(["-d", database, *options])
    yield Registry(database)
    Registry.delete(database)
    close_db(database)


@pytest.fixture
def env(registry):
    """The environment of the administrator; nothing of a test stays."""
    from odoo import SUPERUSER_ID, api

    with closing(registry.cursor()) as cr:
        admin = api.Environment(cr, SUPERUSER_ID, {}).ref("base.user_admin")
        companies = (admin.company_id | admin.company_ids).ids
        context = {"lang": "en_US", "allowed_company_ids": companies}
        yield api.Environment(cr, admin.id, context)
        cr.rollback()
    registry.reset_changes()


@pytest.fixture(scope="module")
def key(registry):
    """A key of the administrator that reaches everywhere, as an assistant too."""
    from odoo import SUPERUSER_ID, Command, api

    with registry.cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        scopes = env["kpi.api.scope"].search([])
        env["ir.config_parameter"].set_param("kpi_tracking_connector.mcp_is_on", True)
        text, _key = (
            env["kpi.api.key"]
            .with_user(env.ref("base.user_admin"))
            ._generate(
                {"name": "Pages", "scope_ids": [Command.set(scopes.ids)]},
                datetime.now() + timedelta(days=1),
            )
        )
    return text


@pytest.fixture(scope="module")
def server(database, key, tmp_path_factory):
    """Odoo with the demo company, and what samples of REST name."""
    log = tmp_path_factory.mktemp("docs") / "odoo.log"
    found = OdooServer(database, log)
    found.start()
    yield found
    found.stop()


@pytest.fixture
def variables(server, key, env):
    """The variables of the shell that the samples use."""
    named = {"KPI_KEY": key}
    for name, (model, field, condition) in NAMED.items():
        record = env[model].search(condition, order="id", limit=1)
        named[name] = str(record[field].id if field == "agent_id" else record[field])
    return named


@pytest.fixture(scope="module")
def restored(database):
    """The name of a copy that backups are loaded into."""
    import databases

    name = f"{database}_restored"
    yield name
    databases.drop(name, force=True)


@pytest.fixture(scope="module")
def places(database, restored, tmp_path_factory):
    """What the pages call a place or a database → what it is here."""
    folder = tmp_path_factory.mktemp("machine")
    (folder / "backups").mkdir()
    return {
        # Quoted, as there may be a space in them: what follows is joined to it.
        "/etc/odoo/odoo.conf": shlex.quote(os.environ["ODOO_RC"]),
        "/var/backups/odoo": shlex.quote(str(folder / "backups")),
        "/var/lib/odoo": shlex.quote(str(Path(os.environ["KPI_STATE"], "data"))),
        "kpi_restored": restored,
        # a database of that name, no part of a word or path
        r"(?<![\w./-])kpi(?![\w./-])": database,
        r"(?<=filestore/)kpi(?![\w./-])": database,
    }


@pytest.fixture
def run_shell(places, variables, server):
    """Runs the lines of a block, with the places and names of this machine."""
    prelude = """
        set -euo pipefail
        odoo() { "$PYTHON" "$ODOO_BIN" "$@"; }
        python() { "$PYTHON" "$@"; }
        curl() { command curl --silent --show-error --fail-with-body "$@"; echo; }
    """

    def run(text):
        text = text.replace("https://odoo.example.com", server.url)
        for there, here in places.items():
            text = re.sub(there, here, text)
        return subprocess.run(
            ["bash", "-c", prelude + text],
            cwd=ROOT,
            env={**os.environ, **variables, "PYTHON": sys.executable},
            capture_output=True,
            text=True,
            timeout=300,
        )

    return run
