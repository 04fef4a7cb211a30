import importlib.util

from odoo.fields import Command
from odoo.modules.module import get_module_path
from odoo.tests import tagged
from odoo.tools import SQL
from odoo.tools.sql import column_exists

from odoo.addons.kpi_base.columns import rename_field

from ..common import KpiCase

MODEL = "kpi.target.value"


@tagged("post_install", "-at_install")
class TestKpiFieldNames(KpiCase):
    """A stored field gets another name: its column, and what people saved with it."""

    def _rename(self, old, new):
        self.env.flush_all()
        rename_field(self.cr, MODEL, old, new)
        self.env.invalidate_all()

    def _assert_follows(self, records, **texts):
        """``rated_at`` in these fields is called ``judged_at``, and then again so.

        :param texts: field → its text with the former name
        """
        current = {name: records[name] for name in texts}
        self._rename("rated_at", "judged_at")
        self.assertEqual({name: records[name] for name in texts}, texts)
        self._rename("judged_at", "rated_at")
        self.assertEqual({name: records[name] for name in texts}, current)

    def _set(self, record, **values):
        """Store values that are not checked, as those of a former version."""
        self.env.flush_all()
        for name, value in values.items():
            self.cr.execute(
                SQL(
                    "UPDATE %s SET %s = %s WHERE id = %s",
                    SQL.identifier(record._table),
                    SQL.identifier(name),
                    value,
                    record.id,
                )
            )
        self.env.invalidate_all()

    def _filter(self, model, **values):
        return self.env["ir.filters"].create(
            {"name": "Rated", "model_id": model, **values}
        )

    def test_the_column_and_its_external_id(self):
        self._rename("rated_at", "judged_at")
        self.assertTrue(column_exists(self.cr, "kpi_target_value", "judged_at"))
        self.cr.execute(
            "SELECT data.name, field.name FROM ir_model_fields field"
            " JOIN ir_model_data data ON data.res_id = field.id"
            " AND data.model = 'ir.model.fields'"
            " WHERE field.model = %s AND field.name = 'judged_at'",
            [MODEL],
        )
        self.assertEqual(
            self.cr.fetchall(), [("field_kpi_target_value__judged_at", "judged_at")]
        )
        # a second update finds nothing to do
        self._rename("rated_at", "judged_at")
        self._rename("judged_at", "rated_at")
        self.assertTrue(column_exists(self.cr, "kpi_target_value", "rated_at"))

    def test_a_filter_of_the_model(self):
        saved = self._filter(
            MODEL,
            domain="[('rated_at', '!=', False), ('updated_at', '=', 1)]",
            context="{'group_by': ['rated_at:month', 'report_id']}",
            sort='["rated_at desc"]',
        )
        self._assert_follows(
            saved,
            domain="[('judged_at', '!=', False), ('updated_at', '=', 1)]",
            context="{'group_by': ['judged_at:month', 'report_id']}",
            sort='["judged_at desc"]',
        )

    def test_filters_of_models_that_lead_to_it(self):
        path = "target_value_ids.rated_at"
        former = "target_value_ids.judged_at"
        saved = self._filter(
            "kpi.report",
            domain=f"[('{path}', '<', context_today()), ('name', '=', '{path}')]",
            context=f"{{'group_by': ['{path}:month']}}",
            sort=f'["{path}"]',
        )
        self._assert_follows(
            saved,
            domain=f"[('{former}', '<', context_today()), ('name', '=', '{path}')]",
            context=f"{{'group_by': ['{former}:month']}}",
            sort=f'["{former}"]',
        )
        saved = self._filter(
            "kpi.target",
            domain="[('report_id.target_value_ids', 'any', [('rated_at', '!=', 0)]),"
            f" ('report_id.{path}', '!=', 0), ('rated_at', '=', 0)]",
        )
        self._assert_follows(
            saved,
            domain="[('report_id.target_value_ids', 'any', [('judged_at', '!=', 0)]),"
            f" ('report_id.{former}', '!=', 0), ('rated_at', '=', 0)]",
        )

    def test_lists_of_exported_fields(self):
        for model, path in (
            (MODEL, "rated_at"),
            ("kpi.report", "target_value_ids/rated_at"),
            ("kpi.target", "report_id/target_value_ids/rated_at"),
        ):
            export = self.env["ir.exports"].create(
                {"resource": model, "export_fields": [Command.create({"name": path})]}
            )
            former = path.replace("rated_at", "judged_at")
            self._assert_follows(export.export_fields, name=former)

    def test_windows_and_rules_of_access(self):
        domain = "[('target_value_ids.rated_at', '!=', False)]"
        former = domain.replace("rated_at", "judged_at")
        window = self.env["ir.actions.act_window"].create(
            {"name": "Rated", "res_model": "kpi.report", "domain": domain}
        )
        self._assert_follows(window, domain=former)
        model = self.env["ir.model"]._get("kpi.report")
        rule = self.env["ir.rule"].create(
            {"name": "Rated", "model_id": model.id, "domain_force": domain}
        )
        self._assert_follows(rule, domain_force=former)

    def test_kpis_and_their_filters(self):
        definition = self._definition("Rated Periods")
        self._set(
            definition,
            model_name=MODEL,
            date_field="rated_at",
            domain="[('rated_at', '!=', False)]",
            measure_field="report_id.target_value_ids.rated_at",
        )
        self._assert_follows(
            definition,
            date_field="judged_at",
            domain="[('judged_at', '!=', False)]",
            measure_field="report_id.target_value_ids.judged_at",
        )

    def test_an_update_of_the_former_version(self):
        renamed = [
            (MODEL, "judged_at", "rated_at"),
            (MODEL, "judged_value", "rated_value"),
            ("kpi.period.report", "judged_by", "target_basis"),
        ]
        self.env.flush_all()
        for model, old, new in renamed:
            rename_field(self.cr, model, new, old)
        saved = self.env["ir.filters"]
        for model, old, _new in renamed:
            saved |= self._filter(model, domain=f"[('{old}', '!=', False)]")
        saved |= self._filter(
            "kpi.report", domain="[('target_value_ids.judged_value', '>', 0)]"
        )
        self.env.flush_all()
        folder = get_module_path("kpi_tracking") + "/migrations/19.0.1.5.0"
        spec = importlib.util.spec_from_file_location(
            "pre_field_names", f"{folder}/pre-field-names.py"
        )
        script = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(script)
        script.migrate(self.cr, "19.0.1.4.0")
        self.env.invalidate_all()
        self.assertEqual(
            saved.mapped("domain"),
            [f"[('{new}', '!=', False)]" for _model, _old, new in renamed]
            + ["[('target_value_ids.rated_value', '>', 0)]"],
        )
        for model, _old, new in renamed:
            table = model.replace(".", "_")
            self.assertTrue(column_exists(self.cr, table, new), new)
