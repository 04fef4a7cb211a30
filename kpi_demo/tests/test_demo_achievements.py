import json
from collections import Counter
from datetime import timedelta
from zoneinfo import ZoneInfo

from odoo.tests import tagged

from odoo.addons.kpi_base.tests.controllers.api_case import ApiCase

SCOPES = ("gamification.read", "gamification.write")
HIDDEN, SHOWN, OUT = "Lukas Hoffmann", "Maren Petersen", "Yusuf Demir"
ROWS = (
    "kpi.achievement.wall",
    "kpi.challenge.member",
    "kpi.kudos",
    "kpi.leaderboard.line",
    "kpi.performance.streak",
    "kpi.points.balance",
    "kpi.points.entry",
    "kpi.user.achievement",
)
PATHS = (
    *("/achievements", "/awards?limit=200", "/awards?user_id={hidden}", "/kudos"),
    *("/streaks?limit=200", "/streaks?user_id={hidden}", "/points/entries"),
)


@tagged("post_install", "-at_install")
class TestDemoAchievements(ApiCase):
    """What people of the demo company earned stands on their records."""

    prefix = "/api/gamification"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env.ref("kpi_demo.company_de")
        cls.zone = ZoneInfo(cls.env.ref("kpi_demo.kpi_calendar_de").tz)
        cls.awards = cls.env["kpi.user.achievement"].search([])
        for name in ("anna_berg", "jonas_keller", "lukas_hoffmann", "yusuf_demir"):
            cls.people[name] = cls.env.ref(f"kpi_demo.user_{name}")
        cls.hidden = cls.people["lukas_hoffmann"]
        # Those who may export what they see.
        cls.people["anna_berg"].group_ids += cls.env.ref("base.group_allow_export")
        cls.keys["anna_berg"] = cls._key("anna_berg", SCOPES)
        cls.env.flush_all()

    def _own(self, model, name="anna_berg"):
        records = self.env[model].with_user(self.people[name])
        return records.with_context(allowed_company_ids=self.company.ids)

    def _earned(self, name):
        achievement = self.env["kpi.achievement"].search([("name", "=", name)])
        return self.awards.filtered(
            lambda award: (
                award.achievement_id == achievement and award.state == "earned"
            )
        ).sorted("period_start")

    def _explain(self, award):
        """The judgements that its owner opens by *Explain*."""
        action = award.with_user(award.user_id).action_explain()
        values = self.env[action["res_model"]].with_user(award.user_id)
        return values.search(action["domain"], order="period_start").sudo()

    def _count(self, value):
        """Tasks done, or opportunities won, in the period of a judgement."""
        model, moment, owner, domain = {
            "tasks_done": (
                "project.task",
                "date_end",
                "user_ids",
                [("project_id", "!=", False), ("state", "=", "1_done")],
            ),
            "won_deals": (
                "crm.lead",
                "date_closed",
                "user_id",
                [("won_status", "=", "won")],
            ),
        }[value.report_id.code]
        records = self.env[model].search(
            [
                *domain,
                (owner, "in", value.report_id.user_id.ids),
                ("company_id", "=", self.company.id),
            ]
        )
        utc = ZoneInfo("UTC")
        days = [
            record[moment].replace(tzinfo=utc).astimezone(self.zone).date()
            for record in records
        ]
        return sum(value.period_start <= day < value.period_stop for day in days)

    # What was earned

    def test_ready_ones_were_decided_month_by_month(self):
        of_company = [("company_id", "=", self.company.id)]
        self.assertEqual(self.env["kpi.achievement"].search_count(of_company), 16)
        self.assertEqual(self.env["kpi.leaderboard"].search_count(of_company), 2)
        months = set(self.awards.mapped("period_start"))
        self.assertGreater(len(months), 11)
        for award in self.awards:
            days = timedelta(days=self.company.gamification_days)
            self.assertGreaterEqual(award.earned_date.date(), award.period_stop + days)
        self.assertFalse(self.env["kpi.achievement.closing"]._find_due())

    def test_not_everybody_earned_everything(self):
        earned = self.awards.filtered(lambda award: award.state == "earned")
        kinds = Counter(award.achievement_id for award in earned)
        self.assertGreater(len(kinds), 6)
        self.assertLess(len(kinds), 16)
        staff = self.env["hr.employee"].search([("company_id", "=", self.company.id)])
        for achievement in kinds:
            own = earned.filtered(lambda one, a=achievement: one.achievement_id == a)
            self.assertLess(len(own.user_id), 0.6 * len(staff), achievement.name)
        self.assertNotIn(OUT, earned.user_id.mapped("name"))
        balances = self.env["kpi.points.balance"]
        balances._cron_check()
        self.assertTrue(balances.search([("balance", ">", 0)]))

    def test_a_stretch_is_the_tasks_that_were_done(self):
        values = [self._explain(one) for one in self._earned("Stretch Reached")]
        value = next(one for one in values if one.report_id.code == "tasks_done")[-1:]
        self.assertEqual(value.rated_value, self._count(value))
        self.assertGreaterEqual(value.rated_value, value.stretch)

    def test_three_months_are_the_opportunities_that_were_won(self):
        award, values = next(
            (award, values)
            for award in self._earned("Three Months on Target")
            if (values := self._explain(award)).report_id.code == "won_deals"
        )
        self.assertEqual(values.report_id.user_id, award.user_id)
        self.assertEqual(values[-1].period_start, award.period_start)
        self.assertGreaterEqual(len(values), 3)
        for earlier, later in zip(values, values[1:], strict=False):
            self.assertEqual(earlier.period_stop, later.period_start)
        for value in values:
            won = self._count(value)
            self.assertEqual(value.rated_value, won)
            self.assertGreaterEqual(won, 0.95 * value.target)

    def test_all_of_them_are_all_of_them(self):
        award = self._earned("All on Target")[-1]
        values = self._explain(award)
        self.assertGreaterEqual(len(values), 3)
        own = self.env["kpi.target.value"].search(
            [
                ("report_id.user_id", "=", award.user_id.id),
                ("report_id.company_id", "=", self.company.id),
                ("grain", "=", "month"),
                ("period_start", "=", award.period_start),
                ("rated_value", "!=", False),
            ]
        )
        self.assertEqual(values, own)
        self.assertEqual(set(own.mapped("status")), {"on_target"})

    def test_what_is_corrected_is_held_with_notice(self):
        award = next(
            one
            for one in self._earned("Stretch Reached")
            if self._explain(one).report_id.code == "tasks_done"
            and len(self._find_reports(one.user_id)) == 1
        )
        other = self._earned("Target Met").filtered(
            lambda one: one.user_id == award.user_id
        )
        states = other.mapped("state")
        month, person = award.period_start, award.user_id
        points = self._balance(person)
        tasks = self.env["project.task"].search(
            [("user_ids", "in", person.ids), ("date_end", ">=", month)]
        )
        tasks.filtered(
            lambda one: one.date_end.date() < award.period_stop
        ).state = "1_canceled"
        self.env.flush_all()
        self.env["kpi.source"]._recompute_all(month, month)
        self.env["kpi.achievement.closing"]._review_marked()
        self.env.invalidate_all()
        self.assertEqual((award.state, award.is_corrected), ("held", True))
        self.assertEqual(self._balance(person), points, "until officers decide")
        self.assertEqual(len(other), len(states))
        message = self.env["kpi.delivery"].search(
            [("renderer", "=", "kpi.user.achievement"), ("user_id", "=", person.id)]
        )
        said = message._compose()
        self.assertIn("changed", said.title)
        self.assertIn(award.display_name, [line.title for line in said.lines])
        self.assertIn(award.corrections.splitlines()[0], str(said.lines))

    def _find_reports(self, person):
        domain = [
            ("user_id", "=", person.id),
            ("scope_type", "=", "user"),
            ("target_ids", "!=", False),
        ]
        return self.env["kpi.report"].search(domain)

    def _balance(self, person):
        balances = self.env["kpi.points.balance"]
        return balances.search([("user_id", "=", person.id)]).balance

    # What people make of it

    def test_something_waits(self):
        page = self._own("kpi.achievement.page").get_mine()
        challenge = self.env.ref("kpi_demo.challenge")
        self.assertEqual(
            [one["challenge_id"][1] for one in page["challenges"]], [challenge.name]
        )
        order = self.env["kpi.reward.order"].search([])
        self.assertEqual((order.user_id.name, order.state), (SHOWN, "ordered"))
        self.assertEqual(len(self.env["kpi.kudos"].search([])), 3)
        self.assertTrue(self.awards.filtered(lambda one: one.state == "held"))
        self.assertEqual(len(self.awards.filtered("reason")), 1, "one was revoked")
        goals = challenge.member_ids.filtered(lambda one: one.answer == "accepted")
        self.assertEqual(len(goals.filtered("goal")), 2)
        if self.company.create_date.day > 7:  # before, the month says nothing
            streaks = self.env["kpi.performance.streak"].search(
                [
                    ("streak_type", "=", "target_met"),
                    ("current_streak", ">", 0),
                    ("kpi_id.status", "in", ("at_risk", "off_target")),
                ]
            )
            self.assertTrue(streaks)

    def test_the_list_of_what_one_earned_opens(self):
        rows = self._own("kpi.user.achievement")
        views = [[False, name] for name in ("kanban", "list", "form")]
        self.assertIn("badge_icon", rows.get_views(views)["views"]["kanban"]["arch"])
        asked = dict.fromkeys(("achievement_id", "badge_icon", "badge_color"), {})
        found = rows.web_search_read([("user_id", "=", rows.env.uid)], asked)
        self.assertGreater(found["length"], 3)

    def test_two_kpis_say_whether_it_helps(self):
        for code in ("entries_on_time", "people_with_award"):
            report = self.env["kpi.report"].search(
                [
                    ("definition_id.code", "=", code),
                    ("scope_type", "=", "company"),
                    ("company_id", "=", self.company.id),
                ]
            )
            self.assertGreater(max(report.measurement_ids.mapped("value")), 0, code)
        self.assertFalse(self.env["kpi.job"].search([("state", "=", "queued")]))

    def test_nobody_gets_mail_of_it(self):
        of_awards = [("renderer", "=", "kpi.user.achievement")]
        self.assertFalse(self.env["kpi.delivery"].search(of_awards))

    # Who sees it

    def test_a_hidden_person_is_nowhere(self):
        hidden = self.awards.filtered(lambda award: award.user_id == self.hidden)
        self.assertGreater(len(hidden), 3)
        for name in ("anna_berg", "jonas_keller"):
            for where, text in self._list_texts(name):
                with self.subTest(name, where=where):
                    self.assertNotIn(HIDDEN, text)
        for path in PATHS:
            answer = self.ask(path.format(hidden=self.hidden.id), "anna_berg")
            self.assertEqual(answer.status_code, 200, answer.text)
            self.assertNotIn(HIDDEN, answer.text, path)
        shown = dict(self._list_texts("anna_berg"))
        self.assertIn(SHOWN, shown["export kpi.achievement.wall"])
        self.assertIn("Anna Berg", shown["mails"])
        self.assertIn(SHOWN, self.ask(PATHS[1], "anna_berg").text)

    def test_whoever_chooses_to_be_shown_is(self):
        board = self._own("kpi.leaderboard").search(
            [("leaderboard_type", "=", "company_wide")]
        )
        count = board.get_board()["count"]
        self._own("kpi.gamification.choice", "lukas_hoffmann").choose("shown")
        texts = dict(self._list_texts("anna_berg"))
        self.assertIn(HIDDEN, texts["export kpi.achievement.wall"])
        self.assertEqual(board.get_board()["count"], count + 1)

    def _list_texts(self, name):
        """Where somebody reads of colleagues, and what they read there."""
        page = self._own("kpi.achievement.page", name)
        yield "page", json.dumps([page.get_mine(), page.get_brief()], default=str)
        boards = self._own("kpi.leaderboard", name).search([])
        for number, board in enumerate(boards):
            yield f"board {number}", json.dumps(board.get_board(), default=str)
        challenge = self._own("kpi.challenge", name).search([])
        yield "challenge", json.dumps([one.get_board() for one in challenge])
        for model in ROWS:
            rows = self._own(model, name)
            found = rows.search([])
            yield f"read {model}", json.dumps(found.read(), default=str)
            grouped = rows.formatted_read_group([], ["user_id"], ["__count"])
            yield f"groups {model}", json.dumps(grouped, default=str)
            yield f"names {model}", str(rows.name_search(HIDDEN))
            if name == "anna_berg":
                fields = [each for each in ("user_id", "giver_id") if each in rows]
                yield f"export {model}", str(found.export_data(fields)["datas"])
        self.awards._tell()
        person = [("user_id", "=", self.people[name].id)]
        for message in self.env["kpi.delivery"].search(person):
            yield "mails", f"{message.user_id.name}: {message._compose()}"
