"""Every command and sample of README.md and docs/*.md does what the page says."""

import base64
import os
import re
import subprocess
import sys
from datetime import date
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from blocks import ALL, NOT_RUN, TEXTS, run_here

import databases
from odoo_server import OdooServer

ODOOS_BACKUP = re.compile(r"odoo db \S+ \S+ (dump|load)|odoo neutralize")
LANGUAGES = {"ini", "json", "python", "sh", "sql", "xml", *TEXTS}
# what the samples for developers take as given
GIVEN = """
from typing import Annotated, ClassVar
from odoo import api, http
from odoo.addons.kpi_base.controllers.prefix import RestPrefix
from odoo.addons.kpi_base.rest.resource import Resource
from odoo.addons.kpi_base.rest.rows import read_values
from odoo.addons.kpi_base.schemas.base import (
    Answer, Body, Fields, Moment, Name, OrNone, Row,
)
from odoo.addons.kpi_tracking.tests.controllers.api_case import KpiApiCase
"""
READ_CONFIGURATION = """
import sys
from odoo.tools import config
config.parse_config(["-c", sys.argv[1]], setup_logging=True)
"""


def by_name(block):
    return block.name


def test_each_block_says_its_language_or_why_it_is_not_run():
    assert [b.name for b in ALL if b.language not in LANGUAGES and not b.reason] == []
    assert len(NOT_RUN) == 22, [(block.name, block.reason) for block in NOT_RUN]


def assert_succeeds(process):
    assert process.returncode == 0, process.stdout + process.stderr
    assert "Traceback" not in process.stderr
    assert not re.search(r'"refused": ?[1-9]', process.stdout)


@pytest.mark.parametrize(
    "block", [b for b in run_here("sh") if not ODOOS_BACKUP.search(b.text)], ids=by_name
)
def test_commands_succeed(block, run_shell, restored):
    if "createdb" in block.text:
        databases.drop(restored, force=True)
    assert_succeeds(run_shell(block.text))


@pytest.mark.long
def test_a_backup_is_loaded_and_neutralized(run_shell, restored, key, tmp_path):
    """In a neutralized copy the key of the original opens nothing."""
    databases.drop(restored, force=True)
    blocks = [b for b in run_here("sh") if ODOOS_BACKUP.search(b.text)]
    assert [ODOOS_BACKUP.search(b.text)[0] for b in blocks] == [
        "odoo db -c /etc/odoo/odoo.conf dump",
        "odoo db -c /etc/odoo/odoo.conf load",
        "odoo neutralize",
    ]
    for block in blocks:
        assert_succeeds(run_shell(block.text))
    copy = OdooServer(restored, tmp_path / "odoo.log", workers=0)
    copy.start()
    try:
        request = Request(f"{copy.url}/api/kpi/reports")
        request.add_header("Authorization", f"Bearer {key}")
        with pytest.raises(HTTPError) as refused:
            urlopen(request, timeout=60)
    finally:
        copy.stop()
    assert refused.value.code == 401


def test_the_year_is_exported_without_a_refusal(run_shell):
    """Each KPI gets a value for each of its periods, no more."""
    (block,) = [b for b in run_here("sh") if "api_export.py" in b.text]
    *told, last = run_shell(block.text).stdout.strip().splitlines()
    assert told
    assert [line for line in told if not line.endswith("'refused': 0}")] == []
    assert last.startswith("{")


@pytest.mark.parametrize("block", run_here("json"), ids=by_name)
def test_packs_can_be_imported(block, env):
    file = base64.b64encode(block.text.encode())
    wizard = env["kpi.pack.import"].create({"file": file, "file_name": "pack.json"})
    wizard.action_preview()
    assert wizard.impossible_count == 0, wizard.line_ids.mapped("differences")
    wizard.line_ids.is_chosen = True
    wizard.action_import()


@pytest.mark.parametrize("block", run_here("xml"), ids=by_name)
def test_fields_can_stand_in_a_view(block, env):
    model = env["ir.model"]._get("crm.lead")
    field = {"name": "x_goal", "model_id": model.id, "ttype": "float"}
    env["ir.model.fields"].create(field)
    view = env["ir.ui.view"].create(
        {
            "name": "Sample",
            "model": "crm.lead",
            "arch": f"<list>{block.text}<field name='x_goal'/></list>",
        }
    )
    assert env["crm.lead"].get_view(view.id)["arch"].count("kpi_gauge") == 1


@pytest.mark.parametrize("block", run_here("sql"), ids=by_name)
def test_queries_find_rows(block, env):
    """With the numbers of a request and a level that have reminders."""
    alert = env["kpi.tat.alert"].search([], limit=1)
    text = block.text.replace("request_id = 1", f"request_id = {alert.request_id.id}")
    env.cr.execute(block.text)
    env.cr.execute(text.replace("level_id = 2", f"level_id = {alert.level_id.id}"))
    assert env.cr.fetchall()


@pytest.mark.parametrize("block", run_here("python"), ids=by_name)
def test_code_runs(block, env):
    named = [("definition_id.code", "=", "order_value"), ("scope_type", "=", "company")]
    report = env["kpi.report"].search(named, limit=1)
    names = {"env": env, "reports": report, "report": report, "date": date}
    names["today"] = date.today()
    exec(GIVEN, names)  # noqa: S102 what the docs take as given
    code = compile(block.text, block.name, "exec")
    exec(code, names)  # noqa: S102 samples run as they are printed


@pytest.mark.parametrize("block", run_here("ini"), ids=by_name)
def test_odoo_knows_the_options(block, tmp_path):
    file = tmp_path / "odoo.conf"
    text = block.text if "[options]" in block.text else f"[options]\n{block.text}"
    addons = Path(os.environ["ODOO_RC"]).read_text().split("addons_path = ")[1]
    text = re.sub(r"(?m)^logfile = .*\n", "", text)  # it is read below
    text = text.replace("/opt/odoo/addons,/opt/kpi-suite", addons.splitlines()[0])
    file.write_text(text.replace("/var/lib/odoo", str(tmp_path)))
    command = [sys.executable, "-c", READ_CONFIGURATION, str(file)]
    process = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert process.returncode == 0, process.stderr
    assert "option" not in process.stderr


def test_examples_of_formulas_are_formulas():
    from odoo.addons.kpi_tracking.engine.formula import parse

    page = (Path(__file__).parents[2] / "docs" / "formulas.md").read_text()
    table = page.split("\n## Examples\n\n")[1].split("\n\n")[0]
    formulas = re.findall(r"^\| [^|]+ \| `([^`]+)`", table, re.MULTILINE)
    (first,) = re.findall(r"```text\n(100 .+)\n```", page)
    assert len(formulas) == 8
    for formula in [first, *formulas]:
        parse(formula)


def test_the_list_of_apps_shows_the_pages_with_their_pictures(env):
    ours = env["ir.module.module"].search([("author", "=", "KPI Suite")])
    for addon in ours:
        page = addon.sudo().description_html
        pictures = re.findall(r'<img src="/([^"]+)"', page)
        assert pictures, addon.name
        for picture in pictures:
            assert (Path(__file__).parents[2] / picture).is_file()
