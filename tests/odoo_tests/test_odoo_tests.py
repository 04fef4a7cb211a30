"""Odoo's own tests fail with the suite installed only where they do without it."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from odoo_faults import read_faults, tags_of

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "setup" / "lib"))

pytestmark = pytest.mark.long

SECONDS = 3 * 3600
# without gamification, whose tests run only while it is installed
APPS = ("base", "web", "mail", "hr", "crm", "sale", "project", "account", "calendar")
# what is not asked of us, and why
LEFT_OUT = {
    "TestPyLint": "setup/lint runs pylint",
    "ManifestLinter": "it does not know the keys of OCA",
    "TestTestHoles": "it wants pure tests to be imported by Odoo",
    "TestIndex": "kpi_base tries its rule, and takes other indexes that serve",
}
# OCA's, which stands beside ours
OTHERS = re.compile(r".*\(module='queue_job'.*")
COUNT = re.compile(r" odoo\.tests\.result: .* of (\d+) tests")


@pytest.mark.parametrize("app", APPS)
def test_apps(app, tmp_path):
    """Those that Odoo runs once all addons are installed."""
    from templates import counted_copy, foundation_copy

    faults = {f"post_install/{app}"}
    for _turn in range(2):  # some of Odoo's tours fail now and then, without us too
        if faults:
            with counted_copy() as database:
                faults = find_faults(database, tags_of(faults), tmp_path)
    if faults:
        with foundation_copy() as database:
            faults -= find_faults(database, tags_of(faults), tmp_path)
    assert not faults


def test_rules_of_code(tmp_path):
    from templates import counted_copy

    tags = ["/test_lint", *(f"-/test_lint:{name}" for name in LEFT_OUT)]
    with counted_copy() as database:
        faults = find_faults(database, tags, tmp_path, "-i", "test_lint")
    assert not faults


def find_faults(database, tags, folder, *options):
    """What fails of the tests with these tags, as ``read_faults`` names it."""
    from odoo_server import OdooServer

    server = OdooServer(database, folder / f"{database}.log")
    options = (*options, "--http-port", str(server.port), "--stop-after-init")
    command = server.command("server", *options, "--test-tags", ",".join(tags))
    with server.log.open("w") as log:
        subprocess.run(command, stdout=log, stderr=log, timeout=SECONDS, check=False)
    text = OTHERS.sub("", server.log.read_text(errors="replace"))
    assert sum(map(int, COUNT.findall(text))), text[-5000:]
    return read_faults(text)
