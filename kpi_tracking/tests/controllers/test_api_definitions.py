from datetime import date, timedelta

from odoo.tests import tagged

from .api_case import KpiApiCase


@tagged("post_install", "-at_install")
class TestApiDefinitions(KpiApiCase):
    """Filters, order and fields of lists of KPIs; pages are kpi_base's."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        names = ("Bee", "Ant", "Cat", "Ant", "Dog")
        cls.made = cls.env["kpi.definition"].union(
            *(
                cls._definition(f"Api {name}", f"api_list_{place}")
                for place, name in enumerate(names)
            )
        )

    def _walk(self, query):
        """All rows of a list, page by page of two."""
        rows, cursor = [], ""
        while cursor is not None:
            more = f"&cursor={cursor}" if cursor else ""
            page = self.ask(f"/definitions?limit=2&{query}{more}").json()
            rows += page["items"]
            cursor = page["next_cursor"]
        return rows

    def test_rows_come_in_the_order_asked_for(self):
        names = [row["name"] for row in self._walk("name=Api&sort=-name")]
        wanted = ["Api Dog", "Api Cat", "Api Bee", "Api Ant", "Api Ant"]
        self.assertEqual(names, wanted)

    def test_a_cursor_belongs_to_its_list(self):
        cursor = self.ask("/definitions?limit=1&name=Api").json()["next_cursor"]
        self.assertProblem(self.ask(f"/reports?cursor={cursor}"), "invalid")

    def test_only_the_fields_asked_for_come_back(self):
        (row,) = self.ask("/definitions?code=api_list_0&fields=name").json()["items"]
        self.assertEqual(row, {"id": self.made[0].id, "name": "Api Bee"})

    def test_filters_are_taken_together(self):
        rows = self._walk("name=Ant&code=api_list_1")
        self.assertEqual([row["id"] for row in rows], self.made[1].ids)

    def test_a_badge_and_who_stands_for_it(self):
        bee = self.made[0]
        admin = self.env.ref("base.user_admin")
        bee.with_user(admin)._certify(date.today() + timedelta(days=30))
        (row,) = self._walk("name=Api&certification=certified")
        self.assertEqual(row["id"], bee.id)
        self.assertEqual(row["certification"], "certified")
        self.assertEqual(row["verified_by"]["id"], admin.id)
        self.assertEqual(row["review_by"], str(bee.review_by))
        (other,) = self.ask("/definitions?code=api_list_1").json()["items"]
        self.assertIsNone(other["certification"])
        self.assertIsNone(other["verified_by"])

    def test_a_row_reads_what_it_shows(self):
        """Not all that there is of the KPI, its definition and its company: that took
        longer than the rest of the answer."""
        path = f"/reports/{self.report.id}"
        self.ask(path)
        with self.assertLogs("odoo.sql_db", "DEBUG") as logs:
            self.ask(path)
        read = [line for line in logs.output if 'SELECT "kpi_' in line]
        self.assertTrue(read)
        for line in read:
            self.assertNotRegex(line, "sparkline|threshold_1|formula|shared_with")

    def test_a_long_list_takes_no_more_queries(self):
        query = "/definitions?name=Api&limit="
        self.ask(f"{query}1")
        with self.assertQueryCount(60):
            self.ask(f"{query}100")
