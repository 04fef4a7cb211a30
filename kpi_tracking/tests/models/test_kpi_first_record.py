from datetime import date

from odoo.tests import freeze_time, tagged
from odoo.tools import SQL

from ..common import KpiCase

JULY = date(2023, 7, 1)


def month(number):
    """First day of a month of 2023."""
    return date(2023, number, 1)


@freeze_time("2023-07-20 12:00:00")
@tagged("post_install", "-at_install")
class TestKpiFirstRecord(KpiCase):
    """Nothing is measured before the first record that a company has in the source."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # What is changed of a definition here holds for all its history.
        cls.env = cls.env(context={**cls.env.context, "kpi_valid_from": "all"})
        cls.won = [("x_is_won", "=", True)]

    @classmethod
    def _deal(cls, day, company=None, **values):
        return cls.deals.create(
            {
                "x_date": day,
                "x_active": True,
                "x_company_id": (company or cls.company).id,
                **values,
            }
        )

    def _run(self, **options):
        return self._compute(date(2023, 1, 1), date(2023, 12, 31), **options)

    def assertFrom(self, report, first, values):
        """The values of the months from ``first`` on, and none before it."""
        found = self._values(report)
        numbers = range(first, first + len(values))
        self.assertEqual(found, dict(zip(map(month, numbers), values, strict=True)))

    def _check_settled(self):
        """A forced run finds no other values, and the next one has nothing to do."""
        self.assertEqual(self._run(force=True), 0)
        with self._recomputed() as periods:
            self.assertEqual(self._run(), 0)
        self.assertEqual(periods, [])

    def test_values_begin_with_the_first_record_whatever_counts(self):
        self._deal(date(2023, 4, 12))
        self._deal(date(2023, 6, 3), x_is_won=True, x_hours=2.0)
        everything = self._track(self._definition("All"))
        won = self._track(self._definition("Won", domain=str(self.won)))
        never = self._track(
            self._definition("Complaints", domain="[('x_name', '=', 'never')]")
        )
        hours = self._track(
            self._definition("Hours", measure="sum", measure_field="x_hours")
        )
        self._run()
        self.assertFrom(everything, 4, [1, 0, 1, 0])
        self.assertFrom(won, 4, [0, 0, 1, 0])
        self.assertFrom(never, 4, [0, 0, 0, 0])
        self.assertFrom(hours, 4, [0, 0, 2, 0])
        self._check_settled()

    def test_every_scope_of_a_company_begins_with_its_first_record(self):
        self._create_sales()
        self._deal(date(2023, 5, 12), x_user_id=self.ann.id)
        kpi = self._definition()
        reports = self._track(kpi, self.company, self.east, self.west, self.bob)
        self._run()
        for report, count in zip(reports, (1, 1, 0, 0), strict=True):
            self.assertFrom(report, 5, [count, 0, 0])

    def test_a_company_without_records_measures_nothing(self):
        south = self._create_company("South")
        self._deal(date(2023, 3, 1))
        kpi = self._definition(company_id=False)
        north = kpi._track_for("company", self.company, company_id=self.company.id)
        other = kpi._track_for("company", south, company_id=south.id)
        self._run()
        self.assertFrom(north, 3, [1, 0, 0, 0, 0])
        self.assertEqual(self._values(other), {})
        self.assertFalse(other.last_measured_at)
        self._deal(date(2023, 6, 15), south)
        self._run()
        self.assertFrom(other, 6, [1, 0])
        self._check_settled()

    def test_earlier_records_make_the_periods_since_measured(self):
        self._deal(date(2023, 6, 10))
        report = self._track(self._definition(domain=str(self.won)))
        self._run()
        self.assertFrom(report, 6, [0, 0])
        self._deal(date(2023, 2, 10))
        with self._recomputed() as periods:
            self.assertEqual(self._run(), 4)
        self.assertEqual(
            sorted(period.start for period in periods), [*map(month, range(2, 6))]
        )
        self.assertFrom(report, 2, [0] * 6)
        self._check_settled()

    def test_a_first_record_from_before_the_history_begins_it(self):
        self._deal(date(2019, 6, 10))
        report = self._track(self._definition(history_start=month(3)))
        self._run()
        self.assertFrom(report, 3, [0] * 5)

    def test_a_record_without_the_date_is_there_since_it_was_created(self):
        deal = self._deal(date(2023, 2, 1))
        self.env.flush_all()
        self.cr.execute(
            "UPDATE x_kpi_deal SET create_date = '2023-05-31 23:30:00' WHERE id = %s",
            [deal.id],
        )
        berlin = self._create_calendar("Europe/Berlin")
        kpi = self._definition(
            "Closed", date_field="x_closed_date", calendar_id=berlin.id
        )
        report = self._track(kpi)
        self._run()
        self.assertFrom(report, 6, [0, 0])
        deal.x_closed_date = date(2023, 4, 3)
        self._run()
        self.assertFrom(report, 4, [1, 0, 0, 0])
        self._check_settled()

    def test_a_run_over_some_periods_knows_earlier_records(self):
        self._deal(date(2023, 2, 10))
        report = self._track(self._definition())
        self._compute(month(5), month(6))
        self.assertFrom(report, 5, [0, 0])

    def test_without_its_first_record_a_source_begins_later(self):
        first = self._deal(date(2023, 2, 10))
        self._deal(date(2023, 5, 10))
        report = self._track(self._definition())
        self._run()
        self.assertFrom(report, 2, [1, 0, 0, 1, 0, 0])
        first.unlink()
        self._run()
        self.assertFrom(report, 5, [1, 0, 0])
        self._check_settled()

    def test_a_later_version_begins_anew_without_its_first_record(self):
        first = self._deal(date(2023, 2, 10), x_at="2023-02-10 08:00:00")
        self._deal(date(2023, 6, 10), x_at="2023-06-10 08:00:00")
        kpi = self._definition()
        report = self._track(kpi)
        self._run()
        kpi._change({"date_field": "x_at"}, month(4))
        self._run()
        self.assertFrom(report, 2, [1, 0, 0, 0, 1, 0])
        first.unlink()
        self._run()
        self.assertFrom(report, 6, [1, 0])
        self._check_settled()

    def test_later_periods_are_read_for_those_who_have_not_begun(self):
        """By a company without records, as many as are dated in these periods."""
        south = self._create_company("South")
        self.deals.create(
            [
                {"x_date": date(2023, 1, 1 + day), "x_company_id": self.company.id}
                for day in range(28)
            ]
            * 10
        )
        kpi = self._definition(company_id=False)
        kpi._track_for("company", self.company, company_id=self.company.id)
        other = kpi._track_for("company", south, company_id=south.id)
        self._run()
        source = kpi.source_ids
        self.assertEqual(
            source.first_days,
            {str(self.company.id): "2023-01-01", str(south.id): None},
        )
        self.cr.execute("CREATE INDEX ON x_kpi_deal (x_date)")
        self.cr.execute("ANALYZE x_kpi_deal")
        self.cr.execute("SET LOCAL enable_seqscan = off")
        ((statement, periods),) = source._plan(month(6), month(7))
        self.assertEqual(self._count_read(source, statement, periods), 0)
        self._deal(date(2023, 7, 3), south)
        self._deal(date(2023, 7, 4))
        self.assertEqual(self._count_read(source, statement, periods), 2)
        self.assertEqual(source.first_days[str(south.id)], "2023-07-03")
        self._deal(date(2023, 6, 30), south)
        source._note_first_days(statement, periods)
        self.assertEqual(source.first_days[str(south.id)], "2023-06-30")
        # what has gone is found with the first periods of the history
        self.deals.search([("x_company_id", "=", south.id)]).unlink()
        source._note_first_days(statement, periods)
        self.assertEqual(source.first_days[str(south.id)], "2023-06-30")
        self._run()
        self.assertEqual(self._values(other), {})

    def _count_read(self, source, statement, periods):
        """How many deals are read to find since when there are some."""
        count = SQL(
            """
            SELECT seq_tup_read + COALESCE(idx_tup_fetch, 0)
              FROM pg_stat_xact_user_tables
             WHERE relid = 'x_kpi_deal'::regclass
            """
        )
        self.env.flush_all()
        ((before,),) = self.env.execute_query(count)
        source._note_first_days(statement, periods)
        ((after,),) = self.env.execute_query(count)
        return after - before

    def test_periods_that_were_evaluated_stay(self):
        first = self._deal(date(2023, 2, 10))
        self._deal(date(2023, 5, 10))
        report = self._track(self._definition())
        self.env["kpi.target"].create(
            {"report_id": report.id, "date_from": month(3), "value": 2}
        )
        self._run()
        first.unlink()
        self._run()
        self.assertFrom(report, 3, [0, 0, 1, 0, 0])
        self._check_settled()

    def test_days_are_those_of_the_calendar(self):
        berlin = self._create_calendar("Europe/Berlin")
        self._deal(date(2023, 6, 1), x_at="2023-05-31 22:30:00")
        kpi = self._definition(
            date_field="x_at", calendar_id=berlin.id, domain=str(self.won)
        )
        report = self._track(kpi)
        self._run()
        self.assertFrom(report, 6, [0, 0])
        self.assertEqual(
            kpi.source_ids.first_days, {str(self.company.id): "2023-06-01"}
        )

    def test_what_is_open_is_measured_since_the_first_record(self):
        self._deal(date(2023, 4, 30), x_closed_date=date(2023, 5, 20))
        kpi = self._definition("Open", kind="stock", date_to_field="x_closed_date")
        report = self._track(kpi)
        self._run()
        self.assertFrom(report, 4, [1, 0, 0, 0])
        self.assertEqual(self._run(force=True), 0)

    def test_snapshots_begin_with_the_first_record_and_go_on_without_any(self):
        kpi = self._definition("Left", kind="snapshot", date_field=False)
        report = self._track(kpi)
        self._run()
        self.assertEqual(self._values(report), {})
        deal = self._deal(False)
        self._run()
        self.assertEqual(self._values(report), {JULY: 1})
        deal.unlink()
        self._run()
        self.assertEqual(self._values(report), {JULY: 0})

    def test_a_formula_begins_when_all_that_it_needs_does(self):
        self._deal(date(2023, 3, 10), x_at="2023-05-10 08:00:00", x_hours=4.0)
        self._track(self._definition("Signed", code="signed"))
        self._track(self._definition("Served", code="served", date_field="x_at"))
        kpi = self._definition(
            "Backlog", computation="formula", formula="signed - served"
        )
        report = self._track(kpi)
        self._run()
        self.assertFrom(report, 5, [-1, 0, 0])

    def test_it_is_explained(self):
        south = self._create_company("South")
        kpi = self._definition(company_id=False)
        north = kpi._track_for("company", self.company, company_id=self.company.id)
        other = kpi._track_for("company", south, company_id=south.id)
        self._deal(date(2023, 6, 10))
        self._run()
        for report, start, words in (
            (north, month(5), "The first “Deal” record of North is dated Jun 10."),
            (other, month(6), "South has no “Deal” records yet."),
        ):
            found = report.get_explanation(str(start), "month")
            self.assertEqual((found["value"], found["method"]), (None, words))
        found = north.get_explanation("2023-07-01", "month")
        self.assertEqual((found["value"], found["records"]["count"]), (0, 0))

    def test_zeros_from_before_it_was_known_go_without_a_restatement(self):
        self._deal(date(2023, 5, 10))
        kpi = self._definition(settling_days=1)
        report = self._track(kpi)
        self._run()
        # as versions before have left them
        facts = self.env["kpi.measurement"]
        zeros = [(report.id, month(number), 0.0) for number in range(1, 5)]
        facts._upsert("month", zeros, source="records")
        self.env.cr.execute(
            "UPDATE kpi_source_fingerprint"
            " SET fingerprint = regexp_replace(fingerprint, '[|][^;]*', '')"
        )
        self.env.cr.execute("UPDATE kpi_measurement SET recorded_at = '2023-01-01'")
        kpi.source_ids.first_days = False
        self.assertEqual(self._run(), 4)
        self.assertFrom(report, 5, [1, 0, 0])
        self.assertFalse(self.env["kpi.restatement"].search([]))
        self._check_settled()

    def test_zeros_of_formulas_go_without_a_restatement(self):
        first = self._deal(date(2023, 2, 10), x_hours=4.0)
        second = self._deal(date(2023, 6, 10))
        self._track(self._definition("All", code="everything"))
        self._track(
            self._definition(
                "Hours", code="hours", measure="sum", measure_field="x_hours"
            )
        )
        hours_of = self._definition(
            "Per", computation="formula", formula="hours / everything"
        )
        both = self._definition(
            "Both", computation="formula", formula="hours + everything"
        )
        reports = self._track(hours_of) | self._track(both)
        self._run()
        self.assertFrom(reports[1], 2, [5, 0, 0, 0, 1, 0])
        self.env.cr.execute("UPDATE kpi_measurement SET recorded_at = '2023-01-01'")
        first.unlink()
        self._run()
        self.assertFrom(reports[1], 6, [1, 0])
        restated = self.env["kpi.restatement"].search([])
        self.assertEqual(
            {(row.report_id.kpi_name, row.period_start) for row in restated},
            {(name, month(2)) for name in ("All", "Hours", "Per", "Both")},
        )
        # a 0 that something was counted for, and nothing is now
        self._deal(date(2023, 6, 12))
        self._deal(date(2023, 4, 1))
        self._run()
        self.env.cr.execute("UPDATE kpi_measurement SET recorded_at = '2023-01-01'")
        second.unlink()
        self.deals.search([("x_date", "=", "2023-06-12")]).unlink()
        self._run()
        restated = self.env["kpi.restatement"].search(
            [("report_id", "=", reports[0].id), ("period_start", "=", month(6))]
        )
        self.assertTrue(restated.is_gone)

    def test_a_preview_begins_with_the_first_record_too(self):
        self._deal(date(2023, 4, 12))
        values = {
            "computation": "records",
            "model_name": self.deals._name,
            "date_field": "x_date",
            "company_field": "x_company_id",
            "calendar_id": self.calendar.id,
            "history_start": "2023-01-01",
            "domain": str(self.won),
        }
        with self._at("2023-07-20 12:00:00"):
            points = self.env["kpi.definition"].get_preview(values)["points"]
        self.assertEqual(
            [point["value"] for point in points], [None] * 3 + [0, 0, 0, 0]
        )

    def test_it_takes_no_more_statements_for_more_companies(self):
        kpi = self._definition(company_id=False)
        counts = []
        for companies in (1, 4):
            for number in range(companies):
                company = self._create_company(f"{companies} {number}")
                kpi._track_for("company", company, company_id=company.id)
                self._deal(date(2023, 5, number + 1), company)
            source, plan = kpi.source_ids, kpi.source_ids._plan()
            ((statement, periods),) = plan
            self.env.flush_all()
            before = self.cr.sql_log_count
            source._note_first_days(statement, periods)
            counts.append(self.cr.sql_log_count - before)
            self.assertEqual(len(source.first_days), 1 + companies * (companies > 1))
        self.assertEqual(*counts)
