from odoo.tests import TransactionCase, tagged

from .. import takeover


@tagged("post_install", "-at_install")
class TestTakeover(TransactionCase):
    """Groups and versions; full upgrades are in tests/."""

    def _set_version(self, version):
        self.env.flush_all()
        self.cr.execute(
            "UPDATE ir_module_module SET latest_version = %s"
            " WHERE name = 'kpi_tracking'",
            (version,),
        )

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
        self._set_version("18.0.18.1.0")
        takeover.begin(self.cr)
        self.env.invalidate_all()
        self.env.registry.clear_cache()
        self.assertEqual(self.env.ref("kpi_base.kpi_base_group_manager"), group)

    def test_another_predecessor_is_refused_before_anything_is_changed(self):
        for version in ("18.0.18.1.0", "18.1", "18.1.4"):
            self._set_version(version)
            takeover.begin(self.cr)
        for version in (
            "18.0.1.1.0",
            "18.0.18.10.0",
            "18.0.18.2.0",
            "18.2",
            "17.0.1.0.0",
        ):
            self._set_version(version)
            with self.assertRaisesRegex(RuntimeError, f"kpi_tracking {version};"):
                takeover.begin(self.cr)
