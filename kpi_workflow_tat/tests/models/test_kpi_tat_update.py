from odoo.tests import tagged
from odoo.tools import SQL

from .tat_case import TatCase

MODELS = (
    "kpi.tat.request",
    "kpi.tat.level",
    "kpi.tat.alert",
    "kpi.tat.hold",
    "kpi.tat.calendar",
)


@tagged("post_install", "-at_install")
class TestKpiTatUpdate(TatCase):
    """An update of the addon where there are requests already."""

    freeze_time = None  # tables are found by the search path, which a clock changes

    def _read_tables(self):
        self.env.flush_all()
        return {
            model: self.env.execute_query(
                SQL(
                    "SELECT * FROM %s ORDER BY id",
                    SQL.identifier(self.env[model]._table),
                )
            )
            for model in MODELS
        }

    def test_filled_tables_stay_as_they_are(self):
        request = self._submit()
        row = self._get_row(request, self.ann)
        row._remind(row.tat50_due_at)
        request.with_user(self.ann).action_hold("Offer")
        before = self._read_tables()
        self.assertTrue(all(before.values()))
        module = {"module": "kpi_workflow_tat"}
        self.registry.init_models(self.cr, MODELS, module, install=False)
        self.assertEqual(self._read_tables(), before)
        self.env.invalidate_all()
        self.assertEqual(request.request_id, request.id)
        self.assertEqual(
            self.env["kpi.tat.workflow.aging"].search_count(
                [("request_id", "=", request.id)]
            ),
            1,
        )
