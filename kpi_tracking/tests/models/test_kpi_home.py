from ast import literal_eval
from collections import Counter
from datetime import date
from unittest.mock import patch

from lxml import etree

from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tests import tagged
from odoo.tools.safe_eval import safe_eval

from odoo.addons.kpi_base.tests.world import employ_everybody

from .entered_case import EnteredCase

# Changes 2, −2, 2, −2 and then what a test adds
STEADY = {
    "2025-09": 100,
    "2025-10": 102,
    "2025-11": 100,
    "2025-12": 102,
    "2026-01": 100,
}


class HomeCase(EnteredCase):
    """The overview on 11 March 2026: February has closed, March runs."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["kpi.report"].search(
            [("id", "not in", (cls.revenue | cls.complaints).ids)]
        ).active = False
        cls.calendar._ensure_days(date(2025, 1, 1), date(2026, 12, 31))

    def _summary(self, user, *period):
        with self._at("2026-03-11 12:00:00"):
            return self._as(user, self.env["kpi.home"]).get_summary(*period)

    def _count_statements(self):
        home = self._as(self.officer, self.env["kpi.home"])
        home.get_summary()  # the last working day is looked up once a day
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        home.get_summary()
        return self.env.cr.sql_log_count - before

    def _named(self, rows):
        return [row["kpi"] for row in rows]

    def _steady(self, name, last, **values):
        return self._entered(name, {**STEADY, "2026-02": last}, **values)


@tagged("post_install", "-at_install")
class TestKpiHome(HomeCase):
    """The KPIs that matter most, and what changed beyond its usual noise."""

    def test_a_card_says_how_a_kpi_stands_in_the_period_that_closed(self):
        """Revenue 120 → 90 of 100 in February; it is at risk."""
        found = self._summary(self.officer)
        self.assertEqual(found["period"], "closed")
        self.assertEqual(found["titles"]["closed"], "February 2026")
        self.assertEqual(found["labels"]["closed"], "Feb 2026")
        self.assertEqual(found["company"], self.company.name)
        (card,) = (card for card in found["cards"] if card["kpi"] == "Revenue")
        self.assertEqual((card["value"], card["previous"]), (90, 120))
        self.assertEqual((card["status"], card["target"]), ("at_risk", 100))
        self.assertEqual(card["scope"], "")  # the company's
        self.assertEqual(card["trend"][-1]["value"], 90)
        self.assertEqual(len(card["trend"]), 12)
        self.assertIsNone(card["now"])

    def test_a_card_of_a_list_has_the_gauge_that_is_chosen(self):
        """Its target is the one that the card names."""
        gauge = self.env.ref("kpi_tracking.kpi_gauge_widget_circular")
        self.revenue.definition_id.gauge_widget_id = gauge
        home = self._as(self.officer, self.env["kpi.home"])
        with self._at("2026-03-11 12:00:00"):
            (card,) = home._list_cards(Domain("id", "=", self.revenue.id), 12)
        self.assertEqual((card["gauge"]["value"], card["gauge"]["target"]), (90, 100))
        self.assertEqual(card["target"], 100)

    def test_the_form_has_the_period_of_the_card_that_opened_it(self):
        """Revenue 90 of 100 in February; the form has March beside it."""
        with self._at("2026-03-11 12:00:00"):
            self._fill(self.revenue, {"2026-03": 110})
        card = self._card(self._summary(self.officer), "Revenue")
        self.assertEqual(card["period"]["start"], "2026-02-01")
        with self._at("2026-03-11 12:00:00"):
            opened = self._as(self.officer, self.revenue).with_context(
                kpi_period=card["period"]["start"]
            )
            asked = opened.asked_period
            latest = opened.with_context(kpi_period="2026-03-01").asked_period
        self.assertEqual(asked["label"], card["period"]["label"])
        self.assertEqual((asked["value"], asked["status"]), (90, card["status"]))
        self.assertEqual(asked["achievement"], card["achievement"])
        self.assertFalse(asked["is_running"])
        self.assertFalse(latest)  # the form has it anyway
        self.assertFalse(self.revenue.asked_period)

    def test_explain_explains_the_period_of_the_form(self):
        """March is the latest one; the form was opened for February, or a day in it."""
        with self._at("2026-03-11 12:00:00"):
            self._fill(self.revenue, {"2026-03": 110})
        own = self._as(self.officer, self.revenue)
        for day, start in (
            (None, "2026-03-01"),
            ("2026-02-01", "2026-02-01"),
            ("2026-02-17", "2026-02-01"),
        ):
            context = own.with_context(kpi_period=day).action_explain()["context"]
            self.assertEqual(context["default_period_start"], start)
            self.assertEqual(context["default_grain"], "month")

    def test_the_running_period_stands_beside_the_closed_one(self):
        """30 on 11 March, of 100 × 10 / 31 = 32.3 that are due: 93%."""
        self.revenue.definition_id.aggregation_time = "sum"
        with self._at("2026-03-11 12:00:00"):
            self._fill(self.revenue, {"2026-03": 30})
        closed = self._card(self._summary(self.officer), "Revenue")
        self.assertEqual(closed["value"], 90)
        self.assertEqual(
            (closed["now"]["value"], closed["now"]["status"]), (30, "at_risk")
        )
        running = self._card(self._summary(self.officer, "running"), "Revenue")
        self.assertEqual((running["value"], running["previous"]), (30, 90))
        self.assertAlmostEqual(running["target"], 100 * 10 / 31)
        self.assertEqual(running["status"], self.revenue.status)
        self.assertTrue(running["period"]["is_running"])
        self.assertIsNone(running["now"])

    def test_a_period_that_began_today_is_no_news_while_it_has_nothing(self):
        for day, value, shown in ((1, 0, None), (1, 3, 3), (2, 0, 0)):
            with self.subTest(day=day, value=value):
                with self._at(f"2026-03-0{day} 12:00:00"):
                    self._fill(self.revenue, {"2026-03": value})
                    found = self._as(self.officer, self.env["kpi.home"]).get_summary()
                now = self._card(found, "Revenue")["now"]
                self.assertEqual(now and now["value"], shown)

    def test_a_line_ends_before_a_period_that_began_today_and_has_nothing(self):
        first = self._entered("Orders", {})  # has nothing before
        for day, value, last in ((1, 0, "Feb"), (1, 3, "Mar"), (2, 0, "Mar")):
            with (
                self.subTest(day=day, value=value),
                self._at(f"2026-03-0{day} 12:00:00"),
            ):
                for kpi in (self.revenue, first):
                    self._fill(kpi, {"2026-03": value})
                self.env.invalidate_all()
                kpi = self._as(self.officer, self.revenue)
                summary = kpi.env["kpi.home"].get_summary("running")
                (card,) = (
                    one for one in summary["cards"] if one["report_id"] == kpi.id
                )
                for points in (kpi.sparkline["points"], card["trend"]):
                    known = [each for each in points if each["value"] is not None]
                    self.assertEqual(known[-1]["label"], f"{last} 2026")
                self.assertEqual(card["value"], value)
                points = kpi.get_history(kpi.id)["points"]
                self.assertEqual(points[-1]["untouched"], last == "Feb")
                self.assertEqual(points[-1]["value"], value)
                self.assertFalse(any(each["untouched"] for each in points[:-1]))
                own = self._as(self.officer, first)
                self.assertEqual(own.sparkline["points"][-1]["value"], value)
                self.assertFalse(own.get_history(first.id)["points"][-1]["untouched"])

    def test_a_card_without_a_value_names_the_latest_one(self):
        with self._at("2026-04-01 12:00:00"):
            found = self._as(self.officer, self.env["kpi.home"]).get_summary("closed")
        card = self._card(found, "Revenue")
        self.assertIsNone(card["value"])
        self.assertEqual(card["reason"], "No value for Mar 2026 yet. Feb 2026: 90")

    def _card(self, summary, name):
        (card,) = (card for card in summary["cards"] if card["kpi"] == name)
        return card

    def test_a_new_kpi_that_has_only_a_running_value_is_shown_at_once(self):
        (self.revenue | self.complaints).active = False
        self._entered("New", {"2026-03": 5})
        found = self._summary(self.officer)
        self.assertEqual(found["period"], "running")
        self.assertEqual(self._card(found, "New")["value"], 5)
        self.assertEqual(found["titles"]["running"], "March 2026")

    def test_who_began_today_is_shown_what_they_have(self):
        """Zeros of months before the first record are no news."""
        (self.revenue | self.complaints).active = False
        zeros = {"2026-01": 0, "2026-02": 0}
        kpi = self._entered("New", {**zeros, "2026-03": 1})
        self.assertEqual(self._summary(self.officer)["period"], "running")
        self._fill(kpi, {"2026-03": 0})
        self.assertEqual(self._summary(self.officer)["period"], "closed")
        self._fill(kpi, {"2025-11": 4, "2026-03": 1})
        self.assertEqual(self._summary(self.officer)["period"], "closed")

    def test_another_period_is_refused(self):
        with self.assertRaisesRegex(UserError, "Unknown period “tomorrow”"):
            self._summary(self.officer, "tomorrow")

    def test_what_has_no_value_says_why(self):
        kpi = self._entered("Empty", {})
        self._as(self.officer, kpi).star()
        card = self._card(self._summary(self.officer), "Empty")
        self.assertIsNone(card["value"])
        self.assertEqual(card["reason"], "No value entered yet.")
        kpi.sudo().computation_error = "Choose a field."
        card = self._card(self._summary(self.officer), "Empty")
        self.assertEqual(card["reason"], "Choose a field.")

    def test_the_first_value_is_entered_from_the_card(self):
        kpi = self._entered("Empty", {})
        self._as(self.officer, kpi).star()
        self._as(self.officer, self.revenue).star()
        found = self._summary(self.officer)
        self.assertTrue(self._card(found, "Empty")["can_enter"])
        self.assertFalse(self._card(found, self.revenue.kpi_name)["can_enter"])
        kpi.shared_user_ids = self.user
        self._as(self.user, kpi).star()
        card = self._card(self._summary(self.user), "Empty")
        self.assertFalse(card["can_enter"], "who only sees it enters nothing")

    def test_changes_are_ordered_by_how_unusual_they_are(self):
        """Each usually changes by 2: now by 10, 3, 2 and 40 000 of 10 000 000."""
        self._steady("Five times", 110)
        self._steady("Once and a half", 97)
        self._steady("As usual", 102)
        large = {month: 50_000 * value for month, value in STEADY.items()}
        self._entered("Large but usual", {**large, "2026-02": 5_040_000})
        found = self._summary(self.officer)["changes"]
        steady = [row for row in found if row["ratio"] is not None]
        self.assertEqual(self._named(steady), ["Five times", "Once and a half"])
        self.assertEqual([row["ratio"] for row in steady], [5.0, 1.5])
        self.assertFalse(any(row["is_far"] for row in found))
        self.assertEqual([row["tone"] for row in steady], ["better", "worse"])

    def test_where_nobody_knows_what_is_usual_a_change_comes_last(self):
        """Revenue and complaints have three changes at most, most beside a gap."""
        self._steady("Once and a half", 97, target=100)
        found = self._summary(self.officer)["changes"]
        self.assertEqual(self._named(found)[0], "Once and a half")
        # that complaints went from 0 to 3 may be chance
        self.assertEqual(self._named(found)[1:], ["Revenue"])
        self.assertEqual([row["ratio"] for row in found[1:]], [None])

    def test_a_first_change_is_the_least_usual_one(self):
        (self.revenue | self.complaints).active = False
        flat = dict.fromkeys(STEADY, 70)
        self._entered("Flat", {**flat, "2026-02": 80})
        self._steady("Far out", 300)
        first, second = self._summary(self.officer)["changes"][:2]
        self.assertEqual((first["kpi"], first["is_first"]), ("Flat", True))
        self.assertIsNone(first["ratio"])
        self.assertEqual((second["kpi"], second["is_first"]), ("Far out", False))
        self.assertEqual((first["is_far"], second["is_far"]), (False, True))

    def test_fewer_is_better_where_lower_is(self):
        self._steady("Defects", 90, direction="lower")
        found = self._summary(self.officer)["changes"]
        (row,) = (row for row in found if row["kpi"] == "Defects")
        self.assertEqual(row["tone"], "better")

    def test_a_sum_that_grows_is_not_compared_with_a_full_period(self):
        for name, aggregation in (("Sum", "sum"), ("Mean", "average")):
            kpi = self._steady(name, 102, aggregation_time=aggregation)
            self._fill(kpi, {"2026-03": 40})
        found = self._summary(self.officer, "running")
        self.assertIn("Mean", self._named(found["changes"]))
        self.assertNotIn("Sum", self._named(found["changes"]))
        self.assertGreaterEqual(found["growing_count"], 1)

    def test_growth_over_a_whole_period_is_not_compared_while_its_own_runs(self):
        code = self.revenue.code
        for name, formula in (
            ("Growth", f"{code} / prev({code})"),
            ("Ratio", f"{code} / max({code}, 1)"),
        ):
            kpi = self._steady(
                name,
                102,
                computation="formula",
                formula=formula,
                aggregation_time="formula",
            )
            self._fill(kpi, {"2026-03": 40})
        found = self._named(self._summary(self.officer, "running")["changes"])
        self.assertIn("Ratio", found)
        self.assertNotIn("Growth", found)

    def test_a_target_then_what_matters_to_the_user_puts_a_change_first(self):
        """Each moved by ten of usually two; a star weighs more than an own KPI."""
        (self.revenue | self.complaints).active = False
        plain = self._steady("Plain", 110)
        starred = self._steady("Starred", 110)
        own = self._steady("Own", 110)
        self._steady("With a target", 108, target=100)
        self._as(self.officer, starred).star()
        own.owner_id = self.officer
        plain.owner_id = self.manager
        found = self._summary(self.officer)["changes"]
        self.assertEqual(
            self._named(found), ["With a target", "Starred", "Own", "Plain"]
        )

    def test_a_count_that_moves_within_chance_is_no_news(self):
        (self.revenue | self.complaints).active = False
        count = {"unit": "number", "decimals": 0, "aggregation_time": "sum"}
        self._entered("Rare", {**dict.fromkeys(STEADY, 3), "2026-02": 0}, **count)
        self._entered("Often", {**dict.fromkeys(STEADY, 30), "2026-02": 0}, **count)
        found = self._summary(self.officer)["changes"]
        self.assertEqual(self._named(found), ["Often"])

    def test_at_most_six_changes(self):
        (self.revenue | self.complaints).active = False
        for place in range(1, 8):
            self._steady(f"More {place}", 110 + place)
        found = self._summary(self.officer)["changes"]
        self.assertEqual(self._named(found), [f"More {p}" for p in (7, 6, 5, 4, 3, 2)])

    def test_people_see_what_they_answer_for(self):
        own = self._track(self.revenue.definition_id, self.user)
        east = self._track(self.revenue.definition_id, self.east)
        for kpi in (own, east):
            self._fill(kpi, {"2026-01": 10, "2026-02": 20})
        for user, name, scope in (
            (self.user, "Revenue – user", "user"),
            (self.manager, "Revenue – Sales / East", "East"),
        ):
            found = self._summary(user)
            for rows in (found["cards"], found["changes"]):
                self.assertEqual([row["name"] for row in rows], [name])
                said = [(row["kpi"], row["scope"]) for row in rows]
                self.assertEqual(said, [("Revenue", scope)])

    def test_who_has_no_kpi_is_told_whom_to_ask(self):
        stranger = self._create_user("stranger", groups="kpi_base.kpi_base_group_user")
        found = self._summary(stranger)
        self.assertFalse(found["cards"] or found["changes"] or found["needs"])
        self.assertFalse(any(found["counts"].values()))
        self.assertTrue(found["ask"])

    def test_all_kpis_are_counted_by_status(self):
        """In the period of the cards, as those say."""
        self._entered("No target", {"2026-02": 1})
        for period in ("closed", "running"):
            found = self._summary(self.officer, period)
            shown = Counter(card["status"] for card in found["cards"])
            self.assertEqual(sum(shown.values()), 3)
            counts = {key: count for key, count in found["counts"].items() if count}
            self.assertEqual(counts, shown, period)

    def test_a_count_opens_the_kpis_that_were_counted(self):
        """Not those of people and parts, which whoever looks may see, too."""
        east = self._track(self.revenue.definition_id, self.east)
        own = self._track(self.revenue.definition_id, self.user)
        for kpi in (east, own):
            self._fill(kpi, {"2026-02": 1})
        starred = self._track(self.complaints.definition_id, self.east)
        self._as(self.officer, starred).star()
        for user in (self.officer, self.manager, self.user):
            home = self._as(user, self.env["kpi.home"])
            with self._at("2026-03-11 12:00:00"):
                listed = self._as(user, self.env["kpi.report"]).search(
                    [("is_on_overview", "=", True)]
                )
            for period in ("closed", "running"):
                counts, every = self._summary(user, period)["counts"], 0
                for status, count in counts.items():
                    with self._at("2026-03-11 12:00:00"):
                        action = home.open_counted(period, status)
                        model = self._as(user, self.env[action["res_model"]])
                        found = model.search(action["domain"])
                    kpis = found if model._name == "kpi.report" else found.report_id
                    self.assertEqual(len(found), count, (user.login, period, status))
                    month = {"closed": "Feb 2026", "running": "Mar 2026"}[period]
                    self.assertTrue(action["display_name"].endswith(f", {month}"))
                    self.assertLessEqual(kpis, listed)
                    if kpis != found:
                        self.assertLessEqual(set(found.mapped("status")), {status})
                        for row in found:
                            opened = row.action_open_report()
                            self.assertEqual(opened["res_id"], row.report_id.id)
                            self.assertIn("kpi_period", opened["context"])
                    every += count
                self.assertEqual(every, len(listed))
            self.assertTrue(listed)
            others = self._as(user, self.env["kpi.report"]).search([]) - listed
            self.assertTrue(all(listed.mapped("is_on_overview")))
            self.assertFalse(any(others.mapped("is_on_overview")))

    def test_the_list_of_kpis_begins_with_my_own(self):
        """Those of the overview, and those that are about the user or theirs."""
        action = self.env.ref("kpi_tracking.kpi_report_action")
        self.assertEqual(literal_eval(action.context), {"search_default_my_kpis": 1})
        view = etree.fromstring(action.search_view_id.arch)
        (mine,) = view.xpath("//filter[@name='my_kpis']")
        own = self._track(self.revenue.definition_id, self.user)
        east = self._track(self.revenue.definition_id, self.east)
        east.owner_id = self.officer
        other = self._track(self.complaints.definition_id, self.east)
        domain = safe_eval(mine.get("domain"), {"uid": self.officer.id})
        found = self._as(self.officer, other).search(domain)
        self.assertLessEqual(self.revenue | east, found)
        self.assertFalse((own | other) & found)

    def test_a_kpi_stands_before_its_parts_and_the_worst_first(self):
        east = self._track(self.revenue.definition_id, self.east)
        own = self._track(self.revenue.definition_id, self.user)
        distances = {own: 5.0, east: 90.0, self.revenue: 10.0, self.complaints: 20.0}
        self.env.flush_all()
        for kpi, distance in distances.items():
            statement = "UPDATE kpi_report SET distance_percent = %s WHERE id = %s"
            self.env.cr.execute(statement, (distance, kpi.id))
        self.env.invalidate_all()
        kpis = own.union(*distances)
        order = "family_distance desc, distance_percent desc, id"
        found = kpis.search([("id", "in", kpis.ids)], order=order)
        self.assertEqual([*found], [self.revenue, east, own, self.complaints])
        self.assertEqual(own.family_distance, 90.0)

    def test_statements_do_not_grow_with_kpis(self):
        few = self._count_statements()
        for place in range(9):
            self._entered(f"More {place}", {"2026-01": 10, "2026-02": 20}, target=9)
        self.assertEqual(self._count_statements(), few)
        self.assertLessEqual(few, 18)

    def test_statements_do_not_grow_with_kpis_that_wait_for_a_value(self):
        self._as(self.officer, self._entered("Empty 0", {})).star()
        few = self._count_statements()
        for place in range(1, 6):
            self._as(self.officer, self._entered(f"Empty {place}", {})).star()
        self.assertEqual(self._count_statements(), few)


@tagged("post_install", "-at_install")
class TestKpiHomeStars(HomeCase):
    """Which KPIs are shown first."""

    def _shown(self, user):
        return self._named(self._summary(user)["cards"])

    def test_at_most_six_those_with_followers_first(self):
        for place in range(1, 8):
            kpi = self._entered(f"More {place}", {"2026-02": 1})
        kpi.message_subscribe(self.officer.partner_id.ids)
        shown = self._shown(self.officer)
        self.assertEqual(len(shown), 6)
        self.assertEqual(shown[0], "More 7")
        self.assertCountEqual(shown[1:3], ["Revenue", "Complaints"])  # have a target

    def test_a_kpi_that_is_tracked_for_several_has_one_card(self):
        """The widest; unless somebody stars others."""
        tracked = [self._track(self.revenue.definition_id, self.sales)]
        tracked.append(self._track(self.revenue.definition_id, self.east))
        for kpi in tracked:
            self._fill(kpi, {"2026-02": 1})
            kpi.message_subscribe(self.officer.partner_id.ids)
        cards = self._summary(self.manager)["cards"]
        self.assertEqual([card["scope"] for card in cards], ["Sales"])
        for kpi in tracked:
            self._as(self.manager, kpi).star()
        cards = self._summary(self.manager)["cards"]
        self.assertCountEqual([card["scope"] for card in cards], ["Sales", "East"])

    def test_the_widest_without_a_value_gives_way(self):
        self._track(self.revenue.definition_id, self.sales)
        east = self._track(self.revenue.definition_id, self.east)
        self._fill(east, {"2026-02": 1})
        cards = self._summary(self.manager)["cards"]
        self.assertEqual([card["scope"] for card in cards], ["East"])

    def test_mean_and_median_of_the_same_numbers_have_one_card(self):
        mean, median, other = (
            self._steady(f"Cycle {number}", 104, measure=measure, model_name=model)
            for number, (measure, model) in enumerate(
                (("average", "a.model"), ("median", "a.model"), ("median", "b.model"))
            )
        )
        # They need no records: what is compared is how they are said to be computed.
        shown = [card["report_id"] for card in self._summary(self.officer)["cards"]]
        self.assertIn(mean.id, shown)
        self.assertIn(other.id, shown)
        self.assertNotIn(median.id, shown)
        self._as(self.officer, median).star(True)
        shown = [card["report_id"] for card in self._summary(self.officer)["cards"]]
        self.assertIn(median.id, shown)
        self.assertNotIn(mean.id, shown)

    def test_beyond_four_those_that_are_off_track_or_changed_most(self):
        """Five times the usual change, and 10 of a target of 100."""
        for place in range(1, 8):
            usual = self._steady(f"Usual {place}", 102)
            usual.message_subscribe((self.officer | self.user).partner_id.ids)
        jump = self._steady("Jump", 110)
        off = self._entered("Off", {"2026-02": 10}, target=100)
        self._steady("Followed by nobody", 500)
        for kpi in (jump, off):
            kpi.message_subscribe(self.officer.partner_id.ids)
        shown = self._shown(self.officer)
        self.assertEqual(shown[:4], [f"Usual {place}" for place in range(1, 5)])
        self.assertEqual(shown[4:], ["Off", "Jump"])

    def test_starred_ones_come_first_and_are_filled_up_to_four(self):
        for place in range(1, 8):
            kpi = self._entered(f"More {place}", {"2026-02": 1})
        self._as(self.officer, kpi).star()
        shown = self._shown(self.officer)
        self.assertEqual((shown[0], len(shown)), ("More 7", 4))
        (card,) = (c for c in self._summary(self.officer)["cards"] if c["is_starred"])
        self.assertEqual(card["kpi"], "More 7")
        self._as(self.officer, kpi).star(False)
        self.assertNotIn("More 7", self._shown(self.officer))

    def test_a_starred_kpi_is_shown_beyond_what_one_answers_for(self):
        """Officers see the company's KPIs, unless they star one of a department."""
        east = self._track(self.revenue.definition_id, self.east)
        self._fill(east, {"2026-02": 5})
        scopes = [card["scope"] for card in self._summary(self.officer)["cards"]]
        self.assertNotIn("East", scopes)
        self._as(self.officer, east).star()
        self.assertEqual(self._summary(self.officer)["cards"][0]["scope"], "East")

    def test_stars_are_everybody_s_own(self):
        shared = self._track(self.revenue.definition_id, self.user)
        starred = self._as(self.user, shared)
        starred.star()
        self.assertTrue(starred.is_starred)
        self.assertFalse(self._as(self.officer, shared).is_starred)
        found = self._as(self.user, self.env["kpi.report"]).search(
            [("is_starred", "=", True)]
        )
        self.assertEqual(found, starred)
        with self.assertRaises(AccessError):
            _names = starred.starred_user_ids

    def test_nobody_stars_what_they_do_not_see(self):
        with self.assertRaises(AccessError):
            self._as(self.user, self.complaints).star()

    def test_an_addon_puts_kpis_first_until_somebody_stars(self):
        for place in range(1, 8):
            kpi = self._entered(f"More {place}", {"2026-02": 1})
        first = ("kpi.definition", kpi.definition_id.id)
        home = type(self.env["kpi.home"])
        with patch.object(home, "_get_key_kpis", lambda home: [first]):
            self.assertEqual(self._shown(self.officer)[0], "More 7")
            self._as(self.officer, self.complaints).star()
            self.assertEqual(self._shown(self.officer)[:2], ["Complaints", "More 7"])


@tagged("post_install", "-at_install")
class TestKpiHomeSeams(HomeCase):
    """What addons and roles add to the overview."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        employ_everybody(cls.env)

    def test_addons_show_panels_to_whoever_looks(self):
        """A panel is read with the rights of whoever looks, after those before it."""
        self._track(self.revenue.definition_id, self.user)
        home = type(self.env["kpi.home"])
        before = home._get_panels

        def _get_panels(home):
            return {**before(home), "addon.panel": [home.env.user.login, home.env.su]}

        with patch.object(home, "_get_panels", _get_panels):
            panels = self._summary(self.user)["panels"]
        self.assertEqual(panels["addon.panel"], ["user", False])
        self.assertEqual(self._summary(self.user)["panels"].get("addon.panel"), None)

    def test_rights_are_looked_up_once(self):
        """However many rules ask: departments, their people, teams, what is shared."""
        self._summary(self.manager)
        looked_up = []
        own = type(self.env["kpi.report"])
        before = own._get_managed_domain

        def _get_managed_domain(reports):
            looked_up.append(reports.env.uid)
            return before(reports)

        with patch.object(own, "_get_managed_domain", _get_managed_domain):
            self._summary(self.manager)
        self.assertEqual(looked_up, [self.manager.id])

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
            with self._at("2026-03-11 12:00:00"):
                listed = self._as(self.user, self.env["kpi.home"]).get_needs()
        self.assertEqual(listed, found["needs"])
        self.assertEqual([item["text"] for item in found["needs"]], ["Late", "Soon"])
        self.assertEqual(found["needs"][1]["date"], "2026-03-12")
        self.assertEqual(found["needs"][0]["res_id"], self.user.id)

    def test_officers_are_told_first_of_kpis_without_a_value(self):
        self.revenue.sudo().computation_error = "Choose a field."
        (item,) = self._summary(self.officer)["needs"]
        self.assertEqual((item["kind"], item["count"]), ("data", 1))
        opened = self.env["ir.actions.act_window"]._for_xml_id(item["action"]["xml_id"])
        self.assertEqual(opened["res_model"], "kpi.report")
        self.assertEqual(self._summary(self.manager)["needs"], [])

    def test_a_formula_with_values_that_waits_for_a_part_is_not_counted(self):
        own = self.revenue.sudo()
        own.write({"computation_error": "“Visits” has no value.", "has_value": True})
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE kpi_definition SET computation = 'formula' WHERE id = %s",
            [self.revenue.definition_id.id],
        )
        self.env.invalidate_all()
        self.assertEqual(self._summary(self.officer)["needs"], [])
        own.has_value = False
        (item,) = self._summary(self.officer)["needs"]
        self.assertEqual((item["kind"], item["count"]), ("data", 1))

    def test_administrators_are_told_first_of_what_failed(self):
        group = "kpi_base.kpi_base_group_admin"
        admin = self._create_user("chief", groups=group)
        self.revenue.sudo().computation_error = "Choose a field."
        with self._at("2026-03-11 11:00:00"):
            self.env["kpi.job"].create(
                {"name": "Refresh", "kind": "refresh", "state": "failed"}
            )
        found = self._summary(admin)
        self.assertEqual(found["role"], "administrator")
        self.assertEqual([item["kind"] for item in found["needs"]], ["job", "data"])

    def test_officers_are_told_of_badges_to_be_reviewed(self):
        admin = self._create_user("chief", groups="kpi_base.kpi_base_group_admin")
        with self._at("2025-03-01 12:00:00"):
            self._as(admin, self.revenue.definition_id)._certify(date(2026, 1, 1))
        (item,) = self._summary(self.officer)["needs"]
        self.assertEqual((item["kind"], item["count"]), ("review", 1))

    def test_administrators_are_told_who_left_and_still_answers_for_kpis(self):
        admin = self._create_user("chief", groups="kpi_base.kpi_base_group_admin")
        leaver = self._create_user("leaver")
        leaver.active = False
        self.assertEqual(self._summary(admin)["needs"], [])
        self.revenue.owner_id = leaver
        (item,) = self._summary(admin)["needs"]
        self.assertEqual((item["kind"], item["count"]), ("leaver", 1))
        self.assertEqual(self._summary(self.officer)["needs"], [])

    def test_roles(self):
        roles = {
            user.login: self._summary(user)["role"]
            for user in (self.officer, self.manager, self.user)
        }
        self.assertEqual(
            roles, {"officer": "officer", "manager": "manager", "user": "employee"}
        )
