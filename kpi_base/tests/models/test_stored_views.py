from odoo.tests.common import TransactionCase

from ...stored_views import remove_inheriting_views


class TestStoredViews(TransactionCase):
    def _inherit(self, base, module, name):
        view = self.env["ir.ui.view"].create(
            {
                "name": name,
                "model": base.model,
                "inherit_id": base.id,
                "arch": "<xpath expr='/*' position='attributes'/>",
            }
        )
        self.env["ir.model.data"].create(
            {"name": name, "module": module, "model": view._name, "res_id": view.id}
        )
        return view

    def test_an_addon_s_own_changes_to_a_view_are_removed(self):
        """What other addons and users change stays."""
        base = self.env.ref("base.view_partner_form")
        own = self._inherit(base, "kpi_base", "own_change")
        foreign = self._inherit(base, "kpi_other", "foreign_change")
        of_other_view = self._inherit(
            self.env.ref("base.view_partner_tree"), "kpi_base", "change_elsewhere"
        )
        remove_inheriting_views(self.env.cr, "kpi_base", "base.view_partner_form")
        self.env.invalidate_all(flush=False)
        self.assertEqual(
            (own | foreign | of_other_view).exists(), foreign | of_other_view
        )
        self.assertFalse(self.env.ref("kpi_base.own_change", raise_if_not_found=False))
        remove_inheriting_views(self.env.cr, "kpi_base", "base.view_partner_form")
