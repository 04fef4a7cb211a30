import random
from datetime import date, datetime, timedelta

from psycopg2 import IntegrityError

from odoo import Command, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.modules.migration import load_script
from odoo.modules.module import get_module_path
from odoo.tests import new_test_user, tagged
from odoo.tools import SQL, mute_logger

from odoo.addons.kpi_base.tests.common import add_model, run_cron

from .award_case import BAD, GOOD, MONTHS, AwardCase

STREAK = {"kind": "streak", "least": 3}
GREEN = {"kind": "green", "least": 1}
PREVIEW = ["Nov 2025: 0", "Dec 2025: 2", "Jan 2026: 0", "Feb 2026: 1"]
# zone, first day after a week, and the moment (UTC) at which it begins there
WEEKS = [
    ("America/New_York", "2026-03-09", "2026-03-09 04:00:00"),
    ("America/New_York", "2026-11-02", "2026-11-02 05:00:00"),
    ("Pacific/Auckland", "2026-04-06", "2026-04-05 12:00:00"),
    ("Pacific/Auckland", "2026-09-28", "2026-09-27 11:00:00"),
]


class Lucky(models.AbstractModel):
    """A kind of condition of an addon above: one file."""

    _module = None
    _name = "kpi.achievement.kind.lucky"
    _inherit = ["kpi.achievement.kind"]
    _description = "Lucky"

    def _rows_sql(self, asked, condition):
        return SQL(
            "SELECT min(id) AS user_id, 7 AS done, '{}'::int[] AS ids"
            " FROM res_users WHERE login = 'ann'"
        )

    def _say(self, condition):
        return f"{condition['least']:.0f} times lucky"


@tagged("post_install", "-at_install")
class TestKpiUserAchievement(AwardCase):
    """Awards: who earns them, once, and what becomes of them."""

    def test_each_condition_has_to_hold(self):
        self._of(self.ann, [BAD, GOOD, GOOD, GOOD])
        self._of(self.ben, [GOOD, GOOD, BAD, GOOD])
        streak = self._achievement(STREAK)
        green = self._achievement(GREEN)
        both = self._achievement(STREAK, {"kind": "green", "least": 2})
        awards = self._decide()
        earned = {(one.achievement_id, one.user_id) for one in awards}
        self.assertEqual(
            earned, {(streak, self.ann), (green, self.ann), (green, self.ben)}
        )
        self._of(self.ann, [GOOD, GOOD, GOOD, GOOD])
        self.assertFalse(self._decide(), "it is decided once")
        self.assertEqual(both.award_count, 0)
        award = awards.filtered(lambda one: one.achievement_id == streak)
        self.assertEqual(award.state, "earned")
        self.assertEqual(award.points_earned, 10)
        self.assertEqual(award.period_start, date(2026, 2, 1))
        values = self.env["kpi.target.value"].browse(award.judgement_ids)
        starts = [date(2025, 12, 1), date(2026, 1, 1), date(2026, 2, 1)]
        self.assertEqual(sorted(values.mapped("period_start")), starts)

    def test_better_than_before_needs_a_base_above_zero(self):
        kpi = self._of(self.ann, [100, 125])
        self._of(self.ben, [0, 500], kpi)
        self._of(self.user, [-10, 500], kpi)
        self._of(self.manager, [100, 119], kpi)
        better = {"kind": "better", "least": 20, "definition_id": kpi.definition_id.id}
        self._achievement(better)
        self.assertEqual(self._decide().user_id, self.ann)

    def test_less_is_better_where_the_kpi_says_so(self):
        kpi = self._of(self.ann, [100, 80], direction="lower")
        self._of(self.ben, [100, 120], kpi)
        better = {"kind": "better", "least": 20, "definition_id": kpi.definition_id.id}
        self._achievement(better)
        self.assertEqual(self._decide().user_id, self.ann)

    def test_ties_share_the_first_place_and_need_somebody_behind(self):
        kpi = self._of(self.ann, [150])
        first = {"kind": "first", "definition_id": kpi.definition_id.id}
        alone = self._achievement(first)
        self.assertFalse(self._decide(), "first of one is nobody")
        self._of(self.ben, [150], kpi)
        self._achievement(first)
        self.assertFalse(self._decide(), "all tied")
        self._of(self.user, [90], kpi)
        self._achievement(first)
        self.assertEqual(self._decide().user_id, self.ann | self.ben)
        self.assertFalse(alone.award_count)

    def test_all_tied_at_zero_earn_nothing(self):
        kpi = self._of(self.ann, [0])
        self._of(self.ben, [0], kpi)
        self._achievement({"kind": "first", "definition_id": kpi.definition_id.id})
        self._achievement({"kind": "better", "definition_id": kpi.definition_id.id})
        self.assertFalse(self._decide())

    def test_coaching_counts_but_no_improvement_plans(self):
        self._achievement({"kind": "coached", "least": 1}, date_from="2026-02-01")
        with self._at("2026-02-10 09:00:00"):
            self._sign(coaching_type="improvement_plan")
            self.assertFalse(self._decide())
            self._sign()
        awards = self._decide()
        self.assertEqual(awards.user_id, self.coach)
        self.assertNotIn(f"({self.trainee.id}, ", str(awards.sudo().read()))

    def test_an_action_counts_once_its_kpi_has_moved_for_sure(self):
        months = [f"2024-{month}" for month in (11, 12)]
        months += [f"2025-{month:02}" for month in range(1, 11)]
        for person, values in ((self.ann, [150] * 4), (self.ben, [100] * 4)):
            report = self._of(person, values)
            self._fill(report, {month: 100 + int(month[-1]) for month in months})
            self.env["kpi.action.item"].create(
                {
                    "report_id": report.id,
                    "description": "Call back",
                    "assigned_to": person.id,
                    "status": "completed",
                    "effective_date": "2025-11-01",
                }
            )
        self._achievement({"kind": "action", "least": 1}, date_from="2025-12-01")
        award = self._decide()
        self.assertEqual(award.user_id, self.ann)
        self.assertEqual(award.period_start, date(2026, 2, 1), "when it is known")

    def test_who_is_out_or_gone_earns_nothing(self):
        for person in (self.ann, self.ben, self.user):
            self._of(person, [GOOD])
        choices = self.env["kpi.gamification.choice"]
        self._own(self.ann, choices).choose("out")
        self._own(self.user, choices).choose("hidden")
        self.ben.active = False
        self._achievement(GREEN)
        self.assertEqual(self._decide().user_id, self.user)
        streaks = self.env["kpi.performance.streak"].search([])
        self.assertNotIn(self.ann, streaks.user_id)

    def test_nobody_and_an_archived_kpi(self):
        self._achievement(GREEN)
        self.assertFalse(self._decide())
        kpi = self._of(self.ann, [GOOD, GOOD, GOOD])
        self._achievement(dict(STREAK, definition_id=kpi.definition_id.id))
        kpi.active = False
        self.assertFalse(self._decide())

    def test_one_person_in_two_companies_earns_in_each(self):
        self._of(self.ann, [GOOD])
        other = self._create_company("South")
        self.ann.company_ids += other
        there = self.env["kpi.definition"].create(
            {"name": "There", "company_id": other.id, "history_start": "2020-01-01"}
        )
        there = there._track_for("user", self.ann, company_id=other.id)
        target = {"report_id": there.id, "date_from": "2020-01-01", "value": 100}
        self._set_written(self.env["kpi.target"].create(target), "2020-01-01")
        self._fill(there, {"2026-02": BAD})
        first = self._achievement(GREEN)
        self._achievement(GREEN, company_id=other.id)
        for company, period in self.closings._find_due():
            if company in (self.company, other):
                self.closings._close(company, period)
        award = self.awards.search([("user_id", "=", self.ann.id)])
        self.assertEqual(award.achievement_id, first, "in the other it was missed")
        self._correct(there, "2026-02", GOOD)
        self._achievement(GREEN, company_id=other.id, name="Later")
        for company, period in self.closings._find_due():
            self.closings._close(company, period)
        heads = self.env["kpi.points.balance"].search([("user_id", "=", self.ann.id)])
        self.assertEqual(heads.mapped("company_id"), self.company, "as it was judged")

    def test_a_kpi_of_a_condition_is_deleted_only_after_it(self):
        kpi = self.env["kpi.definition"].create(
            {"name": "Short-lived", "company_id": self.company.id}
        )
        achievement = self._achievement(dict(STREAK, definition_id=kpi.id))
        self.assertFalse(self._decide())
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            with self.env.cr.savepoint():
                kpi.unlink()
        achievement.condition_ids = [Command.clear(), Command.create(GREEN)]
        kpi.unlink()
        closing = self.closings.search([("achievement_id", "=", achievement.id)])
        self.assertIn("A deleted KPI", closing.version_id.criteria)
        closing._review([self.ann.id])  # what was decided by it stays decidable
        self.assertFalse(self.awards.search([]))
        self._of(self.ann, [GOOD])
        self._achievement(GREEN)
        self.assertEqual(self._decide().user_id, self.ann)

    def test_an_addon_adds_a_kind_by_one_file(self):
        add_model(self, Lucky)
        kinds = dict(self.env["kpi.achievement.condition"]._list_kinds())
        self.assertEqual(kinds["lucky"], "Lucky")
        lucky = self._achievement({"kind": "lucky", "least": 7})
        self._achievement({"kind": "lucky", "least": 8})
        self.assertEqual(lucky.criteria, "7 times lucky.")
        awards = self._decide()
        self.assertEqual((awards.user_id, awards.achievement_id), (self.ann, lucky))

    def test_random_histories_as_a_plain_loop_decides_them(self):
        rng = random.Random(5)
        kpi = self._of(self.ann, [GOOD])
        reached = {}
        for number in range(40):
            person = self._create_user(
                f"golden_{number}", groups="kpi_base.kpi_base_group_user"
            )
            values = [rng.choice((GOOD, BAD, 95, 94, None)) for _month in MONTHS]
            self._of(person, values, kpi)
            reached[person] = values
        streak = self._achievement(dict(STREAK, least=2))
        green = self._achievement(GREEN)
        better = self._achievement(
            {"kind": "better", "least": 1, "definition_id": kpi.definition_id.id}
        )
        expected = set()
        for person, values in reached.items():
            count = 0
            for value in values:  # nothing judged is excused
                count = count if value is None else (count + 1) * (value >= 95)
            if count and count % 2 == 0 and values[-1] is not None:
                expected.add((person, streak))
            if values[-1] is not None and values[-1] >= 95:
                expected.add((person, green))
            if None not in values[-2:] and values[-1] >= 1.01 * values[-2]:
                expected.add((person, better))
        found = {(one.user_id, one.achievement_id) for one in self._decide()}
        self.assertEqual({each for each in found if each[0] != self.ann}, expected)

    def test_a_streak_is_earned_once_for_each_full_run(self):
        kpi = self._of(self.ann, [GOOD, GOOD, GOOD, GOOD])
        self._of(self.ben, [GOOD, GOOD, None, GOOD], kpi)
        every = self._achievement(dict(STREAK, least=2), date_from="2025-11-01")
        self.assertIn("On target 2 months running", every.criteria)
        earned = {(one.user_id, one.period_start.month) for one in self._decide()}
        # not again while it lasts, nor in the month of which Ben has no value
        self.assertEqual(earned, {(self.ann, 12), (self.ann, 2), (self.ben, 12)})
        self.assertEqual(every.preview.splitlines()[-5:-1], PREVIEW)

    def test_entries_on_time_are_earned_once_for_each_full_run(self):
        report = self._of(self.ann, [None])
        other = self._of(self.ben, [None], report)
        (report | other).entry_date_from = date(2025, 11, 1)
        report.definition_id.entry_due_days = 5
        for month in MONTHS:
            start = date.fromisoformat(f"{month}-01")
            for person, own in ((self.ann, report), (self.ben, other)):
                is_late = person == self.ben and month == "2026-01"
                day = start + timedelta(days=50 if is_late else 32)
                with self._at(f"{day} 09:00:00"):
                    self._own(person, own)._enter_value(start, GOOD)
        self.env["kpi.entry.duty"]._refresh()
        self._achievement({"kind": "entry", "least": 2}, date_from="2025-11-01")
        earned = {(one.user_id, one.period_start.month) for one in self._decide()}
        # Ben's January was late: February is the first of a new run
        self.assertEqual(earned, {(self.ann, 12), (self.ann, 2), (self.ben, 12)})

    def test_weeks_end_where_the_company_is(self):
        """The nights are those in which clocks change; nobody's own zone counts."""
        achievement = self._achievement(GREEN, grain="week")
        self.company.gamification_days = 0
        self.env.user.tz = "Asia/Tokyo"
        for zone, monday, moment in WEEKS:
            self.company.kpi_calendar_id = self.env["kpi.calendar"].create(
                {"name": zone, "tz": zone, "company_id": self.company.id}
            )
            achievement.date_from = week = date.fromisoformat(monday) - timedelta(7)
            midnight = datetime.fromisoformat(moment)
            with self.subTest(zone, monday=monday):
                with self._at(midnight - timedelta(seconds=1)):
                    self.assertFalse(self.closings._find_due())
                with self._at(midnight):
                    ((_company, period),) = self.closings._find_due()
                self.assertEqual((period.start, period.grain), (week, "week"))

    def test_a_change_makes_a_version_and_touches_no_award(self):
        self._of(self.ann, [GOOD])
        achievement = self._achievement(GREEN)
        award = self._decide()
        achievement.points_value = 99
        achievement.condition_ids.least = 2
        self.assertEqual(award.points_earned, 10)
        self.assertIn("1", award.criteria)
        with self._at("2026-04-10 09:00:00"):
            self._decide()
        numbers = self.closings.search(
            [("achievement_id", "=", achievement.id)]
        ).version_id.mapped("number")
        self.assertEqual(sorted(numbers), [1, 2])

    def test_the_preview_stores_nothing(self):
        self._of(self.ann, [GOOD, BAD, GOOD])
        achievement = self._achievement(GREEN)
        lines = achievement.preview.splitlines()
        self.assertEqual(len(lines), 13)
        self.assertEqual([line[-1] for line in lines[-4:-1]], ["1", "0", "1"])
        self.assertFalse(self.awards.search([]))

    def test_the_preview_names_who_is_shown(self):
        kpi = self._of(self.ann, [GOOD])
        self._of(self.ben, [GOOD], kpi)
        achievement = self._achievement(GREEN)
        self._own(self.ben, self.env["kpi.gamification.choice"]).choose("shown")
        shown = self._own(self.officer, achievement).preview.splitlines()
        self.assertEqual(shown[-2], f"Feb 2026: 2 ({self.ben.name})")

    def test_points_below_zero_and_empty_conditions_are_refused(self):
        for empty in ({"kind": "green", "least": 0}, {"kind": "first"}):
            with self.subTest(empty), mute_logger("odoo.sql_db"):
                with self.assertRaises(IntegrityError), self.env.cr.savepoint():
                    self._achievement(empty)
        with self.assertRaises(UserError), self.env.cr.savepoint():
            self._achievement({"kind": "made_up"})

    def test_the_job_decides_and_sends_one_message_each(self):
        self._of(self.ann, [GOOD, GOOD, GOOD])
        self._achievement(STREAK, name="<b>Bold</b>")
        self._achievement(GREEN)
        self.env["kpi.job"]._enqueue_regular()
        run_cron(self, "kpi_base.kpi_job_cron")
        job = self.env["kpi.job"].search([("kind", "=", "award")])
        self.assertEqual(job.state, "done", job.error)
        self.assertEqual(len(self.awards.search([("user_id", "=", self.ann.id)])), 2)
        message = self.env["kpi.delivery"].search(
            [("renderer", "=", "kpi.user.achievement")]
        )
        self.assertEqual(message.user_id, self.ann)
        self.assertEqual(len(message.line_ids), 2)
        said = message._compose()
        self.assertEqual(said.title, "You earned: 2")
        self.assertIn("<b>Bold</b>, Feb 2026", [line.title for line in said.lines])
        mail = str(message._to_html(said))
        self.assertIn("&lt;b&gt;Bold&lt;/b&gt;", mail)
        self.assertNotIn("<b>Bold", mail)

    def test_statements_do_not_grow_with_people(self):
        def count():
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            self._decide()
            return self.env.cr.sql_log_count - before

        kpi = self._of(self.ann, [GOOD, GOOD, GOOD])
        achievements = [self._achievement(STREAK), self._achievement(GREEN)]
        count()
        for number in range(12):
            person = self._create_user(
                f"many_{number}", groups="kpi_base.kpi_base_group_user"
            )
            self._of(person, [GOOD, GOOD, GOOD], kpi)
        for achievement in achievements:
            achievement.active = False
        self._achievement(STREAK), self._achievement(GREEN)
        few = count()
        for achievement in self.env["kpi.achievement"].search([]):
            achievement.active = False
        for number in range(12):
            person = self._create_user(
                f"more_{number}", groups="kpi_base.kpi_base_group_user"
            )
            self._of(person, [GOOD, GOOD, GOOD], kpi)
        self._achievement(STREAK), self._achievement(GREEN)
        self.assertLessEqual(count(), few + 2)


@tagged("post_install", "-at_install")
class TestKpiAchievementReview(AwardCase):
    """Corrections, doubts and what officers decide."""

    def test_a_correction_holds_it_with_its_points_and_both_values(self):
        for basis in ("judged", "now"):
            with self.subTest(basis), self.env.cr.savepoint() as savepoint:
                kpi = self._of(self.ann, [GOOD])
                other = self._of(self.ben, [GOOD])
                self._achievement(GREEN, basis=basis)
                award, same = self._decide().sorted(lambda one: one.user_id != self.ann)
                told = len(self._messages(self.ann))
                self._correct(kpi, "2026-02", BAD)
                self.assertEqual((award.state, award.doubt), ("held", "corrected"))
                self.assertEqual(same.state, "earned")
                points = award.points_earned
                self.assertEqual(self._points(self.ann), points)
                self.assertEqual(len(self._messages(self.ann)), told + 1)
                said = f"{kpi.kpi_name}, Feb 2026: 120 → 50"
                for person in (self.ann, self.officer):
                    seen = self._own(person, award)
                    self.assertEqual(seen.corrections, said)
                    self.assertIn(said, seen._get_reason())
                own = self._own(self.ann, self.env["kpi.achievement.page"]).get_mine()
                self.assertIn(said, own["awards"][0]["reason"])
                # Once decided, the same values are asked about no more.
                self._own(self.officer, award).action_release()
                self.assertEqual(
                    (award.state, self._points(self.ann)), ("earned", points)
                )
                self._correct(other, "2026-02", GOOD + 1)
                closing = self.closings.search([("period_start", "=", "2026-02-01")])
                closing._review([self.ann.id])
                self.assertEqual(award.state, "earned")
                # Others are, and what is revoked then takes the points.
                self._correct(kpi, "2026-02", BAD - 1)
                self.assertEqual(award.state, "held")
                self._own(self.officer, award).revoke("Wrong")
                self.assertEqual(self._points(self.ann), 0)
                self._correct(kpi, "2026-02", GOOD)
                self.assertEqual(award.state, "revoked", "that was decided")
                savepoint.rollback()
            self.env.invalidate_all()

    def test_a_correction_that_is_undone_gives_it_back(self):
        for basis in ("judged", "now"):
            with self.subTest(basis), self.env.cr.savepoint() as savepoint:
                kpi = self._of(self.ann, [GOOD])
                self._achievement(GREEN, basis=basis)
                award = self._decide()
                for value, state in ((BAD, "held"), (GOOD, "earned")):
                    self._correct(kpi, "2026-02", value)
                    self.assertEqual(award.state, state)
                    self.assertEqual(self._points(self.ann), award.points_earned)
                self.assertFalse(award.doubt)
                self.assertFalse(award.corrections)
                savepoint.rollback()
            self.env.invalidate_all()

    def _points(self, person):
        entries = self.env["kpi.points.entry"].search([("user_id", "=", person.id)])
        return sum(entries.mapped("points"))

    def test_who_is_out_gets_nothing_by_a_release(self):
        report = self._of(self.ann, [GOOD])
        self._achievement(GREEN)
        self._set_written(report.target_ids, "2026-02-20 09:00:00", self.manager)
        award = self._decide()
        self.assertEqual(award.state, "held")
        choices = self._own(self.ann, self.env["kpi.gamification.choice"])
        choices.choose("out")
        with self.assertRaisesRegex(UserError, "does not participate"):
            self._own(self.officer, award).action_release()
        self.assertEqual((award.state, self._points(self.ann)), ("held", 0))
        with self._at("2026-03-12 09:00:00"):  # who comes back begins anew
            choices.choose("hidden")
            with self.assertRaisesRegex(UserError, "does not participate"):
                self._own(self.officer, award).action_release()

    def test_who_set_it_up_waits_for_another_officer(self):
        kpi = self._of(self.officer, [GOOD, GOOD])
        self._of(self.ann, [GOOD, GOOD])
        chief = new_test_user(
            self.env,
            "award_chief",
            "kpi_base.kpi_base_group_admin",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        change = {
            "made": lambda: self._own(self.officer, self.env["kpi.achievement"]).create(
                {
                    "name": "Mine",
                    "company_id": self.company.id,
                    "date_from": "2026-01-01",
                    "condition_ids": [Command.create(GREEN)],
                }
            ),
            "paid more": lambda: self._changed({"points_value": 50}),
            "easier": lambda: self._changed({"date_from": "2026-01-01"}),
            "conditions": lambda: self._changed({}, least=1),
        }
        for way, make in change.items():
            with self.subTest(way), self.env.cr.savepoint() as savepoint:
                achievement = make()
                by_person = self._decide().grouped("user_id")
                own = by_person[self.officer].sorted("period_start")
                self.assertEqual({*own.mapped("state")}, {"held"})
                self.assertEqual({*own.mapped("doubt")}, {"author"})
                self.assertEqual({*by_person[self.ann].mapped("state")}, {"earned"})
                with self.assertRaisesRegex(UserError, "your own"):
                    self._own(self.officer, own).action_release()
                self._own(chief, own[-1:]).action_release()
                self.assertEqual(own[-1:].state, "earned")
                authors = achievement.sudo().author_ids
                self.assertFalse(authors, "another officer agreed")
                savepoint.rollback()
            self.env.invalidate_all()
        self.assertTrue(kpi)

    def _changed(self, values, **condition):
        achievement = self._achievement(dict(GREEN, least=0.5), date_from="2026-01-01")
        own = self._own(self.officer, achievement)
        if condition:
            own.condition_ids.write(condition)
        own.write(values)
        return achievement

    def test_points_have_a_limit_that_administrators_set(self):
        self.company.gamification_most_points = 40
        refused = self.assertRaisesRegex(ValidationError, "cannot exceed 40")
        with refused, self.env.cr.savepoint():
            self._achievement(GREEN, points_value=41)
        self._of(self.ann, [GOOD])
        self._achievement(GREEN, points_value=40)
        self.company.gamification_most_points = 30  # of those that there are already
        self.assertEqual(self._decide().points_earned, 30)
        self.assertEqual(self._points(self.ann), 30)

    def test_an_upgrade_notes_authors_and_takes_no_points(self):
        achievement = self._changed({"points_value": 400}, least=1)
        achievement.author_ids = False
        self.company.gamification_most_points = 100
        self.env.flush_all()
        folder = get_module_path("kpi_gamification") + "/migrations/19.0.1.2.0"
        for _twice in range(2):
            script = load_script(f"{folder}/post-authors.py", "migration")
            script.migrate(self.env.cr, "19.0.1.1.0")
        self.env.invalidate_all()
        self.assertEqual(achievement.author_ids, self.officer)
        self.assertEqual(self.company.gamification_most_points, 400)

    def test_how_rare_it_is_follows_from_who_could_earn_it(self):
        for able, won, rarity in (
            (20, 1, "legendary"),
            (20, 2, "epic"),
            (20, 3, "epic"),
            (20, 4, "rare"),
            (20, 8, "rare"),
            (20, 9, "common"),
        ):
            with self.subTest(able=able, won=won), self.env.cr.savepoint() as savepoint:
                self.assertEqual(self._decided(able, [won]), rarity)
                savepoint.rollback()
            self.env.invalidate_all()

    def test_of_few_people_the_share_of_what_was_decided_says_it(self):
        # One of ten in each of two months: 10% of what was decided, 20% of the people.
        self.assertEqual(self._decided(10, [1, 1]), "epic")

    def test_rarity_is_that_of_the_month_and_awards_keep_theirs(self):
        self._of(self.ann, [GOOD])
        achievement = self._achievement(GREEN, rarity="legendary")
        award = self._decide()
        self.assertEqual((award.rarity, award.version_id.number), ("legendary", 1))
        achievement._refresh_rarity()
        self.assertEqual(achievement.rarity, "common", "all who could did")
        self.assertEqual(award.rarity, "legendary")
        achievement.rarity = "epic"
        achievement._refresh_rarity()
        self.assertEqual(achievement.rarity, "epic", "once a month")
        with self._at("2026-04-01 09:00:00"):
            achievement._refresh_rarity()
        self.assertEqual(achievement.rarity, "common")

    def _decided(self, able, won):
        """The rarity of what ``won`` of ``able`` people earned in some months."""
        achievement = self._achievement(GREEN)
        version, people = (
            achievement._freeze(),
            self.env["res.users"].search([], limit=max(won)),
        )
        self.assertTrue(people)
        for month, count in enumerate(won, 1):
            start, stop = date(2026, month, 1), date(2026, month + 1, 1)
            self.env.cr.execute(
                SQL(
                    """
                    INSERT INTO kpi_achievement_closing
                           (achievement_id, version_id, company_id, grain, period_start,
                            period_stop, able_count)
                    VALUES (%(achievement)s, %(version)s, %(company)s, 'month',
                            %(start)s, %(stop)s, %(able)s);
                    INSERT INTO kpi_user_achievement
                           (user_id, company_id, achievement_id, version_id, grain,
                            period_start, period_stop, earned_date, state)
                    SELECT person, %(company)s, %(achievement)s, %(version)s, 'month',
                           %(start)s, %(stop)s, now(), 'earned'
                      FROM unnest(%(people)s) AS person
                    """,
                    achievement=achievement.id,
                    version=version.id,
                    company=self.company.id,
                    able=able,
                    start=start,
                    stop=stop,
                    people=people.ids[:count],
                )
            )
        achievement._refresh_rarity()
        return achievement.rarity

    def test_periods_before_the_beginning_are_not_decided(self):
        self._of(self.ann, [GOOD, GOOD])
        self._achievement(GREEN, date_from="2026-01-15")  # within January
        due = self.closings._find_due()
        starts = [period.start for company, period in due if company == self.company]
        self.assertEqual(starts, [date(2026, 2, 1)], "nor due for ever")
        self.assertEqual(self._decide().period_start, date(2026, 2, 1))

    def test_one_that_begins_later_is_not_decided_with_others(self):
        self._of(self.ann, [GOOD, GOOD])
        late = self._achievement(GREEN, date_from="2026-02-01")
        self._achievement(GREEN, date_from="2026-01-01")
        self._decide()
        awards = self.awards.search([("achievement_id", "=", late.id)])
        self.assertEqual(awards.mapped("period_start"), [date(2026, 2, 1)])
        closed = self.closings.search([("achievement_id", "=", late.id)])
        self.assertEqual(closed.mapped("period_start"), [date(2026, 2, 1)])

    def test_another_period_length_loses_nothing(self):
        self._of(self.ann, [GOOD, GOOD, GOOD])
        achievement = self._achievement(GREEN, date_from="2026-01-01")
        with self._at("2026-02-10 09:00:00"):
            january = self._decide()
        self.assertEqual(january.period_start, date(2026, 1, 1))
        achievement.grain = "quarter"
        with self._at("2026-04-10 09:00:00"):
            due = self.closings._find_due()
        (period,) = [period for company, period in due if company == self.company]
        self.assertEqual((period.grain, period.start), ("quarter", date(2026, 1, 1)))
        closing = self.closings._add(achievement, period)
        self.assertTrue(closing, "it begins on the same day as January")
        self.assertEqual(january.state, "earned")

    def test_as_it_is_now_a_correction_takes_and_gives(self):
        kpi = self._of(self.ann, [GOOD])
        other = self._of(self.ben, [BAD])
        self._achievement(GREEN, basis="now")
        award = self._decide()
        self.assertEqual(award.user_id, self.ann)
        told = len(self._messages(self.ann))
        self._correct(kpi, "2026-02", BAD)
        self.assertEqual((award.state, award.is_corrected), ("held", True))
        self.assertEqual(len(self._messages(self.ann)), told + 1)
        action = self._own(self.ann, award).action_explain()
        value = self._own(self.ann, self.env["kpi.target.value"])
        value = value.search(action["domain"])
        self.assertEqual((value.rated_value, value.corrected_value), (GOOD, BAD))
        self._correct(kpi, "2026-02", 0)
        value.invalidate_recordset()
        self.assertEqual((value.is_corrected, value.corrected_value), (True, 0))
        self._correct(kpi, "2026-02", GOOD)
        self.assertEqual((award.state, award.is_corrected), ("earned", False))
        self.assertFalse(self.env["kpi.achievement.correction"].search([]))
        value.invalidate_recordset()
        self.assertIs(value.corrected_value, False)
        self.assertFalse(value.is_corrected)
        self._correct(other, "2026-02", GOOD)
        self.assertTrue(self.awards.search([("user_id", "=", self.ben.id)]))

    def _messages(self, person):
        return self.env["kpi.delivery"].search(
            [
                ("renderer", "=", "kpi.user.achievement"),
                ("user_id", "=", person.id),
            ]
        )

    def test_a_correction_moves_the_streak_and_gives_a_freeze_back(self):
        self.company.gamification_freeze_every = 2
        kpi = self._of(self.ann, [GOOD, GOOD, BAD, GOOD])
        self._achievement(GREEN)
        self._decide()
        streak = self.env["kpi.performance.streak"].search([("kpi_id", "=", kpi.id)])
        own = self._own(self.ann, streak)
        self.assertEqual((own.current_streak, own.freezes_left), (3, 0))
        self.assertEqual(own.since, date(2025, 11, 1))
        self._correct(kpi, "2026-01", GOOD)
        self.assertEqual((own.current_streak, own.freezes_left), (4, 2))
        self._correct(kpi, "2026-01", BAD)
        self.assertEqual((own.current_streak, own.freezes_left), (3, 0))

    def test_who_was_away_for_half_of_it_or_less_misses_it(self):
        """Only more than half of a period excuses; January has 22 working days."""
        kpi = self._of(self.ann, [GOOD, GOOD, BAD, GOOD])
        leave = self.env["resource.calendar.leaves"].create(
            {
                "name": "Away",
                "resource_id": self.ann.employee_ids.resource_id.id,
                "calendar_id": self.ann.employee_ids.resource_calendar_id.id,
                "company_id": self.company.id,
                "date_from": "2026-01-05 00:00:00",
                "date_to": "2026-01-09 23:59:59",
                "time_type": "leave",
            }
        )
        streaks = self.env["kpi.performance.streak"]
        february = self.calendar._period("month", date(2026, 2, 1))
        for last_day, days, expected in (
            ("2026-01-09", 5, (1, 2)),
            ("2026-01-19", 11, (1, 2)),
            ("2026-01-20", 12, (3, 3)),
        ):
            leave.date_to = f"{last_day} 23:59:59"
            asked = self.env["kpi.gamification.outcome"]._ask(
                self.company, february, "now"
            )
            streaks._refresh(asked)
            streak = streaks.search([("kpi_id", "=", kpi.id)])
            streak.invalidate_recordset()
            with self.subTest(days=days):
                found = (streak.current_streak, streak.best_streak)
                self.assertEqual(found, expected)

    def test_leave_ends_no_streak(self):
        kpi = self._of(self.ann, [GOOD, GOOD, BAD, GOOD])
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Away",
                "resource_id": self.ann.employee_id.resource_id.id,
                "calendar_id": self.ann.employee_id.resource_calendar_id.id,
                "date_from": "2026-01-05 00:00:00",
                "date_to": "2026-01-28 23:59:59",
            }
        )
        self._achievement(STREAK)
        self.assertEqual(self._decide().user_id, self.ann)
        streak = self.env["kpi.performance.streak"].search([("kpi_id", "=", kpi.id)])
        self.assertEqual(streak.current_streak, 3)

    def test_a_doubtful_award_is_held_until_an_officer_decides(self):
        kpi = self._of(self.ann, [GOOD])
        kpi.target_ids.with_user(self.ann).sudo().value = 99
        self._achievement(GREEN)
        award = self._decide()
        self.assertEqual((award.state, award.doubt), ("held", "target_own"))
        with self.assertRaises(AccessError):
            self._own(self.ann, award).action_release()
        self._own(self.officer, award).action_release()
        self.assertEqual(award.state, "earned")

    def test_an_entry_in_time_that_waits_follows_its_approval(self):
        report, workflow = self._of(self.ann, [None]), self.env["kpi.approval.workflow"]
        workflow.create(
            {
                "name": "Entries",
                "model": "kpi.submission",
                "company_id": self.company.id,
                "owner_id": self.officer.id,
                "level_ids": [
                    Command.create(
                        {"approver_ids": [Command.create({"user_id": self.officer.id})]}
                    )
                ],
            }
        )
        report.entry_date_from = date(2026, 1, 1)
        report.definition_id.entry_due_days = 5
        with self._at("2026-03-03 09:00:00"):
            entry = self._own(self.ann, report)._enter_value(date(2026, 2, 1), GOOD)
        self._achievement(GREEN)
        self.env["kpi.entry.duty"]._refresh()
        self.assertFalse(self._decide())
        self.assertEqual(entry.sudo().state, "submitted")
        self._own(self.officer, entry).action_approve()
        self.closings._review_marked()
        award = self.awards.search([])
        self.assertEqual((award.user_id, award.state), (self.ann, "earned"))

    def test_what_was_entered_too_late_is_missed_for_good(self):
        report = self._of(self.ann, [None])
        report.entry_date_from = date(2026, 1, 1)
        report.definition_id.entry_due_days = 2
        self._achievement(GREEN)
        self.env["kpi.entry.duty"]._refresh()
        self.assertFalse(self._decide())
        entry = self._own(self.ann, report)._enter_value(date(2026, 2, 1), GOOD)
        self.assertEqual(entry.sudo().state, "approved")
        self.closings._review_marked()
        self.assertFalse(self.awards.search([]))
        streak = self.env["kpi.performance.streak"].search([("kpi_id", "=", report.id)])
        self.assertFalse(streak.current_streak)

    def test_officers_revoke_with_a_reason_but_not_their_own(self):
        self._of(self.ann, [GOOD])
        self._of(self.officer, [GOOD])
        self._achievement(GREEN)
        awards = self._decide()
        by_person = {award.user_id: award for award in awards}
        own = self._own(self.officer, by_person[self.ann])
        with self.assertRaises(UserError):
            own.revoke("  ")
        with self.assertRaises(UserError):
            self._own(self.officer, by_person[self.officer]).revoke("Mine")
        with self.assertRaises(AccessError):
            self._own(self.ben, by_person[self.ann]).revoke("Reason")
        own.revoke("Counted twice")
        self.assertEqual(own.state, "revoked")
        self.assertEqual(own._get_reason(), "Counted twice")
        points = self.env["kpi.points.entry"].search([("user_id", "=", self.ann.id)])
        self.assertEqual(sum(points.mapped("points")), 0)
        self.assertIn("Counted twice", points.mapped("reason"))
        self.assertFalse(self.closings._find_due())

    def test_a_person_with_awards_is_not_deleted(self):
        self._of(self.ann, [GOOD])
        self._achievement(GREEN)
        self._decide()
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            with self.env.cr.savepoint():
                self.ann.unlink()
