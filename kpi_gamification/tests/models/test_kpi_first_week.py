from datetime import date, timedelta

from odoo.tests import freeze_time, tagged

from .award_case import GOOD, AwardCase

MARCH, FEBRUARY = date(2026, 3, 1), date(2026, 2, 1)


@tagged("post_install", "-at_install")
class TestKpiFirstWeek(AwardCase):
    """An empty company awards something within a day."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._as(cls, cls.officer, cls.env["kpi.achievement"]).action_add_ready()
        cls.jobs = cls.env["kpi.job"].search([("kind", "=", "award")])
        cls.jobs.unlink()

    def _find(self, name):
        return self.awards.search(
            [
                ("achievement_id.name", "=", name),
                ("company_id", "=", self.company.id),
            ]
        )

    def _find_jobs(self):
        return self.env["kpi.job"].search([("kind", "=", "award")])

    def test_the_first_value_is_awarded_at_once_and_once(self):
        report = self._of(self.ann, [None])
        report.entry_date_from = FEBRUARY
        self.env["kpi.entry.duty"]._refresh()
        row = next(row for row in self._list_next() if row["name"] == "First Value")
        self.assertEqual((row["ratio"], row["day"]), (0, False))
        self._as(self.ann, report)._enter_value(FEBRUARY, GOOD)
        self.env.flush_all()
        self.assertEqual(len(self._find_jobs()), 1, "as soon as it is stored")
        self.closings._award_at_once()
        award = self._find("First Value")
        self.assertEqual((award.user_id, award.state), (self.ann, "earned"))
        self.assertEqual(award.period_start, MARCH, "the running period")
        self.assertEqual(self._sum_points(self.ann), 5)
        self._find_jobs().unlink()
        self._as(self.ann, report)._enter_value(MARCH, GOOD)
        self.env.flush_all()
        self.assertFalse(self._find_jobs(), "nothing more is earned by it")
        self.closings._award_at_once()
        self.assertEqual(self._find("First Value"), award)
        names = [row["name"] for row in self._list_next()]
        self.assertNotIn("First Value", names)

    def _list_next(self):
        page = self.env["kpi.achievement.page"].with_user(self.ann)
        page = page.with_context(allowed_company_ids=self.company.ids)
        return page.get_mine()["next"]

    def _sum_points(self, person):
        balance = [("user_id", "=", person.id), ("company_id", "=", self.company.id)]
        return self.env["kpi.points.balance"].search(balance).balance

    def test_a_period_of_what_is_given_at_once_is_decided_after_it(self):
        report = self._of(self.ann, [None])
        self._as(self.ann, report)._enter_value(FEBRUARY, GOOD)
        self.closings._award_at_once()
        award = self._find("First Value")
        closing = self.closings.search(
            [("achievement_id", "=", award.achievement_id.id)]
        )
        self.assertFalse(closing.decided_at or closing.able_count)
        with freeze_time("2026-04-10 09:00:00"):
            due = self.closings._find_due()
            month = [p for _c, p in due if (p.grain, p.start) == ("month", MARCH)]
            self.assertEqual(len(month), 1)
            self.closings._close(self.company, month[0])
            self.assertTrue(closing.decided_at)
            self.assertGreaterEqual(closing.able_count, 1)
            due = self.closings._find_due()
        self.assertNotIn((self.company, month[0]), due, "once")
        self.assertEqual(self._find("First Value"), award)

    def test_a_comment_that_led_to_an_action(self):
        report = self._of(self.ann, [GOOD])
        talk = self.env["kpi.discussion"].create(
            {
                "name": "Slow answers",
                "kpi_id": report.id,
                "user_id": self.ben.id,
            }
        )
        self.closings._award_at_once()
        self.assertFalse(self._find("Comment That Led to an Action"))
        action = self.env["kpi.action.item"].create(
            {
                "description": "Answer sooner",
                "report_id": report.id,
                "discussion_id": talk.id,
                "assigned_to": self.ann.id,
            }
        )
        self.assertEqual(len(self._find_jobs()), 1)
        action.flush_recordset()
        # Odoo's clock does not stop
        self.env.cr.execute(
            "UPDATE kpi_action_item SET create_date = '2026-03-09' WHERE id = %s",
            [action.id],
        )
        self.closings._award_at_once()
        award = self._find("Comment That Led to an Action")
        self.assertEqual(award.user_id, self.ben, "whose comment it was")

    def test_five_days_on_time_are_awarded_the_next_morning(self):
        report = self._entered("Daily", {}, target=100, scope=self.ann, frequency="day")
        first = date(2026, 3, 2)
        report.entry_date_from = first
        report.definition_id.entry_due_days = 1
        for back in range(5):
            day = first + timedelta(days=back)
            with freeze_time(f"{day} 17:00:00"):
                self._as(self.ann, report)._enter_value(day, GOOD)
        self.env["kpi.entry.duty"]._refresh()
        name = "Five Days on Time"
        for moment, count in (("2026-03-06 22:00", 0), ("2026-03-07 06:00", 1)):
            with freeze_time(moment):
                self._decide()
            with self.subTest(moment):
                self.assertEqual(len(self._find(name)), count)
        self.assertEqual(self._find(name).user_id, self.ann)
        self.assertEqual(self._find(name).period_start, date(2026, 3, 6))

    def test_nobody_is_held_for_what_is_shipped(self):
        """The officer who turned it on earns by it as others do."""
        report = self._of(self.officer, [None])
        self._as(self.officer, report)._enter_value(FEBRUARY, GOOD)
        self.closings._award_at_once()
        award = self._find("First Value")
        self.assertEqual((award.user_id, award.state), (self.officer, "earned"))

    def test_settings_turn_it_on(self):
        company = self.env["res.company"].create({"name": "Empty"})
        settings = self.env["res.config.settings"].with_company(company)
        settings = settings.with_context(allowed_company_ids=company.ids).create({})
        self.assertFalse(settings.has_achievements)
        settings.action_turn_on_achievements()
        settings.invalidate_recordset()
        self.assertTrue(settings.has_achievements)
