from odoo.tests import tagged

from .shelves import ShelvesCase


@tagged("post_install", "-at_install")
class TestApiLists(ShelvesCase):
    """Pages, filters, order and fields of lists."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        names = ("Bee", "Ant", "Cat", "Ant", "Dog")
        cls.made = cls.env["kpi.team"].create(
            [
                {"name": f"Api {name}", "linked_model": "sales", "linked_id": place}
                for place, name in enumerate(names)
            ]
        )

    def _walk(self, query):
        """All rows of a list, page by page of two."""
        rows, cursor = [], ""
        while cursor is not None:
            more = f"&cursor={cursor}" if cursor else ""
            page = self.ask(f"/teams?limit=2&{query}{more}").json()
            rows += page["items"]
            cursor = page["next_cursor"]
        return rows

    def test_pages_hold_every_row_once(self):
        # as of teams that were there before the column
        self.env.cr.execute(
            "UPDATE kpi_team SET linked_id = NULL WHERE id = %s", self.made[:1].ids
        )
        for sort in (
            *("id", "-id", "name", "-name", "create_date", "-created_at"),
            *("linked_id", "-linked_id"),
        ):
            with self.subTest(sort=sort):
                rows = self._walk(f"name=Api&sort={sort}")
                self.assertEqual(
                    sorted(row["id"] for row in rows), sorted(self.made.ids)
                )

    def test_rows_come_in_the_order_asked_for(self):
        names = [row["name"] for row in self._walk("name=Api&sort=-name")]
        wanted = ["Api Dog", "Api Cat", "Api Bee", "Api Ant", "Api Ant"]
        self.assertEqual(names, wanted)

    def test_a_new_row_shifts_no_page(self):
        first = self.ask("/teams?limit=2&name=Api&sort=-id").json()
        self.team.create({"name": "Api Elk"})
        cursor = first["next_cursor"]
        query = f"limit=2&name=Api&sort=-id&cursor={cursor}"
        second = self.ask(f"/teams?{query}").json()
        both = [row["id"] for row in first["items"] + second["items"]]
        self.assertEqual(both, sorted(self.made.ids, reverse=True)[:4])

    def test_a_cursor_belongs_to_its_list(self):
        cursor = self.ask("/teams?limit=1&name=Api").json()["next_cursor"]
        for query in (
            f"/teams?limit=1&name=Ant&cursor={cursor}",
            f"/teams?limit=1&name=Api&sort=name&cursor={cursor}",
            f"/places?cursor={cursor}",
            f"/teams?limit=1&name=Api&cursor={cursor}x",
        ):
            self.assertProblem(self.ask(query), "invalid")

    def test_only_the_fields_asked_for_come_back(self):
        (row,) = self.ask("/teams?number=0&name=Api&fields=name").json()["items"]
        self.assertEqual(row, {"id": self.made[0].id, "name": "Api Bee"})

    def test_filters_are_taken_together(self):
        rows = self._walk("name=Ant&number=1")
        self.assertEqual([row["id"] for row in rows], self.made[1].ids)

    def test_a_row_reads_what_it_shows(self):
        """Not all that there is of the record and what it belongs to: that took longer
        than the rest of the answer."""
        path = f"/teams/{self.made[0].id}"
        self.ask(path)
        with self.assertLogs("odoo.sql_db", "DEBUG") as logs:
            self.ask(path)
        for table, hidden in (
            ("kpi_team", "message_main_attachment_id"),
            ("res_company", "email_layout|primary_color"),
        ):
            read = [line for line in logs.output if f'SELECT "{table}"' in line]
            self.assertTrue(read)
            for line in read:
                self.assertNotRegex(line, hidden)

    def test_moments_are_in_utc_and_what_is_missing_is_null(self):
        row = self.ask(f"/teams/{self.made[0].id}").json()
        self.assertIsNone(row["leader"])
        made_at = self.made[0].create_date.isoformat(timespec="microseconds")
        self.assertEqual(row["create_date"].removesuffix("Z"), made_at)
        company = self.env.company
        self.assertEqual(row["company"], {"id": company.id, "name": company.name})
        self.made[0].leader_id = self.people["user"]
        row = self.ask(f"/teams/{self.made[0].id}?fields=leader,linked_model").json()
        self.assertEqual(row["leader"]["name"], "Api user")
        self.assertEqual(set(row), {"id", "leader", "linked_model"})

    def test_archived_ones_are_listed_when_asked_for_and_found(self):
        self.made[0].active = False
        self.assertEqual(len(self._walk("name=Api")), 4)
        (row,) = self._walk("name=Api&active=false")
        self.assertEqual((row["id"], row["active"]), (self.made[0].id, False))
        self.assertEqual(self.ask(f"/teams/{row['id']}").json()["name"], "Api Bee")

    def test_rows_of_other_companies_are_not_found(self):
        other = self.env["res.company"].create({"name": "Api Other"})
        foreign = self.team.create({"name": "Api Fox", "company_id": other.id})
        self.assertProblem(self.ask(f"/teams/{foreign.id}"), "not-found")
        self.assertNotIn(foreign.id, [row["id"] for row in self._walk("name=Api")])

    def test_a_long_list_takes_no_more_queries(self):
        query = "/teams?name=Api&limit="
        self.ask(f"{query}1")
        with self.assertQueryCount(60):
            self.ask(f"{query}100")
