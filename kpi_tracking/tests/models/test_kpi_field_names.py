from odoo.tests import TransactionCase, tagged
from odoo.tools.sql import column_exists

from odoo.addons.kpi_base.columns import rename_field


@tagged("post_install", "-at_install")
class TestKpiFieldNames(TransactionCase):
    """A stored field gets another name: its column, and what people saved with it."""

    def test_what_was_saved_with_the_former_name_follows(self):
        cr, model = self.cr, "kpi.target.value"
        saved = self.env["ir.filters"].create(
            {
                "name": "Rated",
                "model_id": model,
                "domain": "[('rated_at', '!=', False), ('updated_at', '=', 1)]",
                "context": "{'group_by': ['rated_at:month']}",
                "sort": '["rated_at desc"]',
            }
        )
        export = self.env["ir.exports"].create(
            {
                "resource": model,
                "export_fields": [(0, 0, {"name": "rated_at"})],
            }
        )
        self.env.flush_all()
        rename_field(cr, model, "rated_at", "judged_at")
        self.assertTrue(column_exists(cr, "kpi_target_value", "judged_at"))
        self.env.invalidate_all()
        self.assertIn("'judged_at'", saved.domain)
        self.assertIn("'updated_at'", saved.domain)
        self.assertEqual(saved.context, "{'group_by': ['judged_at:month']}")
        self.assertEqual(saved.sort, '["judged_at desc"]')
        self.assertEqual(export.export_fields.name, "judged_at")
        cr.execute(
            "SELECT data.name, field.name FROM ir_model_fields field"
            " JOIN ir_model_data data ON data.res_id = field.id"
            " AND data.model = 'ir.model.fields'"
            " WHERE field.model = %s AND field.name = 'judged_at'",
            [model],
        )
        self.assertEqual(
            cr.fetchall(), [("field_kpi_target_value__judged_at", "judged_at")]
        )
        # a second update finds nothing to do
        rename_field(cr, model, "rated_at", "judged_at")
        rename_field(cr, model, "judged_at", "rated_at")
        self.assertTrue(column_exists(cr, "kpi_target_value", "rated_at"))
