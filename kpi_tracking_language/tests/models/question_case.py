from datetime import date

from odoo.tests import TransactionCase, freeze_time, new_test_user

from ...models import kpi_nlp_processor_reading


@freeze_time("2026-03-18")
class QuestionCase(TransactionCase):
    """An officer, and two KPIs that questions are asked about."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.department = cls.env["hr.department"].create({"name": "Asked Sales"})
        cls.visits = cls._definition("Asked Visits", "asked_visits")
        cls.orders = cls._definition("Asked Orders", "asked_orders")
        cls.own = cls.visits._track_for("company", cls.env.company)
        cls.of_sales = cls.visits._track_for("department", cls.department)
        cls.orders_of_sales = cls.orders._track_for("department", cls.department)
        reports = cls.own | cls.of_sales | cls.orders_of_sales
        values = {
            cls.own: (100, 120, 90),
            cls.of_sales: (10, 20, 30),
            cls.orders_of_sales: (5, 4, 3),
        }
        rows = [
            (report.id, date(2025 + (month == 1), month, 1), value)
            for report in reports
            for month, value in zip((11, 12, 1), values[report], strict=True)
        ]
        cls.env["kpi.measurement"]._upsert("month", rows, source="api")
        for report, target in ((cls.of_sales, 25), (cls.orders_of_sales, 10)):
            cls.env["kpi.target"].create(
                {
                    "report_id": report.id,
                    "date_from": date(2025, 1, 1),
                    "value": target,
                }
            )
        cls.officer = new_test_user(
            cls.env, "asked_officer", "base.group_user,kpi_base.kpi_base_group_officer"
        )

    def setUp(self):
        super().setUp()
        kpi_nlp_processor_reading._CATALOGUES.clear()
        self.processor = self.env["kpi.nlp.processor"].with_user(self.officer)

    @classmethod
    def _definition(cls, name, code):
        values = {"frequency": "month", "history_start": date(2023, 1, 1)}
        return cls.env["kpi.definition"].create(values | {"name": name, "code": code})

    def _ask(self, question):
        found = self.processor.process_natural_language_query(question)
        self.assertEqual(found["outcome"], "answered", found)
        return found

    def _values(self, question):
        return [row["value"] for row in self._ask(question)["rows"]]

    def _codes(self, question):
        return [row["code"] for row in self._ask(question)["rows"]]
