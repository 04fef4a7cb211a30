from datetime import date

from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import SQL

from ..common import KpiCase, month_of

FIRST, LAST = date(2023, 1, 1), date(2023, 6, 30)


@tagged("post_install", "-at_install")
class TestKpiSourceChanges(KpiCase):
    """The next run writes what a forced one would, and nothing when nothing changed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # What is changed of a definition here holds for all its history.
        cls.env = cls.env(context={**cls.env.context, "kpi_valid_from": "all"})
        cls._create_sales()
        cls._employ(cls.bob, cls.west)
        cls.stage = cls.env["x_kpi_stage"].create({"x_name": "Won", "x_is_won": True})
        cls.tag = cls.env["res.partner.category"].create({"name": "Key account"})
        cls.records = cls.deals.create(
            [
                {
                    "x_name": f"Deal {month}",
                    "x_date": date(2023, month, 10),
                    "x_closed_date": date(2023, month + 1, 20),
                    "x_at": f"2023-{month:02}-10 09:00:00",
                    "x_closed_at": f"2023-{month:02}-12 11:00:00",
                    "x_hours": 10.0 * month,
                    "x_weight": 1.0,
                    "x_active": True,
                    "x_company_id": cls.company.id,
                    "x_user_id": user.id,
                    "x_user_ids": [Command.link(user.id)],
                    "x_stage_id": cls.stage.id,
                    "x_tag_ids": [Command.link(cls.tag.id)],
                }
                for month in range(1, 7)
                for user in (cls.ann, cls.bob)
            ]
        )
        cls.scopes = (cls.company, cls.sales, cls.east, cls.west, cls.ann, cls.bob)

        cls._create_definitions()

    @classmethod
    def _create_definitions(cls):
        won = "[('x_stage_id.x_is_won', '=', True)]"
        tagged_key = "[('x_tag_ids.name', 'ilike', 'key')]"
        cls.count = cls._definition("Won", domain=won)
        cls.sum = cls._definition("Hours", measure="sum", measure_field="x_hours")
        cls.key = cls._definition("Key", domain=tagged_key, user_field="x_user_ids")
        cls.open = cls._definition("Open", kind="stock", date_to_field="x_closed_date")
        cls.all = cls.count | cls.sum | cls.key | cls.open
        for definition in cls.all:
            cls._track(definition, *cls.scopes)
        cls.env["kpi.source"]._recompute_all(FIRST, LAST)

    def _run(self, **options):
        return self._compute(FIRST, LAST, **options)

    def _check_found(self, months=None):
        """The next run finds a change; in facts of these months only."""
        before = self._snapshot()
        self.assertGreater(self._run(), 0, "the change was not found")
        after = self._snapshot()
        if months is not None:
            touched = {
                key[1].month
                for key in before.keys() | after.keys()
                if before.get(key) != after.get(key)
            }
            self.assertEqual(touched, set(months))
        self._check_complete()

    def _check_complete(self):
        self.assertEqual(self._run(force=True), 0, "a forced run wrote more")
        with self._recomputed() as periods:
            self.assertEqual(self._run(), 0)
        self.assertEqual(periods, [], "computed again without a change")

    def _snapshot(self):
        facts = self.env["kpi.measurement"].search_read(
            [], ["report_id", "grain", "period_start", "value", "weight"], load=None
        )
        return {
            (row["report_id"], row["period_start"], row["grain"]): (
                row["value"],
                row["weight"],
            )
            for row in facts
        }

    def test_without_a_change_no_period_is_computed_and_no_row_written(self):
        rows = SQL("SELECT id, ctid, xmin FROM kpi_measurement ORDER BY id")
        before = self.env.execute_query(rows)
        self._check_complete()
        self.assertEqual(self.env.execute_query(rows), before)

    def test_a_new_record(self):
        self.records[0].copy({"x_date": "2023-03-03"})
        self._check_found([3])  # it is closed before it is opened: never open

    def test_a_changed_amount(self):
        self.records[0].x_hours = 11
        self._check_found([1])

    def test_a_changed_amount_that_keeps_the_total(self):
        # ann and bob swap an hour in January: only their own values change.
        self.records[0].x_hours += 1
        self.records[1].x_hours -= 1
        self._check_found([1])

    def test_a_deleted_record(self):
        self.records[0].unlink()
        self._check_found([1])

    def test_an_archived_record(self):
        self.records[0].x_active = False
        self._check_found([1])

    def test_raw_sql(self):
        self.env.flush_all()
        self.cr.execute(
            "UPDATE x_kpi_deal SET x_hours = 99 WHERE id = %s", (self.records[0].id,)
        )
        self._check_found([1])

    def test_records_deleted_by_raw_sql(self):
        self.env.flush_all()
        self.cr.execute("DELETE FROM x_kpi_deal WHERE id = %s", (self.records[4].id,))
        self.env.invalidate_all()
        self._check_found([3])

    def test_a_record_moved_to_another_period(self):
        self.records[0].x_date = "2023-04-04"
        self._check_found([1, 4])  # closed on 20 February: open on no day now

    def test_a_record_that_loses_its_date(self):
        self.records[0].x_date = False
        self._check_found([1])

    def test_an_open_record_closed_later(self):
        self.records[0].x_closed_date = "2023-05-05"
        self._check_found([2, 3, 4])

    def test_an_open_record_reopened(self):
        self.records[0].x_closed_date = False
        self._check_found([2, 3, 4, 5, 6])

    def test_the_flag_of_a_joined_stage(self):
        self.stage.x_is_won = False
        self._check_found(range(1, 7))

    def test_the_flag_of_a_joined_stage_by_raw_sql(self):
        self.env.flush_all()
        self.cr.execute("UPDATE x_kpi_stage SET x_is_won = FALSE")
        self.env.invalidate_all()
        self._check_found(range(1, 7))

    def test_a_tag_removed_from_a_record(self):
        self.records[2].x_tag_ids = False
        self._check_found([2])

    def test_a_tag_renamed(self):
        self.tag.name = "Other"
        self._check_found(range(1, 7))

    def test_another_person_on_a_record(self):
        self.records[0].x_user_ids = [Command.set(self.bob.ids)]
        self._check_found([1])

    def test_a_transfer(self):
        self._transfer(self.ann_employed, self.west, date(2023, 4, 1))
        self._check_found([4, 5, 6])

    def test_a_department_moved(self):
        self.east.parent_id = False
        self._check_found(range(1, 7))

    def test_a_person_employed(self):
        carl = self._create_user("carl")
        self.records[0].write({"x_user_id": carl.id})
        self._run()
        self._employ(carl, self.east)
        self._check_found([1])

    def test_another_filter(self):
        self.count.domain = "[('x_hours', '>', 20)]"
        self._check_found([1, 2])

    def test_another_value_in_the_same_filter(self):
        self.count.domain = "[('x_hours', '>', 20)]"
        self._run()
        self.count.domain = "[('x_hours', '>', 30)]"
        self._check_found([3])

    def test_another_measured_field(self):
        self.sum.measure_field = "x_weight"
        self._check_found(range(1, 7))

    def test_another_measure(self):
        self.sum.measure = "count"
        self._check_found(range(1, 7))

    def test_another_percentile(self):
        self.sum.write({"measure": "percentile", "percentile": 50})
        for number, record in enumerate(self.records):
            record.x_hours += number
        self._run()
        self.sum.percentile = 75
        self._check_found(range(1, 7))

    def test_another_date_field(self):
        self.sum.date_field = "x_closed_date"
        self._check_found(range(1, 7))

    def test_another_share(self):
        over_20 = "[('x_hours', '>', 20)]"
        self.count.write(
            {"measure": "share", "domain": "[]", "numerator_domain": over_20}
        )
        self._run()
        self.count.numerator_domain = "[('x_hours', '>', 40)]"
        self._check_found([3, 4])

    def test_an_earlier_start_of_the_history(self):
        self.sum.history_start = date(2023, 4, 1)
        self.records[0].copy({"x_date": "2022-12-05"})
        self._run()
        self.sum.history_start = date(2022, 12, 1)
        self.assertGreater(self._compute(None, LAST), 0)
        report = self.sum.report_ids.filtered(lambda r: r.scope_type == "company")
        self.assertEqual(self._values(report)[date(2022, 12, 1)], 10)

    def test_a_new_report(self):
        carl = self._create_user("carl")
        self._track(self.sum, carl)
        self._check_found(range(1, 7))

    def test_a_report_archived_and_taken_up_again(self):
        report = self.sum.report_ids.filtered(lambda r: r.user_id == self.ann)
        report.active = False
        self.records[0].x_hours = 1000
        self._run()
        self.assertEqual(self._values(report)[FIRST], 10)
        report.active = True
        self._check_found([1])
        self.assertEqual(self._values(report)[FIRST], 1000)

    def test_a_definition_archived_and_taken_up_again(self):
        self.sum.active = False
        self.records[0].x_hours = 1000
        self._run()
        self.sum.active = True
        self._check_found([1])

    def test_the_date_of_a_joined_record(self):
        by_stage = self._definition("By stage", date_field="x_stage_id.x_since")
        open_since = self._definition(
            "Open since", date_field="x_stage_id.x_since", kind="stock"
        )
        open_until = self._definition(
            "Open until", kind="stock", date_to_field="x_stage_id.x_since"
        )
        for definition in (by_stage, open_since, open_until):
            self._track(definition)
        self.stage.x_since = date(2023, 2, 5)
        self._run()
        self._check_complete()
        self.stage.x_since = date(2023, 4, 5)
        self._check_found([2, 3, 4])  # until: open at the end of February and March
        self.assertEqual(self._values(by_stage.report_ids)[date(2023, 4, 1)], 12)

    def test_a_new_definition_beside_others(self):
        other = self._definition(
            "Hours at most", measure="max", measure_field="x_hours"
        )
        self._track(other)
        self._check_found(range(1, 7))

    def test_a_new_period(self):
        self._compute(FIRST, date(2023, 7, 31))
        facts = self.env["kpi.measurement"].search(
            [("period_start", "=", date(2023, 7, 1))]
        )
        self.assertEqual(len(facts), len(self.all.report_ids))
        self.assertSameAsForced(FIRST, date(2023, 7, 31))

    def test_other_working_hours(self):
        self._check_working_hours(
            lambda hours: hours.attendance_ids.filtered(
                lambda line: line.dayofweek == "1"
            ).unlink()
        )

    def test_a_holiday(self):
        self._check_working_hours(
            lambda hours: self.env["resource.calendar.leaves"].create(
                {
                    "name": "Holiday",
                    "calendar_id": hours.id,
                    "company_id": self.company.id,
                    "date_from": "2023-01-11 00:00:00",
                    "date_to": "2023-01-11 23:00:00",
                }
            )
        )

    def test_another_working_calendar(self):
        def change(hours):
            half = hours.copy()
            half.attendance_ids.filtered(lambda line: line.hour_from < 12).unlink()
            self.sum.working_calendar_id = half

        self._check_working_hours(change)

    def _check_working_hours(self, change):
        hours = self.env["resource.calendar"].create(
            {"name": "Office", "company_id": self.company.id, "tz": "UTC"}
        )
        self.sum.write(
            {
                "measure": "average",
                "operand": "duration",
                "duration_unit": "hour",
                "duration_from_field": "x_at",
                "duration_to_field": "x_closed_at",
                "working_calendar_id": hours.id,
            }
        )
        self._run()
        self._check_complete()
        change(hours)
        self._check_found()

    def test_a_run_over_a_part_leaves_the_fingerprints_of_the_whole(self):
        for first in (date(2023, 4, 1), date(2023, 2, 1)):
            with self._recomputed() as periods:
                self.assertEqual(self._compute(first, LAST), 0)
                self.assertEqual(self._run(), 0)
            self.assertEqual(periods, [])

    def test_a_change_before_the_part_that_is_computed_reaches_open_records(self):
        self.records[0].x_closed_date = False  # opened in January
        self._compute(date(2023, 4, 1), LAST)
        report = self.open.report_ids.filtered(lambda r: r.scope_type == "company")
        expected = dict(self._values(report))
        self._run()
        after = self._values(report)
        self.assertEqual(
            {day: after[day] for day in after if day >= date(2023, 4, 1)},
            {day: expected[day] for day in expected if day >= date(2023, 4, 1)},
        )
        self._check_complete()

    def test_differences_without_a_change_are_counted_as_drift(self):
        self.cr.execute(
            "UPDATE kpi_measurement SET value = value + 1 WHERE period_start = %s",
            (date(2023, 5, 1),),
        )
        self.env.invalidate_all()
        facts = self.env["kpi.measurement"].search_count(
            [("period_start", "=", date(2023, 5, 1))]
        )
        self.assertEqual(self._run(), 0, "nothing to see for the change detection")
        drifted = 0
        for source in self.env["kpi.source"].search([]):
            for statement, periods in source._plan(date(2023, 4, 1), LAST):
                drifted += source._compute(statement, periods, force=True).drifted
        self.assertEqual(drifted, facts)
        self._check_complete()

    def test_small_chunks_give_the_same_facts(self):
        before = self._snapshot()
        self.cr.execute(
            "DELETE FROM kpi_measurement WHERE report_id = ANY(%s)",
            [self.env["kpi.report"].search([]).ids],
        )
        self.env.invalidate_all()
        sources = self.env["kpi.source"].search([])
        sources._forget_fingerprints()
        for source in sources:
            for statement, periods in source._plan(FIRST, LAST):
                for period in periods:
                    source._compute(statement, [period])
        self.assertEqual(self._snapshot(), before)
        self._check_complete()

    def test_the_number_of_statements_does_not_grow_with_reports_or_periods(self):
        def statements(run):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            run()
            return self.cr.sql_log_count - before

        def forget():
            self.env["kpi.source"].search([])._forget_fingerprints()

        self._run()
        few = statements(self._run)
        forget()
        few_computed = statements(self._run)
        users = self.env["res.users"].create(
            [{"name": f"User {n}", "login": f"kpi_user_{n}"} for n in range(40)]
        )
        self._track(self.sum, *users)
        self._run()
        # A table that statistics take for empty is analysed: one more, by chance.
        self.assertLessEqual(statements(self._run), few + 1)
        forget()
        many_computed = statements(self._run)
        # Reports are read in batches of 1,000 by the ORM: not one by one.
        self.assertLessEqual(many_computed, few_computed + 3)
        self.assertLess(few, 80)
        self.assertEqual(month_of(LAST), date(2023, 6, 1))
