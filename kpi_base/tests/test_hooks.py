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

    def test_the_groups_of_the_predecessor_keep_their_members(self):
        group = self.env["res.groups"].create({"name": "Old KPI managers"})
        names = self.env["ir.model.data"]
        known = [("module", "=", "kpi_base"), ("name", "=", "kpi_base_group_manager")]
        names.search(known).name = "kpi_base_group_set_aside"
        names.create(
            {
                "module": "kpi_tracking",
                "name": "group_kpi_manager",
                "model": "res.groups",
                "res_id": group.id,
            }
        )
        self.env.flush_all()
        hooks.pre_init_hook(self.env)
        self.env.invalidate_all()
        self.env.registry.clear_cache()
        self.assertEqual(self.env.ref("kpi_base.kpi_base_group_manager"), group)

    def test_another_predecessor_is_refused_before_anything_is_changed(self):
        module = self.env["ir.module.module"].search([("name", "=", "kpi_tracking")])
        if not module:
            module = module.create({"name": "kpi_tracking"})
        self.cr.execute(
            "CREATE TABLE IF NOT EXISTS kpi_report (id integer);"
            "ALTER TABLE kpi_report ADD COLUMN kpi_type varchar"
        )
        for version, is_known in (
            ("18.0.18.1.0", True),
            ("18.1", True),
            ("18.1.4", True),
            ("18.0.1.1.0", False),
            ("18.0.18.10.0", False),
            ("18.0.18.2.0", False),
            ("18.2", False),
            ("17.0.1.0.0", False),
        ):
            self.cr.execute(
                "UPDATE ir_module_module SET latest_version = %s WHERE id = %s",
                (version, module.id),
            )
            if is_known:
                with patch.object(hooks.importlib.util, "find_spec", return_value=None):
                    with self.assertRaisesRegex(RuntimeError, "openupgradelib"):
                        hooks._refuse_other_predecessor(self.env)
                with patch.object(hooks.importlib.util, "find_spec"):
                    hooks._refuse_other_predecessor(self.env)
            else:
                with self.assertRaisesRegex(RuntimeError, f"kpi_tracking {version};"):
                    hooks.pre_init_hook(self.env)
