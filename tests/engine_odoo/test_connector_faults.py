"""A process that is killed while it writes a file for other programs."""

import gzip
import json
import time
from contextlib import closing

import pytest
from fault_processes import kill, killed_at_last, rows, run, start, wait_for

from odoo import SUPERUSER_ID, api

SHARES_DATABASE = True
FILES = "SELECT id FROM kpi_bi_export"
STATE = "SELECT next_export_at > now(), last_error IS NULL FROM kpi_bi_connector"


@pytest.fixture
def due(registry, tmp_path, monkeypatch):
    """A file that is due, to be sent to a server that trusts and is trusted."""
    from odoo.addons.kpi_base.engine.sealing import generate_key
    from odoo.addons.kpi_tracking_connector.tests.sftp_server import (
        PASSWORD,
        USER,
        SftpServer,
    )

    monkeypatch.setenv("KPI_SECRET_KEYS", generate_key())
    with SftpServer(tmp_path) as server, closing(registry.cursor()) as cr:
        env = api.Environment(cr, SUPERUSER_ID, {"lang": "en_US"})
        env["ir.config_parameter"].set_param("kpi_base.outgoing_hosts", server.place)
        env["kpi.bi.connector"].search([]).unlink()
        connector = env["kpi.bi.connector"].create(
            {
                "name": "Nightly",
                "connector_type": "json_feed",
                "owner_id": env.ref("base.user_admin").id,
                "sftp_host": server.place,
                "sftp_user": USER,
                "sftp_password": PASSWORD,
            }
        )
        connector.action_test()
        connector.action_trust_sftp()
        connector.action_export()
        cr.commit()
        yield server


def whole_files(server):
    """Names without what is being written; each file is what its manifest says."""
    paths = [path for path in server.folder.iterdir() if path.suffix == ".gz"]
    for path in paths:
        lines = gzip.decompress(path.read_bytes()).splitlines()
        manifest = path.with_name(f"{path.name}.json")
        if manifest.exists():
            assert json.loads(manifest.read_text())["rows"] == len(lines)
    return [path.name for path in paths]


def assert_taken_up(database, server, count):
    """The next run writes the file, and the one after it nothing."""
    for _time in range(2):
        run(database, "export")
    assert len(whole_files(server)) == count
    assert len(rows(database, FILES)) == 1
    assert rows(database, STATE) == [(True, True)]
    assert list(server.folder.glob(".*")) == []


def test_a_kill_in_mid_file_leaves_no_half_file_with_its_name(module_database, due):
    due.goes_on.clear()
    with killed_at_last(start(module_database, "export")) as process:
        assert due.writing.wait(30)
        kill(process)
    assert whole_files(due) == []
    assert [path.suffix for path in due.folder.iterdir()] == [".part"]
    due.goes_on.set()
    assert rows(module_database, FILES) == []
    assert_taken_up(module_database, due, 1)


@pytest.mark.parametrize("command", ["step_written", "step_stored"])
def test_a_kill_before_it_is_stored_writes_it_again(module_database, due, command):
    with killed_at_last(start(module_database, command)) as process:
        wait_for(process, "in hand")
        kill(process)
    assert rows(module_database, FILES) == []
    assert len(whole_files(due)) == 1  # was sent, and comes once more
    time.sleep(1)  # until a file has another name
    assert_taken_up(module_database, due, 2)
