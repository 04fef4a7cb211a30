from odoo.exceptions import ValidationError
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from .baseline_case import BaselineCase


@freeze_time("2026-05-15 12:00:00")
@tagged("post_install", "-at_install")
class TestKpiBaselineShare(BaselineCase):
    """Shares of one KPI never add up to more than all of it."""

    def _claim(self, kpi, *shares):
        """A baseline of another initiative, with (day, share) of its claims."""
        return self._baseline(
            kpi,
            share_ids=[(0, 0, {"date_from": d, "share": s}) for d, s in shares],
        )

    def test_the_rest_is_claimed_by_default(self):
        kpi = self._kpi()
        first = self._claim(kpi, ("2026-01-01", 60))
        rest = self._baseline(kpi)
        self.assertEqual(rest.share_ids.share, 40)
        self.assertEqual(str(rest.share_ids.date_from), "2025-12-01")
        self.assertEqual((first.share, rest.share), (60, 40))
        self.assertFalse(self._baseline(kpi).share_ids)

    def test_the_rest_is_what_is_left_on_all_days(self):
        kpi = self._kpi()
        self._claim(kpi, ("2025-01-01", 10), ("2026-03-01", 70), ("2026-04-01", 20))
        self.assertEqual(self._baseline(kpi).share_ids.share, 30)

    def test_120_percent_are_refused_without_a_name(self):
        kpi = self._kpi()
        hidden = self._claim(kpi, ("2026-01-01", 60))
        hidden.initiative_id.name = "Secret merger"
        with self.assertRaisesRegex(ValidationError, "120%") as refused:
            self._claim(kpi, ("2026-02-01", 60))
        self.assertNotIn("Secret", str(refused.exception))

    def test_shares_hold_until_the_next_one(self):
        kpi = self._kpi()
        self._claim(kpi, ("2026-01-01", 80), ("2026-07-01", 30))
        other = self._claim(kpi, ("2026-01-01", 20), ("2026-07-01", 70))
        with self.assertRaises(ValidationError), self.cr.savepoint():
            other.share_ids[1].date_from = "2026-06-01"
        with self.assertRaises(ValidationError), self.cr.savepoint():
            other.share_ids[1].share = 71
        other.share_ids[0].unlink()
        self.assertEqual(other.share, 0)

    def test_a_deleted_share_does_not_bring_back_too_much(self):
        kpi = self._kpi()
        one = self._claim(kpi, ("2026-01-01", 60), ("2026-07-01", 0))
        self._claim(kpi, ("2026-01-01", 40), ("2026-07-01", 100))
        with self.assertRaisesRegex(ValidationError, "160"), self.cr.savepoint():
            one.share_ids[1].unlink()
        with self.assertRaisesRegex(ValidationError, "160"), self.cr.savepoint():
            one.write({"share_ids": [(2, one.share_ids[1].id)]})
        self.assertEqual(len(one.share_ids), 2)

    def test_what_is_archived_claims_nothing(self):
        kpi = self._kpi()
        first = self._claim(kpi, ("2026-01-01", 60))
        first.active = False
        second = self._claim(kpi, ("2026-01-01", 60))
        with self.assertRaises(ValidationError), self.cr.savepoint():
            first.active = True
        second.share_ids.share = 40
        first.active = True

    def test_a_share_is_a_part(self):
        baseline = self._baseline()
        for share in (-1, 101, float("nan"), 1e300):
            with (
                mute_logger("odoo.sql_db"),
                self.assertRaises(Exception),  # noqa: B017 the database's or ours
                self.cr.savepoint(),
            ):
                baseline.share_ids.share = share
                self.env.flush_all()
