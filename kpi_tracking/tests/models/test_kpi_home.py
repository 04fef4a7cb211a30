from datetime import date
from unittest.mock import patch

from odoo.tests import tagged

from .entered_case import EnteredCase


@tagged("post_install", "-at_install")
class TestKpiHome(EnteredCase):
    """What got better, what got worse and what needs whoever looks."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["kpi.report"].search(
            [("id", "not in", (cls.revenue | cls.complaints).ids)]
        ).active = False
        cls.calendar._ensure_days(date(2025, 1, 1), date(2026, 12, 31))

    def _summary(self, user):
        with self._at("2026-03-11 12:00:00"):
            return self._as(user, self.env["kpi.home"]).get_summary()

    def _named(self, rows):
        return [row["name"].partition(" – ")[0] for row in rows]

    def test_kpis_are_compared_by_what_they_reach(self):
        """Revenue 120 → 90 of 100; complaints 0 → 3 of at most 4."""
        found = self._summary(self.officer)
        self.assertEqual(self._named(found["better"]), [])
        self.assertCountEqual(self._named(found["worse"]), ["Revenue", "Complaints"])
        row = next(row for row in found["worse"] if row["name"].startswith("Revenue"))
        self.assertEqual((row["value"], row["previous"]), (90, 120))
        self.assertEqual(row["change"], -0.25)
        self.assertEqual((row["kpi"], row["scope"]), ("Revenue", ""))  # the company's
        self.assertEqual(row["period"]["start"], "2026-02-01")

    def test_fewer_is_better_where_lower_is(self):
        values = {"2026-01": 6, "2026-02": 3}
        self._entered("Defects", values, direction="lower")
        found = self._summary(self.officer)
        self.assertEqual(self._named(found["better"]), ["Defects"])

    def test_what_has_a_target_comes_first(self):
        self._entered("Slump", {"2026-01": 100, "2026-02": 1})
        worse = self._named(self._summary(self.officer)["worse"])
        self.assertCountEqual(worse[:2], ["Revenue", "Complaints"])
        self.assertEqual(worse[2:], ["Slump"])

    def test_a_running_period_is_not_compared(self):
        self._fill(self.revenue, {"2026-03": 1})
        (row,) = (
            row
            for row in self._summary(self.officer)["worse"]
            if row["name"].startswith("Revenue")
        )
        self.assertEqual(row["value"], 90)

    def test_at_most_five_rows(self):
        for place in range(1, 8):
            self._entered(f"More {place}", {"2026-01": 10, "2026-02": 10 + place})
        better = self._summary(self.officer)["better"]
        expected = [f"More {place}" for place in (7, 6, 5, 4, 3)]
        self.assertEqual(self._named(better), expected)

    def test_people_see_what_they_answer_for(self):
        own = self._track(self.revenue.definition_id, self.user)
        east = self._track(self.revenue.definition_id, self.east)
        for kpi in (own, east):
            self._fill(kpi, {"2026-01": 1, "2026-02": 2})
        for user, name, scope in (
            (self.user, "Revenue – user", "user"),
            (self.manager, "Revenue – Sales / East", "East"),
        ):
            found = self._summary(user)
            shown = [row["name"] for row in (*found["better"], *found["worse"])]
            self.assertEqual(shown, [name])
            said = [(r["kpi"], r["scope"]) for r in (*found["better"], *found["worse"])]
            self.assertEqual(said, [("Revenue", scope)])
        stranger = self._create_user("stranger", groups="kpi_base.kpi_base_group_user")
        found = self._summary(stranger)
        self.assertFalse(found["better"] or found["worse"] or found["needs"])

    def test_addons_show_panels_to_whoever_looks(self):
        """A panel is read with the rights of whoever looks, after those before it."""
        home = type(self.env["kpi.home"])
        before = home._get_panels

        def _get_panels(home):
            return {**before(home), "addon.panel": [home.env.user.login, home.env.su]}

        with patch.object(home, "_get_panels", _get_panels):
            panels = self._summary(self.user)["panels"]
        self.assertEqual(panels["addon.panel"], ["user", False])
        self.assertEqual(self._summary(self.user)["panels"].get("addon.panel"), None)

    def test_addons_say_what_waits_for_whoever_looks(self):
        """What is late comes first, whoever says it."""
        home = type(self.env["kpi.home"])
        before = home._get_needs

        def _get_needs(home):
            user = home.env.user
            late = home._prepare_need("review", user, "Late", None, urgency=0)
            soon = home._prepare_need("review", user, "Soon", date(2026, 3, 12))
            return [soon, *before(home), late]

        with patch.object(home, "_get_needs", _get_needs):
            found = self._summary(self.user)
        self.assertEqual([item["text"] for item in found["needs"]], ["Late", "Soon"])
        self.assertEqual(found["needs_counts"], {"review": 2})
        self.assertEqual(found["needs"][1]["date"], "2026-03-12")
        self.assertEqual(found["needs"][0]["res_id"], self.user.id)

    def test_statements_do_not_grow_with_kpis(self):
        def statements():
            self._summary(self.officer)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self._as(self.officer, self.env["kpi.home"]).get_summary()
            return self.env.cr.sql_log_count - before

        few = statements()
        for place in range(9):
            self._entered(f"More {place}", {"2026-01": 10, "2026-02": 20}, target=9)
        self.assertEqual(statements(), few)
