import random
from collections import defaultdict
from datetime import date, timedelta
from unittest.mock import patch

from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import SQL

from ...models.fact.kpi_measurement_breakdown import OTHER
from ..common import MODEL, KpiCase, month_of

FIRST, LAST = date(2023, 1, 1), date(2023, 4, 30)
JANUARY = FIRST


@tagged("post_install", "-at_install")
class TestKpiBreakdowns(KpiCase):
    """Parts of a value by a field of its records, beside plain Python."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._add_related_field()
        rng = random.Random(11)
        cls.ann, cls.bob = (cls._create_user(login) for login in ("ann", "bob"))
        cls.stages = cls.env["x_kpi_stage"].create(
            [{"x_name": f"Stage {number}"} for number in range(6)]
        )
        cls.tags = cls.env["res.partner.category"].create(
            [{"name": f"Tag {number}"} for number in range(3)]
        )
        cls.deals.create(
            [
                {
                    "x_date": FIRST + timedelta(days=rng.randrange(120)),
                    "x_active": rng.random() > 0.1,
                    "x_hours": round(rng.uniform(1, 90), 2),
                    "x_is_won": rng.random() > 0.5,
                    "x_company_id": cls.company.id,
                    "x_user_id": rng.choice((cls.ann, cls.bob)).id,
                    "x_stage_id": rng.choice([False, *cls.stages.ids]),
                    "x_tag_ids": [Command.set(rng.sample(cls.tags.ids, 2))],
                }
                for _number in range(200)
            ]
        )

    @classmethod
    def _add_related_field(cls):
        related = {"name": "x_seen_ids", "ttype": "many2many", "state": "manual"}
        related |= {"relation": "res.partner.category", "store": False}
        related["related"] = "x_partner_id.category_id"
        cls.deal_model.field_id = [Command.create(related)]
        cls.deals = cls.env[MODEL]

    def _split(self, *paths, top_count=10, measure="sum", **values):
        if measure != "count":
            values["measure_field"] = "x_hours"
        return self._definition(
            "Hours",
            measure=measure,
            coarsest_grain="month",
            breakdown_ids=[
                Command.create({"field_path": path, "top_count": top_count})
                for path in paths
            ],
            **values,
        )

    def _parts(self, report, path):
        """(Period start, key) → value."""
        rows = self.env["kpi.measurement.breakdown"].search_read(
            [("report_id", "=", report.id), ("field_path", "=", path)],
            ["period_start", "key", "value"],
        )
        return {(row["period_start"], row["key"]): row["value"] for row in rows}

    def _expected(self, keys_of, aggregate=sum, user=None):
        """The same by hand; ``keys_of`` gives the keys of a record."""
        hours = defaultdict(list)
        for deal in self._all_deals():
            if deal["x_active"] and user in (None, deal["x_user_id"]):
                for key in keys_of(deal):
                    hours[month_of(deal["x_date"]), key].append(deal["x_hours"])
        return {key: aggregate(values) for key, values in hours.items()}

    @staticmethod
    def _stage_of(deal):
        return [str(deal["x_stage_id"] or "")]

    def assertParts(self, found, expected):
        self.assertEqual(set(found), set(expected))
        for key, value in expected.items():
            self.assertAlmostEqual(found[key], value, places=6, msg=str(key))

    def _check_sums(self, report, path):
        """The parts of every period add up to its value."""
        sums = defaultdict(float)
        for (start, _key), value in self._parts(report, path).items():
            sums[start] += value
        self.assertParts(sums, self._values(report))

    def test_parts_of_a_sum_for_the_company_and_a_person(self):
        report, own = self._track(self._split("x_stage_id"), self.company, self.ann)
        self._compute(FIRST, LAST)
        found = self._parts(report, "x_stage_id")
        self.assertParts(found, self._expected(self._stage_of))
        self.assertIn((JANUARY, ""), found, "records without stage are a part")
        found = self._parts(own, "x_stage_id")
        self.assertParts(found, self._expected(self._stage_of, user=self.ann.id))
        self._check_sums(report, "x_stage_id")
        self._check_sums(own, "x_stage_id")

    def test_three_fields_at_once(self):
        paths = ("x_stage_id", "x_is_won", "x_user_id")
        (report,) = self._track(self._split(*paths, measure="count"))
        self._compute(FIRST, LAST)
        for path in paths:
            self._check_sums(report, path)
        found = self._parts(report, "x_is_won")
        won = self._expected(lambda deal: [str(deal["x_is_won"]).lower()], len)
        self.assertParts(found, won)

    def test_the_largest_stay_and_the_rest_is_other(self):
        (report,) = self._track(self._split("x_stage_id", top_count=2))
        self._compute(FIRST, LAST)
        totals = defaultdict(float)
        expected = self._expected(self._stage_of)
        for (_start, key), value in expected.items():
            totals[key] += value
        largest = sorted(totals, key=totals.get)[-2:]
        grouped = defaultdict(float)
        for (start, key), value in expected.items():
            grouped[start, key if key in largest else OTHER] += value
        self.assertParts(self._parts(report, "x_stage_id"), grouped)
        self._check_sums(report, "x_stage_id")

    def _check_means(self, report, path):
        """The parts of every period of an average make its value by their weights."""
        facts = self.env["kpi.measurement"].search(
            [("report_id", "=", report.id), ("grain", "=", "month")]
        )
        facts = {fact.period_start: fact for fact in facts}
        found = self.env["kpi.measurement.breakdown"].search(
            [("report_id", "=", report.id), ("field_path", "=", path)]
        )
        self.assertEqual({part.period_start for part in found}, set(facts))
        for start, parts in found.grouped("period_start").items():
            weights, fact = parts.mapped("weight"), facts[start]
            whole = sum(part.value * part.weight for part in parts)
            self.assertAlmostEqual(sum(weights), fact.weight, places=6)
            self.assertAlmostEqual(whole / sum(weights), fact.value, places=9)
        return found

    def test_the_rest_of_an_average_is_other_by_its_weight(self):
        kpi = self._split("x_stage_id", measure="average", top_count=2)
        (report,) = self._track(kpi)
        self._compute(FIRST, LAST)
        counts = defaultdict(int)
        for (_start, key), count in self._expected(self._stage_of, len).items():
            counts[key] += count
        largest = sorted(counts, key=lambda key: (-counts[key], key))[:2]
        expected = self._expected(
            lambda deal: [
                key if key in largest else OTHER for key in self._stage_of(deal)
            ],
            lambda hours: sum(hours) / len(hours),
        )
        self.assertParts(self._parts(report, "x_stage_id"), expected)
        self._check_means(report, "x_stage_id")

    def test_parts_of_shares_and_of_weighted_averages(self):
        for number, deal in enumerate(self.deals.search([])):
            deal.x_quantity = number % 5
        for values in (
            {"measure": "share", "numerator_domain": "[('x_is_won', '=', True)]"},
            {"measure": "weighted_average", "weight_field": "x_quantity"},
        ):
            with self.subTest(measure=values["measure"]):
                kpi = self._split(
                    "x_stage_id",
                    top_count=2,
                    code=values["measure"],
                    unit="percent" if values["measure"] == "share" else "number",
                    **values,
                )
                (report,) = self._track(kpi)
                self._compute(FIRST, LAST)
                self.assertFalse(kpi.computation_error)
                found = self._check_means(report, "x_stage_id")
                self.assertIn(OTHER, found.mapped("key"))

    def test_what_is_no_mean_of_its_parts_has_no_other(self):
        for measure in ("median", "min", "distinct"):
            with self.subTest(measure=measure):
                kpi = self._split(
                    "x_stage_id", measure=measure, top_count=2, code=f"m_{measure}"
                )
                (report,) = self._track(kpi)
                self._compute(FIRST, LAST)
                keys = {key for _start, key in self._parts(report, "x_stage_id")}
                self.assertEqual(len(keys), 2)
                self.assertNotIn(OTHER, keys)

    def test_an_average_over_tags_has_no_other(self):
        kpi = self._split("x_tag_ids", measure="average", top_count=1)
        (report,) = self._track(kpi)
        self._compute(FIRST, LAST)
        self.assertFalse(kpi.computation_error)
        keys = {key for _start, key in self._parts(report, "x_tag_ids")}
        self.assertEqual(len(keys), 1)
        self.assertNotIn(OTHER, keys)

    def test_weights_of_parts_follow_the_records(self):
        """Also where the average stays the same."""
        kpi = self._split("x_is_won", measure="average")
        (report,) = self._track(kpi)
        self.deals.search([]).x_hours = 4.0
        self._compute(FIRST, LAST)
        self.deals.search([], limit=20).x_is_won = True
        self.deals.search([], offset=20, limit=20).x_is_won = False
        self._compute(FIRST, LAST)
        expected = self._expected(lambda deal: [str(deal["x_is_won"]).lower()], len)
        found = self.env["kpi.measurement.breakdown"].search(
            [("report_id", "=", report.id)]
        )
        self.assertEqual(
            {(part.period_start, part.key): part.weight for part in found}, expected
        )

    def test_a_record_with_two_tags_counts_for_both(self):
        (report,) = self._track(self._split("x_tag_ids", top_count=2))
        self._compute(FIRST, LAST)
        found = self._parts(report, "x_tag_ids")
        expected = self._expected(lambda deal: map(str, deal["x_tag_ids"]))
        self.assertNotIn(OTHER, {key for _start, key in found})
        self.assertParts(found, {key: expected[key] for key in found})

    def test_tags_of_another_record_that_a_record_leads_to(self):
        """Also by a field that only looks through to them."""
        partners = self.env["res.partner"].create(
            [
                {"name": f"{n}", "category_id": [Command.set(self.tags.ids[:n])]}
                for n in range(3)
            ]
        )
        for number, deal in enumerate(self.deals.search([])):
            deal.x_partner_id = [*partners.ids, False][number % 4]
        paths = ("x_partner_id.category_id", "x_seen_ids")
        (report,) = self._track(self._split(*paths))
        for tags in (self.tags[0], self.tags[1:]):
            partners[2].category_id = tags
            self._compute(FIRST, LAST)
            expected = self._expected(self._tags_of_partner)
            for path in paths:
                with self.subTest(path=path, tags=tags):
                    self.assertParts(self._parts(report, path), expected)

    def _tags_of_partner(self, deal):
        partner = self.env["res.partner"].browse(deal["x_partner_id"] or [])
        return map(str, partner.category_id.ids or [""])

    def test_a_changed_record_moves_between_parts(self):
        (report,) = self._track(self._split("x_stage_id"))
        self._compute(FIRST, LAST)
        before = self._values(report)
        gone = self.stages[0]
        self.deals.search([("x_stage_id", "=", gone.id)]).x_stage_id = self.stages[1]
        self._compute(FIRST, LAST)
        found = self._parts(report, "x_stage_id")
        self.assertNotIn(str(gone.id), {key for _start, key in found})
        self.assertParts(found, self._expected(self._stage_of))
        self.assertParts(self._values(report), before)

    def test_more_parts_are_asked_for(self):
        kpi = self._split("x_stage_id", top_count=2)
        (report,) = self._track(kpi)
        self._compute(FIRST, LAST)
        kpi.breakdown_ids.top_count = 10
        self._compute(FIRST, LAST)
        found = self._parts(report, "x_stage_id")
        self.assertParts(found, self._expected(self._stage_of))

    def test_a_field_is_not_asked_for_any_more(self):
        kpi = self._split("x_stage_id", "x_is_won")
        (report,) = self._track(kpi)
        self._compute(FIRST, LAST)
        kpi.breakdown_ids = [Command.unlink(kpi.breakdown_ids[0].id)]
        self.assertEqual(self._parts(report, "x_stage_id"), {})
        self._check_sums(report, "x_is_won")
        kpi.breakdown_ids.unlink()
        self.assertEqual(self._parts(report, "x_is_won"), {})

    def test_other_records_need_other_fields(self):
        kpi = self._split("x_stage_id", measure="count")
        values = {"model_name": "res.partner", "date_field": "create_date"}
        values |= {"company_field": "company_id", "user_field": False}
        message = "Breakdown: “x_stage_id” in “x_stage_id” is not a stored field"
        with self.assertRaisesRegex(ValidationError, message), self.cr.savepoint():
            kpi.write(values)
        lines = [Command.clear(), Command.create({"field_path": "category_id"})]
        kpi.write({**values, "breakdown_ids": lines})

    def test_a_field_that_is_gone_stops_only_its_kpi(self):
        kpi = self._split("x_stage_id")
        (report,) = self._track(self._split("x_stage_id", code="other"))
        self.env.flush_all()
        self.cr.execute(
            "UPDATE kpi_definition_breakdown SET field_path = 'x_gone'"
            " WHERE definition_id = %s",
            (kpi.id,),
        )
        self.env.invalidate_all()
        self._track(kpi)
        self._compute(FIRST, LAST)
        self.assertIn("“x_gone” is not a stored field", kpi.computation_error)
        self._check_sums(report, "x_stage_id")

    def test_kpis_of_one_source_begin_on_their_own_days(self):
        late = self._split("x_stage_id", history_start=date(2023, 3, 5))
        (report,) = self._track(late)
        self._track(self._split("x_stage_id", code="early", measure="count"))
        self._compute(FIRST, LAST)
        self._check_sums(report, "x_stage_id")

    def test_texts_and_days_of_hidden_records_are_not_told(self):
        self.deals.with_context(active_test=False).search([]).unlink()
        for name, day, user in (("Ann's", 3, self.ann), ("Bob's", 9, self.bob)):
            self.deals.create(
                {
                    "x_name": name,
                    "x_date": date(2023, 1, day),
                    "x_active": True,
                    "x_company_id": self.company.id,
                    "x_user_id": user.id,
                }
            )
        (report,) = self._track(self._split("x_name", "x_date", measure="count"))
        self._compute(FIRST, LAST)
        self._hide_deals_of_others()
        report.shared_user_ids = self.ann
        for group in (
            "base.group_allow_export",
            "kpi_base.kpi_base_group_user",
        ):
            self.ann.group_ids += self.env.ref(group)
        parts = self.env["kpi.measurement.breakdown"].with_user(self.ann)
        parts = parts.with_context(allowed_company_ids=self.company.ids)
        found = parts.search([("period_start", "=", JANUARY)])
        self.assertEqual(
            sorted(found.mapped("key_label")),
            ["2023-01-03", "Ann's", "Not visible to you", "Not visible to you"],
        )
        for way in (
            lambda: found.read(["key"]),
            lambda: found.export_data(["key_label", "key"]),
            lambda: parts.search([("key", "=like", "B%")]),
            lambda: parts.search([], order="key"),
            lambda: parts.formatted_read_group([], ["key"]),
        ):
            with self.assertRaises(AccessError):
                way()

    def _hide_deals_of_others(self):
        model = self.deal_model.id
        access = {"name": "deals", "model_id": model, "perm_read": True}
        self.env["ir.model.access"].create(access)
        own = {"name": "own", "model_id": model}
        own["domain_force"] = "[('x_user_id', '=', user.id)]"
        self.env["ir.rule"].create(own)

    def test_a_place_in_a_tree_is_named_as_short_as_can_be(self):
        departments = self.env["hr.department"]
        north, south = departments.create([{"name": "North"}, {"name": "South"}])
        support, sales, other = departments.create(
            [
                {"name": "Support", "parent_id": north.id},
                {"name": "Sales", "parent_id": north.id},
                {"name": "Sales", "parent_id": south.id},
            ]
        )
        found = {str(each.id) for each in (support, sales, other)}
        names = self.env["kpi.measurement.breakdown"]._record_names(
            "hr.department", found
        )
        self.assertEqual(
            [names[str(each.id)] for each in (support, sales, other)],
            ["Support", "North / Sales", "South / Sales"],
        )

    def test_parts_go_with_their_value(self):
        kpi = self._split("x_stage_id")
        (report,) = self._track(kpi)
        self._compute(FIRST, LAST)
        kpi.history_start = date(2023, 3, 1)
        self._check_sums(report, "x_stage_id")

    def test_parts_that_do_not_add_up_are_told(self):
        kpi = self._split("x_stage_id")
        (report,) = self._track(kpi)
        source = self.registry["kpi.source"]
        key_column = source._key_column

        def doubled(*args):
            key, join = key_column(*args)
            return key, SQL("%s CROSS JOIN generate_series(1, 2)", join)

        with patch.object(source, "_key_column", staticmethod(doubled)):
            self._compute(FIRST, LAST)
        self.assertIn("Stage", kpi.computation_error)
        self.assertIn("does not match the value", kpi.computation_error)
        self._compute(FIRST, LAST)
        self.assertFalse(kpi.computation_error)
        self._check_sums(report, "x_stage_id")

    def test_a_part_that_is_no_number_is_refused(self):
        kpi = self._split("x_stage_id", measure="min")
        (report,) = self._track(kpi)
        self.env.flush_all()
        self.cr.execute(
            "UPDATE x_kpi_deal SET x_hours = 'NaN' WHERE x_stage_id = %s",
            (self.stages[0].id,),
        )
        self._compute(FIRST, LAST)
        self.assertIn("not a finite number", kpi.computation_error)
        self.assertEqual(self._parts(report, "x_stage_id"), {})

    def assertSameParts(self, found, expected):
        """Equal, whatever the order in which PostgreSQL adds up."""
        self.assertEqual(found.keys(), expected.keys())
        for key, value in expected.items():
            self.assertAlmostEqual(found[key], value, msg=str(key))

    def test_later_records_do_not_change_the_largest_of_an_earlier_year(self):
        kpi = self._split("x_stage_id", top_count=1)
        (report,) = self._track(kpi)
        self._compute(FIRST, date(2024, 3, 31))
        before = self._parts(report, "x_stage_id")
        smallest = min(before, key=before.get)[1]
        self.deals.create(
            {
                "x_date": date(2024, 2, 1),
                "x_active": True,
                "x_hours": 1e6,
                "x_company_id": self.company.id,
                "x_stage_id": self.stages[5].id if smallest == OTHER else int(smallest),
            }
        )
        self._compute(FIRST, date(2024, 3, 31))
        after = self._parts(report, "x_stage_id")
        self.assertGreater(len(after), len(before))
        self.assertSameParts({key: after[key] for key in before}, before)
        self.env["kpi.source"].search([])._forget_fingerprints()
        self._compute(FIRST, date(2024, 3, 31))
        self.assertSameParts(self._parts(report, "x_stage_id"), after)
