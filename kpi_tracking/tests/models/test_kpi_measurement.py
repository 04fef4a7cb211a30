from datetime import date
from decimal import Decimal
from unittest.mock import patch

from psycopg2 import IntegrityError

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import SQL, mute_logger

from ...models.fact import kpi_measurement
from ..common import KpiCase

JANUARY, FEBRUARY = date(2023, 1, 1), date(2023, 2, 1)


@tagged("post_install", "-at_install")
class TestKpiMeasurement(KpiCase):
    """Facts: one per key, finite, written once, with all that they were before."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.facts = cls.env["kpi.measurement"]
        cls.definition = cls._definition("Score", computation="external")
        cls.report = cls._track(cls.definition)

    def _put(self, *rows, source="api", **options):
        return self.facts._upsert("month", rows, source=source, **options)

    def _revisions(self):
        return self.env["kpi.measurement.revision"].search(
            [("report_id", "=", self.report.id)], order="id"
        )

    def test_a_first_value_is_no_revision(self):
        result = self._put((self.report.id, JANUARY, 5.0))
        self.assertEqual((result.added, result.changed, result.removed), (1, 0, 0))
        self.assertValues(self.report, {JANUARY: 5})
        self.assertFalse(self._revisions())

    def test_an_equal_value_is_not_written(self):
        self._put((self.report.id, JANUARY, 5.0, 2.0))
        before = self._row_versions()
        result = self._put((self.report.id, JANUARY, 5.0, 2.0), source="import")
        self.assertEqual(result.write_count, 0)
        self.assertEqual(self._row_versions(), before)

    def _row_versions(self):
        """PostgreSQL's identity of the rows: another one after any write."""
        return self.env.execute_query(
            SQL("SELECT id, ctid, xmin, source FROM kpi_measurement ORDER BY id")
        )

    def test_a_changed_value_leaves_the_earlier_one(self):
        self._put((self.report.id, JANUARY, 5.0), source="import")
        self._put((self.report.id, JANUARY, 7.0), reason="typing error")
        revision = self._revisions()
        self.assertEqual(
            (revision.old_value, revision.new_value, revision.reason),
            (5.0, 7.0, "typing error"),
        )
        self.assertEqual((revision.old_source, revision.new_source), ("import", "api"))
        self.assertEqual(revision.replaced_by_id, self.env.user)
        self.assertFalse(revision.is_removal)
        self.assertEqual(self.facts.search([]).revision_ids, revision)

    def test_another_weight_alone_is_written_without_a_revision(self):
        self._put((self.report.id, JANUARY, 5.0, 1.0))
        self.assertEqual(self._put((self.report.id, JANUARY, 5.0, 2.0)).changed, 1)
        self.assertFalse(self._revisions())

    def test_no_value_removes_the_fact_and_says_so(self):
        self._put((self.report.id, JANUARY, 5.0))
        result = self._put((self.report.id, JANUARY, None))
        self.assertEqual(result.removed, 1)
        self.assertValues(self.report, {})
        self.assertTrue(self._revisions().is_removal)
        self.assertEqual(self._put((self.report.id, JANUARY, None)).write_count, 0)

    def test_zero_is_a_value_and_not_a_missing_one(self):
        self._put((self.report.id, JANUARY, 0.0), (self.report.id, FEBRUARY, None))
        self.assertValues(self.report, {JANUARY: 0})
        self.assertTrue(self.report.has_value)
        self._put((self.report.id, JANUARY, None))
        self.assertFalse(self.report.has_value)

    def test_periods_of_two_lengths_that_start_together_are_two_facts(self):
        self._put((self.report.id, JANUARY, 5.0))
        self.facts._upsert("quarter", [(self.report.id, JANUARY, 50.0)], source="api")
        self.assertValues(self.report, {JANUARY: 5})
        self.assertValues(self.report, {JANUARY: 50}, grain="quarter")

    def test_values_that_are_no_finite_numbers_are_refused_by_name(self):
        odd = [
            float("nan"),
            float("inf"),
            float("-inf"),
            float("1e400"),
            10**400,
            Decimal("NaN"),
        ]
        for value in odd:
            with (
                self.subTest(value=str(value)[:10]),
                self.assertRaisesRegex(ValidationError, "Score – North.*2023-01-01"),
                self.cr.savepoint(),
            ):
                self._put((self.report.id, JANUARY, value))

    def test_weights_that_are_no_finite_numbers_are_refused_by_name(self):
        for weight in (float("nan"), float("inf")):
            with (
                self.subTest(weight=weight),
                self.assertRaisesRegex(ValidationError, "Score – North.*2023-01-01"),
                self.cr.savepoint(),
            ):
                self._put((self.report.id, JANUARY, 1.0, weight))

    def test_computed_values_that_are_no_finite_numbers_are_refused_by_name(self):
        rows = SQL(
            """
            SELECT %s AS report_id, %s::date AS period_start, 'NaN'::float8 AS value,
                   NULL::float8 AS weight, NULL::int AS unpriced_count,
                   NULL::int AS parts_present, NULL::int AS parts_expected
            """,
            self.report.id,
            JANUARY,
        )
        for stored in (None, 0.0, 5.0, -1e308):
            self._put((self.report.id, JANUARY, stored))
            with (
                self.subTest(stored=stored),
                mute_logger("odoo.sql_db"),
                self.assertRaisesRegex(ValidationError, "Score – North.*2023-01-01"),
                self.cr.savepoint(),
            ):
                self.facts._upsert("month", rows, source="records")

    def test_values_that_differ_in_their_last_digits_are_equal(self):
        for value, other in ((0.3, 0.1 + 0.2), (-0.3, -0.1 - 0.2)):
            self._put((self.report.id, JANUARY, value))
            self.assertEqual(self._put((self.report.id, JANUARY, other)).write_count, 0)
        pairs = ((1.0, 1.0 + 1e-9), (0.0, 1e-300), (1e308, -1e308), (5.0, 0.0))
        for value, other in pairs:
            self._put((self.report.id, JANUARY, value))
            self.assertEqual(self._put((self.report.id, JANUARY, other)).write_count, 1)

    def test_a_key_given_twice_is_refused_by_name(self):
        twice = "Score – North, period from 2023-01-01: duplicate value"
        stored_before = (None, 5.0, 8.0)  # nothing, one of the two, another value
        for stored in stored_before:
            self._put((self.report.id, JANUARY, stored))
            with (
                self.subTest(stored=stored),
                mute_logger("odoo.sql_db"),
                self.assertRaisesRegex(ValidationError, twice),
                self.cr.savepoint(),
            ):
                self._put(
                    (self.report.id, JANUARY, 5.0), (self.report.id, JANUARY, 6.0)
                )

    def test_few_rows_and_many_become_the_same_facts(self):
        """A few go along with one statement, many with several."""
        rows = [
            (
                self.report.id,
                date(2023, month, 1),
                month / 3,
                *[2.0, None, 1][: month % 4],
            )
            for month in range(1, 13)
        ]
        wrong = [
            [*rows, (self.report.id, JANUARY, 9.0)],
            [*rows, (self.report.id, date(2024, 1, 1), float("nan"))],
        ]
        kept = []
        for most in (len(rows) + 1, 5):
            with patch.object(kpi_measurement, "ROWS_AT_ONCE", most):
                self.assertEqual(self._put(*rows).added, 12)
                kept.append(self._kept())
                for refused in wrong:
                    with self.assertRaises(ValidationError):
                        self._put(*refused)
                removal = [(report_id, start, None) for report_id, start, *_ in rows]
                self.assertEqual(self._put(*removal).removed, 12)
        self.assertEqual(*kept)

    def _kept(self):
        names = ["period_start", "value", "weight", "unpriced_count", "parts_present"]
        facts = self.facts.search(
            [("report_id", "=", self.report.id)], order="period_start"
        )
        return [[fact[name] for name in names] for fact in facts]

    def test_the_database_itself_refuses_a_second_fact_and_odd_values(self):
        self._put((self.report.id, JANUARY, 5.0))
        insert = """
            INSERT INTO kpi_measurement
                   (report_id, grain, period_start, value, source, recorded_at)
            VALUES (%s, 'month', %s, %s, 'api', now())
        """
        for day, value in (
            (JANUARY, 1.0),
            (FEBRUARY, float("nan")),
            (FEBRUARY, float("inf")),
            (FEBRUARY, float("-inf")),
        ):
            with (
                self.subTest(value=value),
                mute_logger("odoo.sql_db"),
                self.assertRaises(IntegrityError),
                self.cr.savepoint(),
            ):
                self.cr.execute(insert, (self.report.id, day, value))

    def test_what_has_values_cannot_be_deleted_even_by_sql(self):
        author = self._create_user("author")
        self.facts.with_user(author).sudo()._upsert(
            "month", [(self.report.id, JANUARY, 5.0)], source="manual"
        )
        user = author.with_user(self.env.user)
        for record in (self.report, user):
            with (
                self.subTest(record),
                self.assertRaisesRegex(UserError, "Archive"),
                self.cr.savepoint(),
            ):
                record.unlink()
            with (
                self.subTest(record),
                mute_logger("odoo.sql_db"),
                self.assertRaisesRegex(IntegrityError, "kpi_measurement_re.*_used"),
                self.cr.savepoint(),
            ):
                table = SQL.identifier(record._table)
                self.cr.execute(SQL("DELETE FROM %s WHERE id = %s", table, record.id))
        other = self._track(self._definition("Unused", computation="external"))
        other.unlink()
        self.assertFalse(other.exists())

    def test_values_of_what_is_not_there_are_refused(self):
        self._put((self.report.id, JANUARY, 5.0))
        nobody = 2**31 - 1
        insert = (
            "INSERT INTO kpi_measurement (report_id, grain, period_start, value,"
            " source, recorded_at, recorded_by_id)"
            " VALUES (%s, 'month', '2023-02-01', 1, 'api', now(), %s)"
        )
        revision = (
            "INSERT INTO kpi_measurement_revision (report_id, grain, period_start, %s)"
            " VALUES (%%s, 'month', '2023-02-01', %%s)"
        )
        change = "UPDATE kpi_measurement SET %s = %%s WHERE report_id = %%s"
        for statement, arguments in (
            (revision % "replaced_by_id", (nobody, None)),
            (revision % "replaced_by_id", (self.report.id, nobody)),
            (revision % "old_recorded_by_id", (self.report.id, nobody)),
            (insert, (nobody, None)),
            (insert, (self.report.id, nobody)),
            (change % "report_id", (nobody, self.report.id)),
            (change % "recorded_by_id", (nobody, self.report.id)),
        ):
            with (
                self.subTest(statement, arguments=arguments),
                mute_logger("odoo.sql_db"),
                self.assertRaisesRegex(IntegrityError, "is not present"),
                self.cr.savepoint(),
            ):
                self.cr.execute(statement, arguments)
        self.cr.execute(insert, (self.report.id, None))

    def test_odoo_makes_no_foreign_keys_that_are_checked_row_by_row(self):
        found = self.env.execute_query(
            SQL(
                "SELECT conname FROM pg_constraint"
                " WHERE contype = 'f' AND conrelid = ANY(%s::regclass[])",
                ["kpi_measurement", "kpi_measurement_revision"],
            )
        )
        self.assertFalse(found)

    def test_revisions_cannot_be_changed_even_by_sql(self):
        self._put((self.report.id, JANUARY, 5.0))
        self._put((self.report.id, JANUARY, 7.0))
        for statement in (
            "UPDATE kpi_measurement_revision SET old_value = 6",
            "DELETE FROM kpi_measurement_revision",
            "TRUNCATE kpi_measurement_revision",
        ):
            with (
                self.subTest(statement),
                mute_logger("odoo.sql_db"),
                self.assertRaisesRegex(IntegrityError, "append-only"),
                self.cr.savepoint(),
            ):
                self.cr.execute(statement)
        self.assertEqual(self._revisions().old_value, 5.0)

    def test_nobody_writes_facts_or_revisions_through_the_orm(self):
        self._put((self.report.id, JANUARY, 5.0))
        self._put((self.report.id, JANUARY, 7.0))
        admin = self._create_user(
            "kpi_admin", groups="base.group_user,kpi_base.kpi_base_group_admin"
        )
        fact, revision = self.facts.search([]), self._revisions()
        vals = {
            "report_id": self.report.id,
            "grain": "month",
            "period_start": FEBRUARY,
            "value": 1.0,
            "source": "api",
            "recorded_at": "2023-01-01",
        }
        for record in (fact, revision):
            for user in (admin, self.env.ref("base.user_root")):
                mine = record.with_user(user).sudo()
                with self.subTest(record=record, user=user.login):
                    self.assertRaises(UserError, mine.create, vals)
                    self.assertRaises(UserError, mine.write, {"grain": "day"})
                    self.assertRaises(UserError, mine.unlink)
            plain = record.with_user(admin)
            self.assertRaises(UserError, plain.create, vals)
            self.assertRaises(UserError, plain.write, {"grain": "day"})
            self.assertRaises(UserError, plain.unlink)

    def test_what_only_the_engine_writes_says_how_it_comes_about(self):
        self._put((self.report.id, JANUARY, 5.0))
        fact = self.facts.search([])
        for model, reason in (
            (fact, "can only be recorded through their KPI"),
            (self.env["kpi.restatement"], "found automatically"),
            (self.env["kpi.target.value"], "status history is automatic"),
        ):
            with self.subTest(model=model), self.assertRaisesRegex(UserError, reason):
                model.create({})
        with self.assertRaisesRegex(UserError, "can only be removed through their KPI"):
            fact.unlink()

    def test_a_kpi_with_values_is_archived_and_not_deleted(self):
        self._put((self.report.id, JANUARY, 5.0))
        for record in (self.report, self.definition):
            with self.assertRaisesRegex(UserError, "Archive it instead"):
                record.unlink()
        self._put((self.report.id, JANUARY, None))  # its history stays
        with self.assertRaisesRegex(UserError, "Archive it instead"):
            self.report.unlink()

    def test_a_fact_without_records_any_more_is_removed_with_a_revision(self):
        deal = self.deals.create(
            {"x_date": JANUARY, "x_active": True, "x_hours": 4, "x_company_id": False}
        )
        definition = self._definition(
            "Hours", measure="average", measure_field="x_hours"
        )
        report = self.report = self._track(definition)
        self._compute()
        self.assertValues(report, {JANUARY: 4})
        deal.unlink()
        self._compute()
        self.assertValues(report, {})
        self.assertTrue(self._revisions().is_removal)
        self.assertEqual(self._revisions().old_value, 4)
