from datetime import date

from psycopg2.errors import ReadOnlySqlTransaction

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import freeze_time, new_test_user, tagged

from .proposal_case import ProposalCase
from .test_kpi_judged import TODAY

# December 2025 to November 2026, which runs
MONTHS = [date(2025, 12, 1), *(date(2026, month, 1) for month in range(1, 12))]
CALLS = {(2026, month): float(month) for month in range(1, 11)}


def judge(value, target, best=95.0, second=80.0):
    """Achievement in percent and status of a KPI of which more is better."""
    if value is None:
        return None, "no_data"
    if target is None:
        return None, "no_target"
    percent = 100 * value / target
    words = ("on_target", "at_risk", "off_target")
    return percent, words[(percent < best) + (percent < second)]


def mean(parts):
    """Weighted mean of (percent or None, weight), each from 0 to 100."""
    known = [(min(percent, 100), weight) for percent, weight in parts if percent]
    weights = sum(weight for _percent, weight in known)
    return sum(p * weight for p, weight in known) / weights if weights else None


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestKpiChangeEffect(ProposalCase):
    """Effect of a proposal on 12 periods, beside a calculation of its own."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.calls = cls._report("Calls", CALLS, code="p_calls")
        cls._target(cls.calls, (2026, 1), 8)
        cls.twice = cls._formula("Twice", "p_calls * 2")
        cls._target(cls.twice, (2025, 1), 10)
        cls.four = cls._formula("Four", "p_twice * 2")
        cls.gap = cls._formula("Gap", "sales - target(sales)")
        cls.env["kpi.definition"]._recompute_formulas(date(2025, 12, 1))
        cls.card = cls.env["kpi.report.group"].create(
            {
                "name": "Board",
                "line_ids": [
                    Command.create({"report_id": cls.sales.id, "weight": 3}),
                    Command.create({"report_id": cls.calls.id, "weight": 1}),
                    Command.create({"report_id": cls.twice.id, "weight": 2}),
                ],
            }
        )
        cls._guard("target_change")
        cls._guard("formula_modification")

    @classmethod
    def _formula(cls, name, formula):
        kpi = cls.env["kpi.definition"].create(
            {
                "name": name,
                "code": f"p_{name.lower()}",
                "computation": "formula",
                "formula": formula,
                "calendar_id": cls.calendar.id,
                "history_start": date(2025, 12, 1),
            }
        )
        return kpi._track_for("company", cls.env.company)

    def _effect(self, change, user=None):
        effect = change.with_user(user or self.ann).get_effect()
        self.assertFalse(effect["message"])
        starts = [period["start"] for period in effect["periods"]]
        self.assertEqual(starts, [day.isoformat() for day in MONTHS])
        return effect

    def _assert_near(self, found, expected):
        self.assertEqual(len(found), len(expected))
        for one, other in zip(found, expected, strict=True):
            if other is None:
                self.assertIsNone(one)
            else:
                self.assertAlmostEqual(one, other, 9)

    def _assert_judged(self, cells, values, targets):
        judged = [judge(*pair) for pair in zip(values, targets, strict=True)]
        self._assert_near(cells["value"], values)
        self._assert_near(cells["target"], targets)
        self._assert_near(cells["achievement"], [percent for percent, _word in judged])
        self.assertEqual(cells["status"], [word for _percent, word in judged])

    def _by_month(self, by_month):
        return [by_month.get((day.year, day.month)) for day in MONTHS]

    def test_of_a_target(self):
        effect = self._effect(self._propose_value(85.0))
        sales = self._by_month({(2026, 9): 80.0, (2026, 10): 90.0})
        before = [100.0 if day >= date(2026, 9, 1) else None for day in MONTHS]
        self._assert_judged(effect["before"], sales, before)
        # as if it had applied in all of them
        self._assert_judged(effect["after"], sales, [85.0] * 12)
        self.assertEqual(
            [period["is_before"] for period in effect["periods"]],
            [day < date(2026, 9, 1) for day in MONTHS],
        )

    def test_of_a_target_on_formulas_that_name_it(self):
        effect = self._effect(self._propose_value(85.0))
        (gap,) = effect["formulas"]
        self.assertEqual(gap["id"], self.gap.id)
        self._assert_near(
            gap["before"]["value"],
            self._by_month({(2026, 9): 80 - 100.0, (2026, 10): 90 - 100.0}),
        )
        self._assert_near(
            gap["after"]["value"],
            self._by_month({(2026, 9): 80 - 85.0, (2026, 10): 90 - 85.0}),
        )

    def test_of_a_target_on_scorecards(self):
        effect = self._effect(self._propose_value(85.0))
        (card,) = effect["scorecards"]
        self.assertEqual(card["name"], "Board")
        sales = self._by_month({(2026, 9): 80.0, (2026, 10): 90.0})
        calls = self._by_month(CALLS)
        before, after = [], []
        for day, sold, called in zip(MONTHS, sales, calls, strict=True):
            others = [
                (judge(called, 8 if day.year == 2026 else None)[0], 1),
                (judge(called and called * 2, 10)[0], 2),
            ]
            old = 100 if day >= date(2026, 9, 1) else None
            before.append(mean([(judge(sold, old)[0], 3), *others]))
            after.append(mean([(judge(sold, 85)[0], 3), *others]))
        self._assert_near(card["before"], before)
        self._assert_near(card["after"], after)

    def test_of_a_target_from_a_later_day(self):
        vals = {"report_id": self.sales.id, "date_from": "2026-10-01", "value": 70.0}
        change = self._mine(self.target)._propose(vals, "x", operation="create")
        effect = self._effect(change)
        sales = self._by_month({(2026, 9): 80.0, (2026, 10): 90.0})
        self._assert_judged(effect["after"], sales, [70.0] * 12)
        self.assertTrue(effect["periods"][9]["is_before"])
        self.assertFalse(effect["periods"][10]["is_before"])

    def test_of_one_that_another_follows(self):
        self._target(self.sales, (2026, 10), 60)
        effect = self._effect(self._propose_value(85.0))
        sales = self._by_month({(2026, 9): 80.0, (2026, 10): 90.0})
        self._assert_judged(effect["after"], sales, [85.0] * 10 + [60.0] * 2)

    def test_of_zones(self):
        vals = {"zones": "rag", "threshold_1": 90.0, "threshold_2": 50.0}
        change = self._mine(self.target)._propose(vals, "x")
        effect = self._effect(change)
        self.assertEqual(effect["before"]["status"][9:11], ["at_risk", "at_risk"])
        self.assertEqual(effect["after"]["status"][9:11], ["at_risk", "on_target"])

    def test_of_the_zones_of_a_kpi(self):
        kpi = self._mine(self.sales.definition_id)
        vals = {"zones": "rag", "threshold_1": 90.0, "threshold_2": 85.0}
        effect = self._effect(kpi._propose(vals, "x"))
        self.assertEqual(effect["after"]["status"][9:11], ["off_target", "on_target"])
        self.assertEqual(effect["after"]["value"], effect["before"]["value"])

    def test_of_a_target_taken_away(self):
        change = self._mine(self.target)._propose({}, "x", operation="unlink")
        effect = self._effect(change)
        sales = self._by_month({(2026, 9): 80.0, (2026, 10): 90.0})
        self._assert_judged(effect["after"], sales, [None] * 12)
        self.assertFalse(any(period["is_before"] for period in effect["periods"]))

    def test_of_a_rule(self):
        self._enter(self.calls, {(2025, month): 4.0 for month in range(1, 12)})
        target = self.calls.target_ids
        vals = {"rule": "previous_year", "change_percent": 50.0}
        effect = self._effect(self._mine(target)._propose(vals, "x"))
        values = self._by_month({**CALLS})
        # half as much again as a year before
        targets = [None] + [4.0 * 1.5] * 11
        self._assert_judged(effect["after"], values, targets)

    def test_of_a_formula(self):
        kpi = self._mine(self.twice.definition_id)
        change = kpi._propose(
            {"formula": "p_calls * 3"}, "x", valid_from=date(2026, 10, 1)
        )
        effect = self._effect(change)
        calls = self._by_month(CALLS)
        for side, factor in (("before", 2), ("after", 3)):
            values = [called and called * factor for called in calls]
            self._assert_judged(effect[side], values, [10.0] * 12)
            (four,) = effect["formulas"]
            self._assert_near(
                four[side]["value"], [value and value * 2 for value in values]
            )
        self.assertEqual(
            [period["is_before"] for period in effect["periods"]],
            [day < date(2026, 10, 1) for day in MONTHS],
        )
        (card,) = effect["scorecards"]
        self.assertNotEqual(card["before"], card["after"])

    def test_nothing_is_written(self):
        change = self._propose_value(85.0).with_user(self.ann)
        first = change.get_effect()
        self.env.flush_all()
        savepoint = self.cr.savepoint()
        self.cr.execute("SET LOCAL transaction_read_only = on")
        try:
            self.assertEqual(change.get_effect(), first)
            with self.assertRaises(ReadOnlySqlTransaction), self.cr.savepoint():
                self.cr.execute("UPDATE kpi_target SET value = 1")
        finally:
            savepoint.close(rollback=True)
        self.assertEqual(self.target.value, 100)

    def test_what_the_reader_may_not_see_is_left_out(self):
        change = self._propose_value(85.0)
        far = self.env["res.company"].create({"name": "Far"})
        self.gap.definition_id.report_ids.active = False
        effect = change.with_user(self.ann).get_effect()
        self.assertFalse(effect["formulas"])
        stranger = new_test_user(
            self.env,
            "effect-far",
            "kpi_base.kpi_base_group_officer",
            company_id=far.id,
            company_ids=[Command.set(far.ids)],
        )
        with self.assertRaises(AccessError):
            change.with_user(stranger).get_effect()

    def test_once_it_applies_there_is_no_effect_to_show(self):
        change = self._propose_value(85.0)
        self._approve(change)
        self.assertEqual(change.get_effect(), {})
