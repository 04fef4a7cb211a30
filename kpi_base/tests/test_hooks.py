import gzip
import json
from unittest.mock import patch

from odoo.tests import TransactionCase, tagged

from .. import hooks
from ..audit import AuditEvent


@tagged("post_install", "-at_install")
class TestHooks(TransactionCase):
    """Leftovers of uninstalling, and data taken over; full upgrades are in tests/."""

    def test_the_audit_log_outlives_the_addon(self):
        partner = self.env["res.partner"].create({"name": "Audited"})
        log = self.env["kpi.audit.log"]
        log._append([AuditEvent(partner, "moved", {"to": "Bergen"})])
        total = log.search_count([])
        hooks._export_audit_log(self.env)
        name = f"audit-log-{total}.jsonl.gz"
        (file,) = self.env["ir.attachment"].search([("name", "=", name)])
        lines = gzip.decompress(file.raw).splitlines()
        self.assertEqual(len(lines), total)
        self.assertIn("Bergen", lines[-1].decode())
        self.assertTrue(all(map(json.loads, lines)))

    def test_what_takes_over_the_predecessor_has_to_be_there(self):
        self.cr.execute(
            "CREATE TABLE IF NOT EXISTS kpi_report (id integer);"
            "ALTER TABLE kpi_report ADD COLUMN kpi_type varchar"
        )
        for name in ("odoo.addons.kpi_tracking_migration", "openupgradelib"):
            missing = ModuleNotFoundError(name=name)
            with (
                patch.object(hooks.importlib, "import_module", side_effect=missing),
                self.assertRaisesRegex(RuntimeError, f"there is no {name}. Nothing"),
            ):
                hooks.pre_init_hook(self.env)
