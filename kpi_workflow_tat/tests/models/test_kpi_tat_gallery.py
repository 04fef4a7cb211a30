from datetime import date, timedelta
from statistics import mean, median

from odoo.tests import freeze_time, tagged

from odoo.addons.kpi_base.tests.common import ClockMixin

from .report_case import NOW, OPEN, ReportCase
from .test_kpi_tat_views import judge

FEBRUARY, MARCH = date(2026, 2, 1), date(2026, 3, 1)


@tagged("post_install", "-at_install")
@freeze_time("2026-03-23 13:00:00")
class TestKpiTatGallery(ClockMixin, ReportCase):
    """The KPIs of the theme “Requests” on drawn rows, against plain Python."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["kpi.definition"].search([]).active = False
        cls.env = cls.env(
            context={**cls.env.context, "allowed_company_ids": cls.company.ids}
        )
        cls.theme = cls.env.ref("kpi_workflow_tat.kpi_gallery_set_requests")
        cls.theme.kpi_ids._turn_on()
        cls.env["kpi.source"]._recompute_all(date(2026, 1, 1), NOW.date())
        cls.env["kpi.definition"]._recompute_formulas(date(2026, 1, 1))
        cls.real = [row for row in cls.requests if cls._is_counted(row)]
        cls.real_levels = [
            row
            for row in cls.levels
            if cls._is_counted(row["request"]) and not row["is_passed_on"]
        ]

    @classmethod
    def _is_counted(cls, request):
        return request["company_id"] == cls.company.id and not request["is_test"]

    def _get_value(self, code, day=MARCH, grain="month"):
        facts = self.env["kpi.measurement"].search(
            [
                ("report_id.definition_id.code", "=", code),
                ("report_id.scope_type", "=", "company"),
                ("report_id.company_id", "=", self.company.id),
                ("grain", "=", grain),
                ("period_start", "=", day),
            ]
        )
        return facts.value if facts else None

    def _assert_value(self, code, expected, day=MARCH, grain="month"):
        with self.subTest(code=code, day=day):
            self.assertAlmostEqual(self._get_value(code, day, grain), expected, 3)

    @staticmethod
    def _is_in(moment, day):
        """Whether a moment lies in the month, by the clocks of Brussels in winter."""
        local = moment and (moment + timedelta(hours=1)).date()
        return bool(local) and local.replace(day=1) == day

    def test_every_kpi_is_turned_on(self):
        self.assertEqual(len(self.theme.kpi_ids), 20)
        self.assertEqual(set(self.theme.kpi_ids.mapped("state")), {"on"})

    def test_breaches_are_told_to_owners_in_odoo(self):
        rules = self.env["kpi.smart.alert"].search(
            [("definition_ids.code", "=", "tat_breaches")]
        )
        self.assertEqual(
            rules.mapped(lambda rule: (rule.name, rule.state)),
            [("Decisions Are Overdue", "on")],
        )
        self.assertEqual(rules.notification_channels, "inbox")
        self.assertTrue(rules.tell_responsible)
        self.env["kpi.smart.alert"]._sweep_marks()
        self.assertEqual(rules.event_ids.report_id.code, "tat_breaches")
        steps = self.env["kpi.report"].get_first_steps()
        (alerts,) = [step for step in steps if step["key"] == "alerts"]
        self.assertTrue(alerts["is_done"])
        self.assertIn("Decisions Are Overdue", alerts["text"])

    def test_requests(self):
        for day in (FEBRUARY, MARCH):
            created = [
                one for one in self.real if self._is_in(one["submitted_at"], day)
            ]
            self._assert_value("tat_created", len(created), day)
            hours = []
            for state in ("approved", "rejected"):
                ended = [
                    one
                    for one in self.real
                    if one["approval_state"] == state
                    and self._is_in(one["decided_at"], day)
                ]
                hours += [one["cycle_hours"] for one in ended]
                self._assert_value(f"tat_{state}", len(ended), day)
            self._assert_value("tat_cycle_time", mean(hours), day)
            self._assert_value("tat_cycle_median", median(hours), day)
        still = [one for one in self.real if one["status"] in OPEN]
        self._assert_value("tat_open", len(still))

    def test_clocks(self):
        for day in (FEBRUARY, MARCH):
            met = [
                one
                for one in self.real_levels
                if judge(one) and self._is_in(one["decided_at"], day)
            ]
            late = [
                one
                for one in self.real_levels
                if judge(one) is False and self._is_in(one["overdue_at"], day)
            ]
            self._assert_value("tat_met", len(met), day)
            self._assert_value("tat_breaches", len(late), day)
            share = 100 * len(met) / (len(met) + len(late))
            self._assert_value("tat_compliance", share, day)

    def test_pending_time_counts_open_requests(self):
        model = self.env["kpi.tat.analysis"]
        curve = model._estimate_until(self.company, NOW)
        submitted = [one for one in self.real if one["submitted_at"]]
        decided = [
            one
            for one in submitted
            if one["approval_state"] in ("approved", "rejected")
        ]
        self.assertEqual(curve.ended.sum(), len(decided))
        self.assertEqual(curve.censored, len(submitted) - len(decided))
        among_decided = median(one["cycle_hours"] for one in decided)
        self.assertGreater(curve.time_until(0.5), among_decided)
        self.assertAlmostEqual(
            self._get_value("tat_pending_time"), curve.time_until(0.5), 3
        )
        report = self.env["kpi.report"].search(
            [("definition_id.code", "=", "tat_pending_time")], limit=1
        )
        period = report.definition_id.calendar_id._period("month", MARCH)
        text = model._explain(report, period)["method"]
        self.assertIn(f"median of {len(submitted)} requests", text)

    def test_the_dashboard_shows_them(self):
        ready = self.env["kpi.gallery.dashboard"].search([("name", "=", "Requests")])
        ready.with_context(lang="en_US").action_install()
        tiles = ready.dashboard_id.data({})["tiles"]
        self.assertEqual(len(tiles), 11)
        self.assertFalse([tile["title"] for tile in tiles if tile.get("error")])
