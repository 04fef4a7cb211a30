from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from odoo.addons.kpi_base.tests.common import run_cron

from ..common import MODEL, KpiCase, month_of

YEARS = timedelta(days=5 * 365)


# no last day of a month: a new one begins within 23 hours, and all is looked at
@freeze_time("2026-03-10 12:00:00")
@tagged("post_install", "-at_install")
class TestKpiSourceLook(KpiCase):
    """Which periods of a source a regular update looks at."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["kpi.definition"].search([]).active = False
        cls.env["kpi.job"].search([]).unlink()
        cls.today = fields.Date.today()
        cls.first = month_of(cls.today - YEARS)
        cls.values = {"x_active": True, "x_company_id": cls.company.id}
        cls.record = cls.deals.create({"x_date": cls.first, **cls.values})
        cls.kpi = cls._definition("Count", history_start=cls.first)
        cls.report = cls._track(cls.kpi)

    def _refresh(self, minutes=0):
        """Run the cron; the first days of the periods that were looked at."""
        looked, hashes = [], self.registry["kpi.source"]._hash_records

        def note(source, statement, periods, reads):
            looked.extend(period.start for period in periods)
            return hashes(source, statement, periods, reads)

        with (
            patch.object(self.registry["kpi.source"], "_hash_records", note),
            freeze_time(fields.Datetime.now() + timedelta(minutes=minutes)),
            mute_logger("odoo.sql_db"),
        ):
            run_cron(self, "kpi_base.kpi_job_cron")
        self.assertEqual(self.env["kpi.job"].search([], limit=1).state, "done")
        return looked

    def _see(self):
        """The first update, which looks at all; and one that finds it so."""
        self.assertEqual(min(self._refresh()), self.first)
        self.assertEqual(self._refresh(), [])

    def _count_on(self, month):
        return self._values(self.report)[month]

    def test_what_nobody_touched_is_not_read(self):
        self._see()
        self.assertTrue(self.kpi.source_ids.all_checked_at)
        self.assertTrue(self.kpi.source_ids.last_run_at)
        self.assertEqual(self._refresh(), [])

    def test_a_change_is_looked_for_in_recent_periods(self):
        self._see()
        self.deals.create({"x_date": self.today, **self.values})
        looked = self._refresh()
        self.assertLessEqual(len(looked), 5)
        self.assertGreaterEqual(min(looked), self.today - timedelta(days=92 + 31))
        self.assertEqual(self._count_on(month_of(self.today)), 1)
        self.assertEqual(self._refresh(), [])

    def test_an_old_row_that_sql_changes_is_found_within_the_hour(self):
        self._see()
        self.cr.execute(
            f"UPDATE {MODEL} SET x_date = x_date + 31 WHERE id = %s", [self.record.id]
        )
        self._refresh(minutes=10)
        self.assertEqual(self._count_on(self.first), 1)
        self.assertEqual(min(self._refresh(minutes=61)), self.first)
        self.assertNotIn(self.first, self._values(self.report))
        self.assertEqual(self._refresh(minutes=62), [])

    def test_a_table_that_is_emptied_is_looked_at(self):
        self._see()
        self.cr.execute(f"TRUNCATE {MODEL} CASCADE")
        self.assertTrue(self._refresh())
        self._refresh(minutes=61)
        self.assertFalse(self._values(self.report))

    def test_what_is_defined_or_tracked_anew_is_looked_at(self):
        self._see()
        self.kpi.domain = "[('x_hours', '>', 5)]"
        self.env["kpi.job"].search([("kind", "=", "change")]).unlink()
        self.assertEqual(min(self._refresh()), self.first)
        self._refresh()
        self._track(self.kpi, self.env.user)
        self.env["kpi.job"].search([("kind", "=", "change")]).unlink()
        self.assertEqual(min(self._refresh()), self.first)

    def test_forgotten_fingerprints_are_made_again(self):
        self._see()
        self.kpi.source_ids._forget_fingerprints()
        self.assertEqual(min(self._refresh()), self.first)

    def test_what_people_ask_for_trusts_no_counters(self):
        self._see()
        self.env["kpi.job"].search([]).unlink()
        self.env["kpi.job"].with_user(self.env.ref("base.user_admin")).request_update()
        self.assertEqual(min(self._refresh()), self.first)

    def test_all_is_looked_at_each_day(self):
        self._see()
        self.assertEqual(self._refresh(minutes=23 * 60), [])
        self.assertEqual(min(self._refresh(minutes=25 * 60)), self.first)

    def test_counters_that_do_not_count_are_not_trusted(self):
        self._see()
        source, source_class = self.kpi.source_ids, self.registry["kpi.source"]
        for look in ({"all": ["older", "x"]}, {}):
            source.look = look
            self.assertEqual(min(self._refresh()), self.first)
        for name in ("pg_tables", "kpi_entry_due"):  # a view; a query, which has none
            with patch.object(source_class, "_list_tables", lambda *_, n=name: [n]):
                self.assertEqual(min(self._refresh()), self.first, name)

    def test_days_that_pass_count(self):
        self.kpi.domain = "[('x_date', '<', 'today')]"
        self._refresh()
        self.assertTrue(self._refresh())
