from datetime import date, timedelta
from types import SimpleNamespace

from odoo.fields import Command
from odoo.tests import tagged

from .dashboard_case import DashboardCase

MARCH = date(2026, 3, 1)


@tagged("post_install", "-at_install")
class TestKpiDashboardParts(DashboardCase):
    """What a value is made of, and the way from a tile to its records."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.stages = cls.env["x_kpi_stage"].create(
            [{"x_name": name} for name in ("Cold", "Warm", "Hot")]
        )
        cls.deals.create(
            [
                {
                    "x_name": f"Deal {place}",
                    "x_date": date(2026, 1, 1) + timedelta(days=place),
                    "x_active": True,
                    "x_hours": place,
                    "x_company_id": cls.company.id,
                    "x_stage_id": cls.stages[place % 3].id,
                }
                for place in range(1, 69)
            ]
        )
        cls.hours = cls._track(
            cls._definition(
                "Hours",
                measure="sum",
                measure_field="x_hours",
                history_start=date(2025, 1, 1),
                breakdown_ids=[
                    Command.create({"field_path": "x_stage_id", "top_count": 2})
                ],
            )
        )
        cls.env["kpi.source"]._recompute_all(date(2026, 1, 1), date(2026, 3, 31))
        access = {"model_id": cls.env["ir.model"]._get("x_kpi_stage").id}
        cls.env["ir.model.access"].create(
            [
                {"name": "deals", "perm_read": True, **each}
                for each in (access, {"model_id": cls.deal_model.id})
            ]
        )

    def _sum(self, first, last, stage=None):
        deals = self.deals.search([("x_date", ">=", first), ("x_date", "<", last)])
        if stage:
            deals = deals.filtered(lambda deal: deal.x_stage_id == stage)
        return sum(deals.mapped("x_hours"))

    def _split(self, kind, **values):
        return self._tile(kind, self.hours, breakdown="x_stage_id", **values)

    def test_parts_make_the_value(self):
        (tile,) = self._shown(self._split("pie"), grain="month", start="2026-02-01")
        rows = tile["parts"]["rows"]
        february = self._sum(date(2026, 2, 1), MARCH)
        self.assertEqual(tile["parts"]["total"], february)
        self.assertEqual(len(rows), 3)
        self.assertEqual(rows[-1]["name"], "Other")
        self.assertAlmostEqual(sum(row["share"] for row in rows), 1)
        for row in rows[:2]:
            stage = self.stages.filtered(lambda one, row=row: one.x_name == row["name"])
            self.assertEqual(row["value"], self._sum(date(2026, 2, 1), MARCH, stage))

    def test_a_wheel_leaves_out_parts_of_which_there_is_nothing(self):
        hot = self.stages[2]
        february = [("x_date", ">=", date(2026, 2, 1)), ("x_date", "<", MARCH)]
        self.deals.search([*february, ("x_stage_id", "=", hot.id)]).x_hours = 0
        self.env["kpi.source"]._recompute_all(date(2026, 1, 1), date(2026, 3, 31))
        tiles = [self._split("pie"), self._split("funnel")]
        pie, funnel = self._shown(*tiles, grain="month", start="2026-02-01")
        for tile, has_nothing in ((pie, False), (funnel, True)):
            values = [row["value"] for row in tile["parts"]["rows"]]
            self.assertEqual(0 in values, has_nothing, values)

    def test_steps_of_a_funnel_are_in_the_order_of_their_process(self):
        last, first = self.env["res.company"].create(
            [{"name": "Later", "sequence": 20}, {"name": "Sooner", "sequence": 10}]
        )
        found = [(("", "Not set"), 9.0)]
        found += [((str(each.id), each.name), 5.0) for each in last + first]
        report = SimpleNamespace(model_name=self.deals._name)
        names = {
            path: [
                name
                for (_key, name), _value in self.env[
                    "kpi.dashboard.tile"
                ]._in_process_order({"breakdown": path}, report, found)
            ]
            for path in ("x_company_id", "x_name")
        }
        self.assertEqual(names["x_company_id"], ["Sooner", "Later", "Not set"])
        self.assertEqual(names["x_name"], ["Not set", "Later", "Sooner"])

    def test_parts_of_longer_periods(self):
        (tile,) = self._shown(self._split("doughnut"), grain="quarter")
        self.assertEqual(
            tile["parts"]["total"], self._sum(date(2026, 1, 1), date(2026, 4, 1))
        )

    def test_names_that_the_viewer_may_not_know_are_hidden(self):
        self.hours.shared_user_ids = self.user
        self.env["ir.rule"].create(
            {
                "name": "only cold",
                "model_id": self.env["ir.model"]._get("x_kpi_stage").id,
                "domain_force": [("x_name", "=", "Cold")],
            }
        )
        dashboard = self._dashboard(self._split("pie"))
        (tile,) = self._data(dashboard, self.user, grain="quarter")["tiles"]
        names = {row["name"] for row in tile["parts"]["rows"]}
        self.assertLessEqual(names, {"Cold", "Other", "Not visible to you"})
        hidden = next(r for r in tile["parts"]["rows"] if r["name"].startswith("Not"))
        self.assertIsNone(hidden["key"])

    def test_hidden_parts_of_an_average_make_one_by_their_weights(self):
        averages = self._track(
            self._definition(
                "Mean hours",
                measure="average",
                measure_field="x_hours",
                history_start=date(2025, 1, 1),
                breakdown_ids=[
                    Command.create({"field_path": "x_stage_id", "top_count": 3})
                ],
            )
        )
        self.env["kpi.source"]._recompute_all(date(2026, 1, 1), date(2026, 3, 31))
        averages.shared_user_ids = self.user
        warm = self.stages[1]
        self.env["ir.rule"].create(
            {
                "name": "only warm",
                "model_id": self.env["ir.model"]._get("x_kpi_stage").id,
                "domain_force": [("id", "=", warm.id)],
            }
        )
        dashboard = self._dashboard(
            self._tile("pie", averages, breakdown="x_stage_id"),
        )
        options = {"grain": "month", "start": "2026-02-01"}
        (tile,) = self._data(dashboard, self.user, **options)["tiles"]
        found = {row["name"]: row["value"] for row in tile["parts"]["rows"]}
        february = [("x_date", ">=", date(2026, 2, 1)), ("x_date", "<", MARCH)]
        seen = self.deals.search([*february, ("x_stage_id", "=", warm.id)])
        hidden = self.deals.search([*february, ("x_stage_id", "!=", warm.id)])
        self.assertEqual(len(found), 2)
        for name, deals in (("Warm", seen), ("Not visible to you", hidden)):
            hours = deals.mapped("x_hours")
            self.assertAlmostEqual(found[name], sum(hours) / len(hours))

    def test_a_course_by_parts(self):
        (tile,) = self._shown(self._split("stacked", periods=2), grain="month")
        for place, (first, last) in enumerate(
            [(date(2026, 2, 1), MARCH), (MARCH, date(2026, 4, 1))]
        ):
            values = [each["values"][place] or 0 for each in tile["chart"]["series"]]
            self.assertEqual(sum(values), self._sum(first, last))

    def test_a_waterfall_by_parts_ends_at_the_value(self):
        (tile,) = self._shown(self._split("waterfall"), grain="month")
        rows = tile["parts"]["rows"]
        steps = sum(row["value"] for row in rows[1:-1])
        self.assertAlmostEqual(rows[0]["value"] + steps, rows[-1]["value"])

    def test_all_tiles_are_narrowed_to_a_part(self):
        dashboard = self._dashboard(
            self._split("pie"),
            self._tile("card", self.hours),
            self._tile("card", self.revenue),
        )
        options = {"grain": "month", "start": "2026-02-01"}
        pie, *_others = self._data(dashboard, **options)["tiles"]
        part = pie["parts"]["rows"][0]
        cross = {"breakdown": "x_stage_id", "key": part["key"]}
        _pie, card, other = self._data(dashboard, cross=cross, **options)["tiles"]
        self.assertEqual(card["kpi"]["value"], part["value"])
        self.assertIsNone(card["kpi"]["target"])
        self.assertTrue(card["is_crossed"])
        self.assertFalse(other["is_crossed"])
        self.assertEqual(other["kpi"]["value"], 90)

    def test_a_part_that_is_not_visible_cannot_be_asked_for(self):
        self.hours.shared_user_ids = self.user
        self.env["ir.model.access"].search([("name", "=", "deals")]).unlink()
        dashboard = self._dashboard(self._tile("card", self.hours))
        cross = {"breakdown": "x_stage_id", "key": str(self.stages[0].id)}
        (tile,) = self._data(dashboard, self.user, cross=cross)["tiles"]
        self.assertEqual(tile["state"], "no_data")

    def test_the_records_behind_a_tile_make_its_value(self):
        dashboard = self._dashboard(self._tile("bar", self.hours, periods=3))
        (tile,) = self._data(dashboard, grain="month")["tiles"]
        values = tile["chart"]["series"][0]["values"]
        self.assertTrue(all(values))
        for place, value in enumerate(values):
            with self._at("2026-03-11 12:00:00"):
                own = self._as(self.officer, dashboard.tile_ids)
                action = own.drill(place, {"grain": "month"})
                context = action["context"]
                report = self._as(
                    self.officer,
                    self.env["kpi.report"].browse(context["default_report_id"]),
                )
                found = report.get_explanation(
                    context["default_period_start"], context["default_grain"]
                )
            records = self.deals.browse(found["records"]["ids"])
            self.assertEqual(sum(records.mapped("x_hours")), value)

    def test_a_tile_opens_its_kpi(self):
        dashboard = self._dashboard(self._tile("card", self.hours))
        action = self._as(self.officer, dashboard.tile_ids).drill()
        self.assertEqual(
            (action["res_model"], action["res_id"]), ("kpi.report", self.hours.id)
        )
