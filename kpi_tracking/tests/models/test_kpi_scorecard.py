import math
from datetime import date

from psycopg2 import IntegrityError

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import TransactionCase, new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.kpi_base.tests.common import ClockMixin

from ..engine.test_scorecard import CASES

OFFICER = "kpi_base.kpi_base_group_officer"
MANAGER = "kpi_base.kpi_base_group_manager"
USER = "kpi_base.kpi_base_group_user"
MONTH = "2026-01-01"


class KpiScorecardCase(ClockMixin, TransactionCase):
    """A scorecard of the company; its KPIs have a target of 100 each."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env["res.company"].create({"name": "Scored"})
        cls.env = cls.env(
            context={**cls.env.context, "allowed_company_ids": cls.company.ids}
        )
        cls.scorecard = cls.env["kpi.report.group"].create({"name": "Team"})

    @classmethod
    def _kpi(cls, name, achievement=None, has_target=True, **values):
        """A KPI whose latest month reaches ``achievement`` percent of its target."""
        definition = cls.env["kpi.definition"].create(
            {"name": name, "company_id": cls.company.id, **values}
        )
        definition.calendar_id._ensure_days(date(2024, 1, 1), date(2026, 12, 31))
        report = definition._track_for("company", cls.company)
        if has_target:
            cls._target(report, 100)
        if achievement is not None:
            cls._enter(report, achievement)
        return report

    @classmethod
    def _target(cls, report, value, date_from="2020-01-01"):
        return cls.env["kpi.target"].create(
            {"report_id": report.id, "date_from": date_from, "value": value}
        )

    @classmethod
    def _enter(cls, report, value, month=MONTH):
        rows = [(report.id, month, float(value))]
        cls.env["kpi.measurement"]._upsert("month", rows, source="external")

    @classmethod
    def _add(cls, *reports, **values):
        return cls.env["kpi.report.group.line"].create(
            [
                {"group_id": cls.scorecard.id, "report_id": report.id, **values}
                for report in reports
            ]
        )


@tagged("post_install", "-at_install")
class TestKpiScorecard(KpiScorecardCase):
    def test_the_figure_follows_the_values(self):
        sales, calls = self._kpi("Sales", 80), self._kpi("Calls", 100)
        self._add(sales, calls)
        self.assertEqual(self.scorecard.achievement, 90)
        self._enter(sales, 40)
        self.assertEqual(self.scorecard.achievement, 70)  # (40 + 100) / 2
        self.assertEqual(self.scorecard.status, "off_target")
        self.assertEqual(self.scorecard.score_label, "fair")

    def test_the_figure_follows_targets_weights_lines_and_archiving(self):
        # An average of the running month, which follows its targets.
        sales, calls = self._kpi("Sales", unit="score"), self._kpi("Calls", 100)
        self._enter(sales, 80, fields.Date.today().replace(day=1))
        line = self._add(sales, calls)[0]
        line.weight = 3
        self.assertEqual(self.scorecard.achievement, 85)  # (240 + 100) / 4
        self._target(sales, 160, "2025-12-01")
        self.assertEqual(self.scorecard.achievement, 62.5)  # (150 + 100) / 4
        sales.active = False
        self.assertEqual(self.scorecard.achievement, 100)
        self.assertEqual(self.scorecard.line_count, 1)
        sales.active = True
        line.unlink()
        self.assertEqual(self.scorecard.achievement, 100)

    def test_postgresql_weighs_as_the_engine_does(self):
        for at, (achievements, weights, cap, percent, counted) in enumerate(CASES):
            with self.subTest(case=at):
                scorecard = self.env["kpi.report.group"].create(
                    {"name": f"Case {at}", "achievement_cap": cap}
                )
                for place, (reached, weight) in enumerate(
                    zip(achievements, weights, strict=True)
                ):
                    known = None if reached != reached else reached
                    kpi = self._kpi(f"Case {at} {place}", known)
                    scorecard.line_ids = [
                        Command.create({"report_id": kpi.id, "weight": weight})
                    ]
                self.assertEqual(scorecard.counted_count, counted)
                if percent == percent:
                    self.assertAlmostEqual(scorecard.achievement, percent)
                else:
                    self.assertIn(scorecard.status, ("no_data", "no_target"))
                    self.assertFalse(scorecard.score_label)

    def test_labels_change_at_95_80_70_and_50(self):
        kpi = self._kpi("Sales")
        self._add(kpi)
        for value, label in (
            (95, "excellent"),
            (94, "good"),
            (80, "good"),
            (79, "fair"),
            (70, "fair"),
            (69, "poor"),
            (50, "poor"),
            (49, "critical"),
        ):
            self._enter(kpi, value)
            self.assertEqual(self.scorecard.score_label, label, value)

    def test_what_is_missing_is_said_and_not_counted_as_zero(self):
        untargeted = self._kpi("Costs")
        untargeted.target_ids.unlink()
        self._enter(untargeted, 10, fields.Date.today().replace(day=1))
        self._add(self._kpi("Sales", 80), self._kpi("Calls"), untargeted)
        self.assertEqual(self.scorecard.achievement, 80)
        self.assertEqual(
            self.scorecard.coverage,
            "1 of 3 KPIs (1 without a value, 1 without a target)",
        )

    def test_kpis_without_weight_are_not_said_to_count(self):
        lines = self._add(self._kpi("Sales", 80), self._kpi("Calls", 70))
        lines.weight = 0
        self.assertFalse(self.scorecard.counted_weight)
        self.assertEqual(
            self.scorecard.coverage,
            "All KPIs with an achievement have weight 0",
        )

    def test_the_default_weight_is_that_of_the_definition(self):
        line = self._add(self._kpi("Sales", 80, weight=2.5))
        self.assertEqual(line.weight, 2.5)

    def test_points_say_what_holds_the_scorecard_back(self):
        lines = self._add(self._kpi("Sales", 80), self._kpi("Calls", 60))
        lines[0].weight = 3
        # 3 × 20 / 4 and 1 × 40 / 4: the lower KPI is not what costs most
        self.assertEqual(lines.mapped("points_lost"), [15, 10])
        self.assertEqual(self.scorecard.largest_loss_line_id, lines[0])
        self.assertEqual(self.scorecard.achievement, 100 - 15 - 10)

    def test_a_kpi_that_does_not_count_holds_nothing_back(self):
        untargeted = self._kpi("Costs", 10, has_target=False)
        lines = self._add(self._kpi("Sales", 90), self._kpi("Calls"), untargeted)
        self.assertEqual(self.scorecard.largest_loss_line_id, lines[0])
        exported = lines.export_data(["points_lost"])["datas"]
        self.assertEqual(exported, [[10.0], [""], [""]])

    def test_nothing_holds_back_a_scorecard_on_target(self):
        self._add(self._kpi("Sales", 120))
        self.assertFalse(self.scorecard.largest_loss_line_id)

    def test_a_scorecard_of_nothing_has_no_figure(self):
        self.assertEqual(self.scorecard.status, "no_data")
        self.assertEqual(self.scorecard.coverage, "No KPIs yet")
        exported = self.scorecard.export_data(["achievement"])["datas"]
        self.assertEqual(exported, [[""]])

    def test_values_refresh_any_number_of_scorecards_by_three_statements(self):
        kpis = [self._kpi(f"KPI {n}", 50) for n in range(5)]
        scorecards = self.env["kpi.report.group"].create(
            [
                {
                    "name": f"Team {n}",
                    "line_ids": [Command.create({"report_id": k.id}) for k in kpis],
                }
                for n in range(10)
            ]
        )
        self.env.flush_all()
        self.env.invalidate_all()
        reports = self.env["kpi.report"].browse([kpi.id for kpi in kpis])
        with self.assertQueryCount(3):
            self.env["kpi.report.group"]._refresh_with(reports)
        self.assertEqual(set(scorecards.mapped("achievement")), {50})

    def test_input_without_meaning_is_refused_by_name(self):
        line = self._add(self._kpi("Sales", 80))
        for record, values, message in (
            (self.scorecard, {"achievement_cap": math.nan}, "Cap .*not a finite"),
            (self.scorecard, {"name": "  "}, "Name: enter text"),
            (line, {"weight": math.inf}, "Sales.*Weight: .*not a finite number"),
        ):
            with self.subTest(values=values):
                with self.assertRaisesRegex(ValidationError, message):
                    record.write(values)
                self.env.invalidate_all(flush=False)

    @mute_logger("odoo.sql_db")
    def test_the_database_refuses_what_no_scorecard_can_hold(self):
        kpi = self._kpi("Sales", 80)
        line = self._add(kpi)
        for change in (
            lambda: self.scorecard.write({"achievement_cap": 99}),
            lambda: line.write({"weight": -1}),
            lambda: self._add(kpi),
        ):
            with self.assertRaises(IntegrityError), self.cr.savepoint():
                change()
            self.env.invalidate_all(flush=False)

    def test_another_company_s_kpi_is_refused(self):
        other = self.env["res.company"].create({"name": "Other"})
        definition = self.env["kpi.definition"].create(
            {"name": "Everybody's", "company_id": False}
        )
        report = definition._track_for("company", other, company_id=other.id)
        with self.assertRaises(UserError):
            self._add(report)


@tagged("post_install", "-at_install")
class TestKpiScorecardAccess(KpiScorecardCase):
    """What a member learns: the total, and the KPIs that they may see anyway."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.member = cls._user("member", USER)
        cls.manager = cls._user("manager", MANAGER)
        cls.own = cls._kpi("Own", 80)
        cls.own.shared_user_ids = cls.member | cls.manager
        cls.hidden = cls._kpi("Hidden", 20)
        cls._add(cls.own, cls.hidden)
        cls.scorecard.member_ids = cls.member

    @classmethod
    def _user(cls, name, groups):
        return new_test_user(cls.env, name, groups, company_id=cls.company.id)

    def _as(self, user):
        self.env.invalidate_all()
        return self.scorecard.with_user(user)

    def test_a_member_sees_the_total_and_how_many_kpis_are_hidden(self):
        scorecard = self._as(self.member)
        self.assertEqual(scorecard.achievement, 50)
        self.assertEqual(scorecard.line_ids.report_id, self.own)
        self.assertEqual(scorecard.hidden_count, 1)

    def test_a_hidden_kpi_is_not_named_as_what_holds_back(self):
        self.assertEqual(self.scorecard.largest_loss_line_id.report_id, self.hidden)
        self.assertEqual(self._as(self.member).largest_loss_line_id.report_id, self.own)

    def test_members_change_nothing(self):
        with self.assertRaises(AccessError):
            self._as(self.member).name = "Mine"

    def test_who_may_not_share_a_kpi_cannot_put_it_on_a_scorecard(self):
        mine = self.env["kpi.report.group"].with_user(self.manager)
        scorecard = mine.create({"name": "Mine"})
        for report in (self.own, self.hidden):
            with self.assertRaises(AccessError):
                scorecard.line_ids = [Command.create({"report_id": report.id})]
            self.env.invalidate_all(flush=False)

    def test_a_manager_cannot_hand_a_scorecard_out_of_reach(self):
        mine = self.env["kpi.report.group"].with_user(self.manager)
        scorecard = mine.create({"name": "Mine"})
        with self.assertRaises(AccessError):
            scorecard.owner_id = self.member

    def test_the_engine_s_figures_are_not_to_be_written(self):
        officer = self._user("officer", OFFICER)
        with self.assertRaises(AccessError):
            self._as(officer).write({"achievement": 100})
        with self.assertRaises(AccessError):
            self._as(officer).line_ids[0].write({"points_lost": 0})
