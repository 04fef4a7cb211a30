from datetime import date

from odoo.tests import tagged
from odoo.tools import SQL

from .award_case import BAD, GOOD, AwardCase

GREEN = {"kind": "green", "least": 1}
FEBRUARY = date(2026, 2, 1)
WITHIN, FIRST_DAY = "2026-02-20 09:00:00", "2026-02-01 23:59:59"


@tagged("post_install", "-at_install")
class TestKpiAwardDoubts(AwardCase):
    """What is held for review, however it came about."""

    def _decide_doubt(self, **values):
        """The doubt about what Ann earned in February; False where it is earned."""
        self._achievement(GREEN, **values)
        award = self._decide()
        self.assertEqual(award.user_id, self.ann)
        self.assertEqual(award.state, "held" if award.doubt else "earned")
        points = self.env["kpi.points.entry"].search([("user_id", "=", self.ann.id)])
        self.assertEqual(bool(points), not award.doubt)
        return award.doubt

    def test_targets(self):
        changed, own = "target_changed", "target_own"
        for written, person, doubt in (
            ("2020-01-01", self.manager, False),
            (FIRST_DAY, self.manager, False),
            ("2026-02-02 00:00:00", self.manager, changed),
            (WITHIN, self.manager, changed),
            ("2026-03-05 23:59:59", self.manager, changed),  # before it is decided
            ("2026-03-06 00:00:00", self.manager, False),  # another one holds by then
            ("2026-03-10 09:00:01", self.manager, changed),  # after it was decided
            ("2020-01-01", self.ann, own),
            (WITHIN, self.ann, own),
        ):
            with self.subTest(written=written, by=person.name):
                with self.env.cr.savepoint() as savepoint:
                    report = self._of(self.ann, [GOOD])
                    self._set_written(report.target_ids, written, person)
                    self.assertEqual(self._decide_doubt(), doubt)
                    savepoint.rollback()
                self.env.invalidate_all()

    def test_only_the_approval_of_the_last_change_counts(self):
        for approved, doubt in (
            (WITHIN, False),
            ("2026-01-15 09:00:00", "target_changed"),  # of another change, before
            (None, "target_changed"),
        ):
            with self.subTest(approved), self.env.cr.savepoint() as savepoint:
                report = self._of(self.ann, [GOOD])
                self._set_written(report.target_ids, WITHIN, self.manager)
                change = self.env["kpi.approval.change"].create(
                    {
                        "res_model": "kpi.target",
                        "res_id": report.target_ids.id,
                        "vals": {"value": 100},
                        "subject_model": "kpi.report",
                        "subject_id": report.id,
                        "reason": "Agreed",
                    }
                )
                self.env.cr.execute(
                    "UPDATE kpi_approval_change SET approval_state = %s WHERE id = %s",
                    ["approved" if approved else "pending", change.id],
                )
                self._set_written(change, approved or WITHIN)
                self.assertEqual(self._decide_doubt(), doubt)
                savepoint.rollback()
            self.env.invalidate_all()

    def test_who_takes_a_target_away_answers_for_the_one_before(self):
        ways = {
            "deleted": lambda target: target.unlink(),
            "moved": lambda target: target.write({"date_from": "2026-04-01"}),
            "left alone": lambda target: target.write({"note": "Hard"}),
        }
        for way, take_away in ways.items():
            for person, doubt in (
                (self.manager, "target_changed"),
                (self.ann, "target_own"),
            ):
                with (
                    self.subTest(way, by=person.name),
                    self.env.cr.savepoint() as savepoint,
                ):
                    self.number += 1
                    name = f"Own {self.number}"
                    with self._at("2026-02-20 09:00:00"):
                        report = self._entered(name, {}, target=100, scope=self.ann)
                        easy = report.target_ids
                        hard = easy.copy({"date_from": "2026-02-01", "value": 130})
                        self._set_written(easy | hard, "2020-01-01", self.officer)
                        # Whoever may is no matter here.
                        take_away(hard.with_user(person).sudo())
                    self._fill(report, {"2026-02": GOOD})
                    if way == "left alone":
                        self._achievement(GREEN)
                        self.assertFalse(self._decide(), "130 was not reached")
                    else:
                        self.assertEqual(self._decide_doubt(), doubt)
                    savepoint.rollback()
                self.env.invalidate_all()

    def test_targets_to_come_are_nobodys_doubt(self):
        report = self._of(self.ann, [GOOD])
        with self._at(WITHIN):
            later = report.target_ids.copy({"date_from": "2026-05-01"})
            later.with_user(self.manager).sudo().unlink()
        self.assertFalse(self._decide_doubt())

    def test_own_values_that_nobody_approved(self):
        for source, person, doubt in (
            ("import", self.ann, "entry"),
            ("api", self.ann, "entry"),
            ("import", self.officer, False),
        ):
            with (
                self.subTest(source, by=person.name),
                self.env.cr.savepoint() as savepoint,
            ):
                report = self._of(self.ann, [BAD])
                facts = self.env["kpi.measurement"].with_user(person).sudo()
                self.env.cr.execute(
                    "DELETE FROM kpi_target_value WHERE report_id = %s", report.ids
                )
                facts._upsert("month", [(report.id, FEBRUARY, GOOD)], source=source)
                report._refresh_current()
                self.assertEqual(self._decide_doubt(), doubt)
                savepoint.rollback()
            self.env.invalidate_all()

    def test_own_entries_count_once_somebody_else_approved_them(self):
        for person, doubt in (
            (None, "entry"),
            (self.ann, "entry"),
            (self.officer, False),
        ):
            with (
                self.subTest(by=person and person.name),
                self.env.cr.savepoint() as savepoint,
            ):
                report = self._of(self.ann, [None])
                entry = self._own(self.ann, report)._enter_value(FEBRUARY, GOOD)
                self.env.cr.execute(
                    "UPDATE kpi_submission SET decided_by_id = %s WHERE id = %s",
                    [person and person.id, entry.id],
                )
                self.assertEqual(self._decide_doubt(), doubt)
                savepoint.rollback()
            self.env.invalidate_all()

    def _part(self):
        """A KPI whose February Ann has entered herself."""
        report = self._entered("Part", {}, scope=self.ann)
        self._own(self.ann, report)._enter_value(FEBRUARY, GOOD)
        return report.definition_id

    def test_what_a_formula_is_made_of_counts(self):
        part = self._part()
        kpi = self.env["kpi.definition"].create(
            {
                "name": "Twice",
                "company_id": self.company.id,
                "calendar_id": self.calendar.id,
                "computation": "formula",
                "formula": f"2 * {part.code}",
            }
        )
        report = self._track(kpi, self.ann)
        target = {"report_id": report.id, "date_from": "2020-01-01", "value": 100}
        self._set_written(self.env["kpi.target"].create(target), "2020-01-01")
        self.env["kpi.definition"]._recompute_formulas()
        report._refresh_current()
        self.assertEqual(self._decide_doubt(), "entry")

    def test_what_sets_a_target_counts(self):
        part = self._part()
        report = self._of(self.ann, [GOOD])
        self.env.cr.execute(
            "DELETE FROM kpi_target_value WHERE report_id = %s", report.ids
        )
        report.target_ids.write({"rule": "kpi", "source_definition_id": part.id})
        self._set_written(report.target_ids, "2020-01-01", self.officer)
        self.assertEqual(self._decide_doubt(), "entry")

    def test_unusual_values(self):
        report = self._of(self.ann, [GOOD])
        odd = self.env["kpi.anomaly"].create(
            {
                "report_id": report.id,
                "period_start": "2026-02-01",
                "period_last": "2026-02-01",
                "oddest_start": "2026-02-01",
                "kind": "spike",
            }
        )
        self.assertEqual(self._decide_doubt(), "anomaly")
        self.env.cr.execute(
            "UPDATE kpi_anomaly SET state = 'dismissed' WHERE id = %s", odd.ids
        )
        self._achievement(GREEN)
        self.assertEqual(self._decide().state, "earned")

    def test_what_is_held_again_keeps_its_points(self):
        report = self._of(self.ann, [GOOD])
        self._set_written(report.target_ids, WITHIN, self.ann)
        self.assertEqual(self._decide_doubt(basis="now"), "target_own")
        award, heads = self.awards.search([]), self.env["kpi.points.balance"]
        self._own(self.officer, award).action_release()
        points = award.points_earned
        for value, state in ((BAD, "held"), (GOOD, "earned")):
            self._correct(report, "2026-02", value)
            head = heads.search([("user_id", "=", self.ann.id)])
            # What was released stays booked until officers decide otherwise.
            self.assertEqual((award.state, head.balance), (state, points))

    def test_a_correction_and_back_releases_nothing(self):
        report = self._of(self.ann, [GOOD])
        self._set_written(report.target_ids, WITHIN, self.ann)
        self.assertEqual(self._decide_doubt(basis="now"), "target_own")
        award = self.awards.search([])
        self._correct(report, "2026-02", BAD)
        self.assertEqual((award.state, award.doubt), ("held", "target_own"))
        self.assertTrue(award.is_corrected)
        self._correct(report, "2026-02", GOOD)
        self.assertEqual((award.state, award.doubt), ("held", "target_own"))
        self.assertFalse(award.is_corrected)
        entries = SQL(
            "SELECT count(*) FROM kpi_points_entry WHERE user_id = %s", self.ann.id
        )
        self.assertEqual(self.env.execute_query(entries), [(0,)])
