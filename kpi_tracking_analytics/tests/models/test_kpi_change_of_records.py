from datetime import date

import numpy as np

from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.kpi_tracking.tests.common import KpiCase

from .change_case import ChangeCase


@tagged("post_install", "-at_install")
class TestKpiChangeOfRecords(ChangeCase, KpiCase):
    """Changes of KPIs that are counted, against plain Python."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._create_sales()
        cls.support = cls._create_department("Support")
        cls._employ(cls.bob, cls.support)
        cls.stages = cls.env["x_kpi_stage"].create(
            [{"x_name": f"Stage {number}"} for number in range(4)]
        )

    def _deal(self, day, hours, user=None, **values):
        return self.deals.create(
            {
                "x_date": day,
                "x_hours": hours,
                "x_active": True,
                "x_company_id": self.company.id,
                "x_user_id": user and user.id,
                **values,
            }
        )

    def _deals_by_stage(self, rows):
        """Rows of month, place of the stage (None = none), hours."""
        for month, stage, hours in rows:
            given = self.stages[stage].id if stage is not None else False
            self._deal(date(2023, month, 5), hours, self.ann, x_stage_id=given)

    def _kpi(self, *scopes, name="Hours", paths=(), top_count=10, **values):
        given = {"measure": "sum", "measure_field": "x_hours", **values}
        definition = self._definition(
            name,
            coarsest_grain="month",
            decimals=2,
            breakdown_ids=[
                Command.create({"field_path": path, "top_count": top_count})
                for path in paths
            ],
            **given,
        )
        reports = self._track(definition, *scopes)
        self._compute()
        return reports

    @staticmethod
    def _change(kpi, first=1, last=2, **options):
        return kpi.explain_change(date(2023, first, 9), date(2023, last, 9), **options)

    def test_values_of_a_field(self):
        self._deals_by_stage(
            [(1, 0, 10), (1, 1, 5), (1, None, 1), (2, 0, 4), (2, 2, 9), (2, None, 3.5)]
        )
        (kpi,) = self._kpi(paths=["x_stage_id"])
        found = self._change(kpi)
        self.assertAddsUp(found)
        self.assertEqual(
            self._parts(found),
            {
                ("Stage 2", "key"): 9.0,
                ("Stage 0", "key"): -6.0,
                ("Stage 1", "key"): -5.0,
                ("Not set", "key"): 2.5,
            },
        )
        self.assertEqual((found["kind"], found["split_by"]), ("sum", "x_stage_id"))
        self.assertIn("Stage 2: +9.00, from 0.00 to 9.00.", found["sentences"])
        # From a month without anything, which has no parts either.
        found = self._change(kpi, 2, 3)
        self.assertEqual(found["change"], -16.5)
        self.assertAddsUp(found)

    def test_the_finding_of_an_unusual_change_names_its_largest_part(self):
        rows = [(month, 0, 10 + month % 2) for month in range(1, 7)]
        rows += [(month, 1, 5) for month in range(1, 7)]
        self._deals_by_stage([*rows, (7, 0, 11), (7, 1, 20), (8, 1, 4)])
        (kpi,) = self._kpi(paths=["x_stage_id"])
        (other,) = self._kpi(name="Deals", measure="count", paths=["x_stage_id"])
        calendar = kpi.definition_id.calendar_id
        periods = calendar._periods("month", date(2023, 6, 1), date(2023, 8, 1))
        findings = [*kpi._get_findings({kpi: periods})[kpi].values()]
        self.assertEqual(
            findings,
            [
                "",  # 15 or 16 each month
                "Jul 2023 rose 16× more than usual, led by Stage 1",
                "Aug 2023 fell far more than usual, led by Stage 1",
            ],
        )
        for month in (7, 8):
            part = self._change(kpi, month - 1, month)["parts"][0]
            self.assertIn(f"led by {part['label']}", findings[month - 6])
        counts = []
        for some in (kpi, kpi | other):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            some._get_findings(dict.fromkeys(some, periods))
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(*counts)
        # A name that is too long is left out.
        self.stages[1].x_name = "Stage " * 12
        self.assertEqual(kpi._finding(periods[1]), "Jul 2023 rose 16× more than usual")

    def test_values_whose_names_are_hidden_are_in_no_finding(self):
        rows = [(month, 0, 10 + month % 2) for month in range(1, 7)]
        self._deals_by_stage([*rows, (7, 0, 11), (7, 1, 20)])
        (kpi,) = self._kpi(paths=["x_stage_id"])
        self._show_first_stage(kpi)
        own = kpi.with_user(self.ann).with_context(allowed_company_ids=self.company.ids)
        period = kpi.definition_id.calendar_id._period("month", date(2023, 7, 1))
        self.assertIn("led by Stage 1", kpi._finding(period))
        self.assertEqual(own._finding(period), "Jul 2023 rose far more than usual")

    def test_a_value_that_is_stored_on_one_side_only_is_other(self):
        # The two largest of each year are stored: of 2023 stages 0 and 1, of 2024
        # stages 0 and 2. What 2024 has of stage 1 is in its rest, and so on.
        self._deals_by_stage([(12, 0, 50), (12, 1, 30), (12, 2, 4), (12, 3, 1)])
        for stage, hours in ((0, 60), (1, 3), (2, 40), (3, 2)):
            self._deal(
                date(2024, 1, 5), hours, self.ann, x_stage_id=self.stages[stage].id
            )
        (kpi,) = self._kpi(paths=["x_stage_id"], top_count=2)
        self._compute(date(2023, 1, 1), date(2024, 1, 31))
        found = kpi.explain_change(date(2023, 12, 1), date(2024, 1, 1))
        # 85 → 105: stage 0 +10; the rest 35 → 45.
        self.assertAddsUp(found)
        self.assertEqual(
            self._parts(found), {("Stage 0", "key"): 10.0, ("Other", "other"): 10.0}
        )
        rest = next(part for part in found["parts"] if part["kind"] == "other")
        self.assertEqual((rest["from"], rest["to"]), (35.0, 45.0))

    def test_values_whose_names_the_user_may_not_know_are_other(self):
        self._deals_by_stage([(1, 0, 10), (1, 1, 5), (2, 0, 4), (2, 1, 9), (2, 2, 3)])
        (kpi,) = self._kpi(paths=["x_stage_id"])
        self._show_first_stage(kpi)
        own = kpi.with_user(self.ann).with_context(allowed_company_ids=self.company.ids)
        found = self._change(own)
        self.assertEqual(
            self._parts(found), {("Other", "other"): 7.0, ("Stage 0", "key"): -6.0}
        )
        self.assertNotIn("Stage 1", repr(found))
        self.assertNotIn("Stage 2", repr(found))

    def _show_first_stage(self, kpi):
        """Share a KPI with Ann, who may read only the first stage."""
        kpi.shared_user_ids = self.ann
        self.ann.group_ids += self.env.ref("kpi_base.kpi_base_group_user")
        model = self.env["ir.model"]._get("x_kpi_stage").id
        self.env["ir.model.access"].create(
            {"name": "stages", "model_id": model, "perm_read": True}
        )
        self.env["ir.rule"].create(
            {
                "name": "first stage",
                "model_id": model,
                "domain_force": f"[('id', '=', {self.stages[0].id})]",
            }
        )

    def test_values_that_overlap_are_no_way(self):
        tags = self.env["res.partner.category"].create([{"name": "A"}, {"name": "B"}])
        self._deal(date(2023, 1, 5), 5, x_tag_ids=[Command.set(tags.ids)])
        self._deal(date(2023, 2, 5), 7, x_tag_ids=[Command.set(tags.ids)])
        (kpi,) = self._kpi(paths=["x_tag_ids"])
        self.assertEqual([way["key"] for way in self._change(kpi)["ways"]], ["scope"])

    def test_departments_of_records(self):
        for month, user, hours in (
            (1, self.ann, 10),
            (1, self.bob, 4),
            (1, None, 1),
            (2, self.ann, 12),
            (2, self.bob, 7),
            (2, None, 5),
        ):
            self._deal(date(2023, month, 5), hours, user)
        kpi, *_below = self._kpi(self.company, self.sales, self.east, self.support)
        found = self._change(kpi)
        # 15 → 24, of which in no department 1 → 5.
        self.assertEqual(
            self._parts(found),
            {
                ("Other in North", "beside"): 4.0,
                ("Support", "scope"): 3.0,
                ("Sales", "scope"): 2.0,
            },
        )

    def test_people_of_a_department_who_stayed(self):
        cleo, dan = (self._create_user(login) for login in ("cleo", "dan"))
        self._employ(cleo, self.east)
        moved = self._employ(dan, self.west)
        self._transfer(moved, self.east, on=date(2023, 1, 10))
        for month in (1, 2):
            for user, hours in ((self.ann, 10), (cleo, 4), (dan, 100)):
                self._deal(date(2023, month, 5), hours * month, user)
        kpi, *_below = self._kpi(self.east, self.ann, cleo, dan)
        found = self._change(kpi)
        # 14 → 228. Dan, who came within January, is with the rest.
        self.assertEqual(
            self._parts(found),
            {
                ("Other in Sales / East", "beside"): 200.0,
                ("ann", "scope"): 10.0,
                ("cleo", "scope"): 4.0,
            },
        )

    def test_teams_that_share_people_are_no_parts(self):
        teams = self.env["kpi.team"].create(
            [
                {
                    "name": name,
                    "company_id": self.company.id,
                    "member_ids": [
                        Command.create({"user_id": user.id, "date_from": "2020-01-01"})
                        for user in people
                    ],
                }
                for name, people in (("A", self.ann), ("B", self.bob))
            ]
        )
        for month, user, hours in (
            (1, self.ann, 3),
            (2, self.ann, 8),
            (2, self.bob, 1),
        ):
            self._deal(date(2023, month, 5), hours, user)
        kpi, *_below = self._kpi(self.company, *teams)
        self.assertEqual(
            self._parts(self._change(kpi)), {("A", "scope"): 5.0, ("B", "scope"): 1.0}
        )
        teams[1].member_ids = [
            Command.create({"user_id": self.ann.id, "date_from": "2023-02-10"})
        ]
        self._compute()
        self.assertIn("people are in several teams", self._text(self._change(kpi)))

    def test_an_average_by_value_and_share(self):
        # Sales: 2 deals of 10 → 6 of 12; Support: 2 of 30 → 2 of 28; rest: 0 → 2 of 4.
        for month, user, hours, count in (
            (1, self.ann, 10, 2),
            (1, self.bob, 30, 2),
            (2, self.ann, 12, 6),
            (2, self.bob, 28, 2),
            (2, None, 4, 2),
        ):
            for _number in range(count):
                self._deal(date(2023, month, 5), hours, user)
        kpi, *_below = self._kpi(
            self.company, self.sales, self.support, measure="average"
        )
        found = self._change(kpi)
        # 20 → (72 + 56 + 8) / 10 = 13.6. Shares: 50% → 60%, 50% → 20%, 0 → 20%;
        # measured from the mean level, 16.8.
        self.assertAlmostEqual(found["change"], -6.4)
        self.assertAddsUp(found)
        expected = {
            ("Sales", "rate"): 0.55 * 2,
            ("Sales", "mix"): 0.1 * (11 - 16.8),
            ("Support", "rate"): 0.35 * -2,
            ("Support", "mix"): -0.3 * (29 - 16.8),
            ("Other in North", "mix"): 0.2 * (4 - 16.8),
        }
        parts = self._parts(found)
        self.assertEqual(set(parts), set(expected))
        for key, size in expected.items():
            self.assertAlmostEqual(parts[key], size, msg=str(key))
        shares = {
            part["label"]: (part["from"], part["to"])
            for part in found["parts"]
            if part["kind"] == "mix"
        }
        np.testing.assert_allclose(shares["Support"], (50, 20))
        self.assertIn(
            "Support: −3.66 due to its share (50% to 20%).",
            found["sentences"],
        )

    def _check_split_of_average(self, found, before, after):
        """Against Bennet's formulas in plain Python; sides are name → hours of each."""
        total = [
            sum(map(sum, side.values())) / sum(map(len, side.values()))
            for side in (before, after)
        ]
        level = sum(total) / 2
        self.assertAlmostEqual(found["change"], total[1] - total[0])
        self.assertAddsUp(found)
        expected = {}
        for name in before.keys() | after.keys():
            sides = [side.get(name, ()) for side in (before, after)]
            shares = [
                len(hours) / sum(map(len, side.values()))
                for hours, side in zip(sides, (before, after), strict=True)
            ]
            means = [sum(hours) / len(hours) for hours in sides if hours]
            expected[name, "rate"] = sum(shares) / 2 * (means[-1] - means[0])
            expected[name, "mix"] = (shares[1] - shares[0]) * (
                (means[0] + means[-1]) / 2 - level
            )
        expected = {key: size for key, size in expected.items() if size}
        parts = self._parts(found)
        self.assertEqual(set(parts), set(expected))
        for key, size in expected.items():
            self.assertAlmostEqual(parts[key], size, delta=1e-9, msg=str(key))

    def test_an_average_by_the_values_of_a_field(self):
        rows = [(1, 0, 10), (1, 0, 14), (1, 1, 30), (1, None, 3)]
        rows += [(2, 0, 12), (2, 1, 26), (2, 1, 40), (2, 1, 7), (2, 2, 5)]
        self._deals_by_stage(rows)
        (kpi,) = self._kpi(paths=["x_stage_id"], measure="average")
        found = self._change(kpi)
        self.assertEqual((found["kind"], found["split_by"]), ("mix", "x_stage_id"))
        self._check_split_of_average(
            found,
            {"Stage 0": (10, 14), "Stage 1": (30,), "Not set": (3,)},
            {"Stage 0": (12,), "Stage 1": (26, 40, 7), "Stage 2": (5,)},
        )

    def test_an_average_whose_largest_values_differ_by_year(self):
        # The two of the most records: of 2023 stages 0 and 1, of 2024 stages 0 and 2.
        before = {0: (50, 30, 20), 1: (8, 9), 2: (100,), 3: (1,)}
        after = {0: (60, 10), 1: (7,), 2: (40, 44, 47), 3: (2,)}
        for day, side in ((date(2023, 12, 5), before), (date(2024, 1, 5), after)):
            for stage, hours in side.items():
                for each in hours:
                    self._deal(day, each, x_stage_id=self.stages[stage].id)
        (kpi,) = self._kpi(paths=["x_stage_id"], top_count=2, measure="average")
        self._compute(date(2023, 1, 1), date(2024, 1, 31))
        found = kpi.explain_change(date(2023, 12, 1), date(2024, 1, 1))
        self._check_split_of_average(
            found,
            *(
                {
                    "Stage 0": side[0],
                    "Other": [each for key in (1, 2, 3) for each in side[key]],
                }
                for side in (before, after)
            ),
        )

    def test_a_share_and_a_weighted_average_by_the_values_of_a_field(self):
        for month, stage, won, hours, weight in (
            (1, 0, True, 10, 2),
            (1, 0, False, 20, 3),
            (1, 1, False, 6, 5),
            (2, 0, True, 11, 1),
            (2, 1, True, 9, 4),
            (2, 1, False, 8, 2),
        ):
            given = {"x_is_won": won, "x_weight": weight}
            given["x_stage_id"] = self.stages[stage].id
            self._deal(date(2023, month, 5), hours, **given)
        (kpi,) = self._kpi(
            paths=["x_stage_id"],
            measure="share",
            numerator_domain="[('x_is_won', '=', True)]",
            unit="percent",
        )
        found = self._change(kpi)
        self._check_split_of_average(
            found,
            {"Stage 0": (100, 0), "Stage 1": (0,)},
            {"Stage 0": (100,), "Stage 1": (100, 0)},
        )
        (kpi,) = self._kpi(
            paths=["x_stage_id"],
            measure="weighted_average",
            weight_field="x_weight",
            code="weighted",
            name="Weighted Hours",
        )
        self._check_split_of_average(
            self._change(kpi),
            {"Stage 0": (10, 10, 20, 20, 20), "Stage 1": (6,) * 5},
            {"Stage 0": (11,), "Stage 1": (9, 9, 9, 9, 8, 8)},
        )

    def test_averages_of_values_that_the_user_may_not_know_are_other(self):
        self._deals_by_stage([(1, 0, 10), (1, 1, 5), (2, 0, 4), (2, 1, 9), (2, 2, 3)])
        (kpi,) = self._kpi(paths=["x_stage_id"], measure="average")
        self._show_first_stage(kpi)
        own = kpi.with_user(self.ann).with_context(allowed_company_ids=self.company.ids)
        found = self._change(own)
        self._check_split_of_average(
            found,
            {"Stage 0": (10,), "Other": (5,)},
            {"Stage 0": (4,), "Other": (9, 3)},
        )
        self.assertNotIn("Stage 1", repr(found))

    def test_parts_without_weights_are_not_split(self):
        self._deals_by_stage([(1, 0, 10), (2, 1, 5), (2, 1, 8)])
        (kpi,) = self._kpi(paths=["x_stage_id"], measure="average")
        self.env.flush_all()
        self.cr.execute("UPDATE kpi_measurement_breakdown SET weight = NULL")
        self.env.invalidate_all()
        found = self._change(kpi, split_by="x_stage_id")
        self.assertEqual(found["parts"], [])
        self.assertIn("The record count behind", self._text(found))

    def test_a_share_of_records(self):
        for month, user, won, count in (
            (1, self.ann, True, 1),
            (1, self.ann, False, 3),
            (1, self.bob, True, 2),
            (2, self.ann, True, 3),
            (2, self.bob, False, 1),
        ):
            for _number in range(count):
                self._deal(date(2023, month, 5), 1, user, x_is_won=won)
        kpi, *_below = self._kpi(
            self.company,
            self.sales,
            self.support,
            measure="share",
            numerator_domain="[('x_is_won', '=', True)]",
            unit="percent",
        )
        found = self._change(kpi)
        # 3 of 6 = 50% → 3 of 4 = 75%. Sales 25 → 100%, Support 100 → 0%; shares of
        # Sales 2/3 → 3/4; mean level 62.5, mean values 62.5 and 50.
        self.assertAddsUp(found)
        parts = self._parts(found)
        self.assertAlmostEqual(parts["Sales", "rate"], (2 / 3 + 3 / 4) / 2 * 75)
        self.assertAlmostEqual(parts["Support", "rate"], (1 / 3 + 1 / 4) / 2 * -100)
        self.assertAlmostEqual(parts["Support", "mix"], -1 / 12 * (50 - 62.5))
        self.assertEqual(found["kind"], "mix")

    def test_values_that_do_not_fit_yet_are_not_split(self):
        for month, user, hours in (
            (1, self.ann, 2),
            (1, self.bob, 4),
            (2, self.ann, 6),
        ):
            self._deal(date(2023, month, 5), hours, user)
        kpi, *_below = self._kpi(
            self.company, self.sales, self.support, measure="average"
        )
        self.assertAddsUp(self._change(kpi))
        # 3 → 6 before; now it says 8, while those below still say 6.
        facts = self.env["kpi.measurement"]
        facts._upsert("month", [(kpi.id, date(2023, 2, 1), 8.0, 1.0)], source="api")
        found = self._change(kpi)
        self.assertEqual((found["change"], found["parts"]), (5.0, []))
        self.assertIn("being recalculated", self._text(found))

    def test_what_has_no_additive_parts_is_refused(self):
        self._deal(date(2023, 1, 5), 3, self.ann)
        self._deal(date(2023, 2, 5), 8, self.ann)
        for measure in ("median", "percentile", "min", "max", "distinct"):
            kpi, _sales = self._kpi(
                self.company,
                self.sales,
                measure=measure,
                code=f"m_{measure}",
                name=f"Hours, {measure}",
            )
            found = self._change(kpi)
            self.assertEqual((found["kind"], found["parts"]), ("none", []), measure)
            self.assertIn("cannot be split into parts", self._text(found))

    def test_a_record_of_several_people_is_in_no_single_part(self):
        both = self.ann | self.bob
        for month in (1, 2):
            self._deal(date(2023, month, 5), month, x_user_ids=[Command.set(both.ids)])
        kpi, *_below = self._kpi(
            self.company, self.sales, self.support, user_field="x_user_ids"
        )
        self.assertIn("can belong to several levels", self._text(self._change(kpi)))

    def test_a_definition_that_changed_between(self):
        self._deals_by_stage([(1, 0, 10), (2, 0, 4), (2, 1, 30), (3, 0, 5)])
        (kpi,) = self._kpi(paths=["x_stage_id"])
        kpi.definition_id._change(
            {"domain": "[('x_hours', '<', 20)]"}, date(2023, 2, 1)
        )
        self._compute()
        found = self._change(kpi)
        self.assertTrue(found["seam"])
        self.assertIsNone(found["ratio"])
        self.assertIn("may explain part of the difference", self._text(found))
        self.assertEqual(self._parts(found), {("Stage 0", "key"): -6.0})
        self.assertFalse(self._change(kpi, 2, 3)["seam"])

    def test_a_part_of_a_formula_that_changed_within_a_period(self):
        self._deals_by_stage([(2, 0, 10), (3, 0, 4)])
        hours = {"measure": "sum", "measure_field": "x_hours"}
        daily = self._definition("Parts", frequency="day", **hours)
        self._track(daily, self.company)
        twice = self._definition("Twice", computation="formula", formula="2 * parts")
        (kpi,) = self._track(twice, self.company)
        self._compute()
        daily._change({"domain": "[('x_hours', '<', 99)]"}, date(2023, 2, 10))
        self._compute()
        self.env["kpi.definition"]._recompute_formulas()
        # February was partly computed as before, so it differs from both months.
        seams = [self._change(kpi, first, first + 1)["seam"] for first in (1, 2, 3)]
        self.assertEqual(seams, [True, True, False])
        self.assertEqual(
            self._parts(self._change(kpi, 2, 3)), {("Parts", "input"): -12.0}
        )

    def test_a_count_that_became_one_of_something_else(self):
        self._deals_by_stage([(1, 0, 10), (2, 0, 4)])
        apart = {"aggregation_time": "none", "aggregation_scope": "none"}
        (kpi,) = self._kpi(measure="count", **apart)
        kpi.definition_id._change(
            {"measure": "distinct", "measure_field": "x_stage_id"}, date(2023, 2, 1)
        )
        self._compute()
        found = self._change(kpi)
        self.assertEqual((found["kind"], found["parts"]), ("none", []))
        self.assertTrue(found["seam"])
        self.assertIn("no parts in common", self._text(found))
