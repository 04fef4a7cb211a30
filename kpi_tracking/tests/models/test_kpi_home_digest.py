import json
from datetime import date
from unittest.mock import patch

from odoo.tests import tagged

from .test_kpi_home import STEADY, HomeCase

FRIDAY, MONDAY = date(2026, 3, 6), date(2026, 3, 9)
TOTAL = {"aggregation_time": "sum", "decimals": 0}
MEAN = {"aggregation_time": "average", "decimals": 0}


@tagged("post_install", "-at_install")
class TestKpiHomeDigest(HomeCase):
    """What happened since a day: on 11 March 2026, a Wednesday."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._track_since("2026-01-05 08:00:00", cls.revenue | cls.complaints)

    @classmethod
    def _track(cls, definition, *records):
        kpis = super()._track(definition, *records)
        cls._track_since("2026-01-05 08:00:00", kpis)
        return kpis

    @classmethod
    def _track_since(cls, moment, kpis):
        cls.env.flush_all()
        cls.env.cr.execute(
            "UPDATE kpi_report SET create_date = %s WHERE id = ANY(%s)",
            (moment, kpis.ids),
        )
        kpis.invalidate_recordset(["create_date"])

    def _since(self, user, day, now="2026-03-11 12:00:00"):
        with self._at(now):
            return self._as(user, self.env["kpi.home"])._since(day)

    def _fill_at(self, moment, kpi, value):
        with self._at(moment):
            self._fill(kpi, {"2026-03": value})

    def _grow(self, name, **values):
        """A total of 20 on Friday, 30 on Tuesday and 50 on Wednesday."""
        kpi = self._entered(name, STEADY, **TOTAL, **values)
        self._fill_at("2026-03-06 12:00:00", kpi, 20)
        self._fill_at("2026-03-10 12:00:00", kpi, 30)
        self._fill_at("2026-03-11 09:00:00", kpi, 50)
        return kpi

    def test_a_total_says_by_how_much_it_grew(self):
        """50 of 100 × 10 / 31 that are due: 155%."""
        orders = self._grow("Orders", target=100)
        (item,) = self._since(self.officer, MONDAY)
        json.dumps(item)
        self.assertEqual(item["title"], "Orders +30")
        self.assertEqual(
            item["text"], "Mar 2026 is on track so far, at 155% of its target to date"
        )
        self.assertEqual((item["tone"], item["step"]), ("better", 1))
        self.assertEqual((item["model"], item["ids"]), ("kpi.report", orders.ids))
        self.assertEqual(item["context"], {"kpi_period": "2026-03-01"})

    def test_what_was_new_since_counts_from_nothing(self):
        self._grow("Orders")
        (item,) = self._since(self.officer, FRIDAY)
        self.assertEqual(item["title"], "Orders +50")
        self.assertEqual(item["text"], "Mar 2026 so far: 50")
        self.assertFalse(self._since(self.officer, date(2026, 3, 12)))

    def test_a_kpi_tracked_since_has_nothing_before_it(self):
        """Its first update brings the month so far, which is no change."""
        orders = self._grow("Orders", target=100)
        self._track_since("2026-03-09 08:00:00", orders)
        self.assertFalse(self._since(self.officer, MONDAY))
        (item,) = self._since(self.officer, date(2026, 3, 10))
        self.assertEqual(item["title"], "Orders +30")
        self._track_since("2026-02-28 08:00:00", self.revenue)
        found = self._since(self.officer, date(2026, 2, 27), "2026-03-02 12:00:00")
        self.assertEqual([item["title"] for item in found], ["Complaints 3"])

    def test_a_mean_that_moves_as_usual_is_no_news(self):
        """It changes by 2 from month to month."""
        mean = self._entered("Mean", STEADY | {"2026-02": 102}, **MEAN)
        self._fill_at("2026-03-06 12:00:00", mean, 101)
        self._fill_at("2026-03-10 12:00:00", mean, 102)
        self.assertFalse(self._since(self.officer, MONDAY))
        self._fill_at("2026-03-10 13:00:00", mean, 91)
        (item,) = self._since(self.officer, MONDAY)
        self.assertEqual(item["title"], "Mean −10")
        self.assertEqual((item["tone"], item["step"]), ("worse", -1))

    def test_a_period_that_closed_since_says_how_it_ended(self):
        """On the first working day of March; Revenue 90 of 100 in February."""
        found = self._since(self.officer, date(2026, 2, 27), "2026-03-02 12:00:00")
        self.assertEqual(
            [item["title"] for item in found], ["Revenue 90", "Complaints 3"]
        )
        self.assertEqual(found[0]["text"], "Feb 2026 missed its target by 10%")
        self.assertEqual(found[0]["context"], {"kpi_period": "2026-02-01"})
        self.assertEqual(found[0]["step"], 0)

    def test_one_kpi_of_several_levels_is_named(self):
        orders = self._grow("Orders", target=100)
        east = self._track(orders.definition_id, self.east)
        self._as(self.officer, east).star()
        self._fill_at("2026-03-10 12:00:00", east, 5)
        self.assertEqual(len(self._since(self.officer, MONDAY)), 1)

    def test_people_are_told_of_what_they_see(self):
        orders = self._grow("Orders")
        own = self._track(orders.definition_id, self.user)
        self._fill_at("2026-03-10 12:00:00", own, 5)
        (item,) = self._since(self.user, MONDAY)
        self.assertEqual((item["title"], item["ids"]), ("Orders +5", own.ids))
        stranger = self._create_user("stranger", groups="kpi_base.kpi_base_group_user")
        self.assertFalse(self._since(stranger, MONDAY))
        self.assertIsNone(self._summary(stranger)["digest"])

    def _needing(self, *needs):
        """Let these wait for any user: pairs of a text and other keys."""

        def _get_needs(home):
            user = home.env.user
            return [
                {**home._prepare_need("approval", user, text, None), **more}
                for text, more in needs
            ]

        return patch.object(type(self.env["kpi.home"]), "_get_needs", _get_needs)

    def test_tasks_that_went_overdue_and_new_ones_are_counted(self):
        late = {"urgency": 0, "date": "2026-03-09"}
        at_noon = {"date": "2026-03-08", "due_at": "2026-03-08 12:00:00"}
        with self._needing(
            ("Late", late),
            ("Late before", {**late, **at_noon}),
            ("Entry", {**late, "date": "2026-03-08"}),  # until the end of that day
            ("New", {"asked_at": "2026-03-09 08:00:00"}),
            ("Old", {"asked_at": "2026-03-08 08:00:00"}),
        ):
            found = self._since(self.user, MONDAY)
        self.assertEqual(
            [(item["title"], item["text"], len(item["ids"])) for item in found],
            [
                ("2 tasks went overdue", "Entry and 1 more", 0),
                ("1 new approval", "New", 1),
            ],
        )
        self.assertEqual(found[1]["ids"], self.user.ids)

    def test_four_things_at_most_of_which_one_kpi_at_least(self):
        for place in range(6):
            self._grow(f"Orders {place}", target=100)
        self.assertEqual(len(self._since(self.officer, MONDAY)), 4)
        late, new = (
            {"urgency": 0, "date": "2026-03-09"},
            {"asked_at": "2026-03-10 08:00"},
        )
        with self._needing(("Late", late), ("New", new)):
            kinds = [item["kind"] for item in self._since(self.officer, MONDAY)]
        self.assertEqual(kinds, ["kpi", "kpi", "late", "new"])

    def test_the_overview_tells_since_the_last_working_day(self):
        self.assertIsNone(self._summary(self.officer)["digest"])
        self._grow("Orders", target=100)
        digest = self._summary(self.officer)["digest"]
        self.assertEqual(digest["day"], "2026-03-10")
        self.assertEqual([item["title"] for item in digest["items"]], ["Orders +30"])

    def test_a_kpi_without_a_value_has_no_news(self):
        self._entered("Empty", {})
        self.assertFalse(self._since(self.officer, MONDAY))

    def test_three_statements_at_most(self):
        for place in range(3):
            self._grow(f"Orders {place}", target=100)
        with self._at("2026-03-11 12:00:00"):
            every = self._count_statements()
            home = type(self.env["kpi.home"])
            with patch.object(home, "_prepare_digest", lambda *_arguments: None):
                others = self._count_statements()
        self.assertLessEqual(every - others, 3)
