from odoo.fields import Command
from odoo.tests import HttpCase, tagged

from odoo.addons.kpi_base.tests.common import ClockMixin
from odoo.addons.kpi_tracking.tests.views.screen_visits import ScreenVisits

from ..models.board_case import BoardMixin

ADD_TWICE = """
    (async () => {
        const find = async (selector) => {
            for (let tries = 0; tries < 200; tries++) {
                const found = document.querySelector(selector);
                if (found) return found;
                await new Promise((resolve) => setTimeout(resolve, 50));
            }
            throw new Error(`no ${selector}`);
        };
        const button = "button[name=action_add_ready]";
        for (const text of ["Added 16 achievements and 2 leaderboards", "Added 0"]) {
            (await find(`${button}:not([disabled])`)).click();
            for (let tries = 0; !document.body.textContent.includes(text); tries++) {
                if (tries > 200) throw new Error(document.body.innerText);
                await new Promise((resolve) => setTimeout(resolve, 50));
            }
            await find(".o_data_row");
        }
        console.log("test successful");
    })();
"""
PAGE = "/odoo/achievements"


class GamificationScreensCase(ScreenVisits, ClockMixin, BoardMixin, HttpCase):
    """What an employee opens, with places, a challenge, and rewards."""

    addon = "kpi_gamification"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.board = cls._make_ranked_board()
        cls.challenge = (
            cls.env["kpi.challenge"]
            .with_user(cls.ben)
            .create(
                {
                    "name": "Fastest answers",
                    "last_date": "2099-12-31",
                    "company_id": cls.company.id,
                    "member_ids": [Command.create({"user_id": cls.ann.id})],
                }
            )
        )
        cls.env["kpi.reward"].create(
            {"name": "Lunch", "price": 60, "company_id": cls.company.id}
        )

    def _list_own_screens(self):
        """Those with colours of our own: action, view, what is drawn there."""
        return (
            ("kpi_achievement_page_action", False, ".o_kpi_my_points"),
            ("kpi_standings_action", False, ".o_kpi_standings"),
            self._form(self.board, ".o_kpi_board_field"),
        )

    def _look_around(self):
        screens = (
            *self._list_own_screens(),
            ("kpi_standings_action", False, ".o_kpi_standings"),
            ("kpi_leaderboard_action", "kanban", ".o_kanban_record"),
            ("kpi_challenge_action", "list", ".o_kanban_record, .o_data_row"),
            self._form(self.challenge, ".o_kpi_board_field"),
            ("kpi_reward_action", "kanban", "button[name=action_order]"),
            ("kpi_kudos_action", "list", ".o_kanban_view, .o_list_view"),
            ("kpi_achievement_wall_action", "kanban", ".o_kanban_view"),
            ("kpi_performance_streak_action", "list", ".o_kanban_view, .o_list_view"),
        )
        self._visit(screens, self.ann.login, PAGE, ".o_kpi_my_points")


@tagged("post_install", "-at_install")
class TestKpiGamificationScreens(GamificationScreensCase):
    def test_screens_are_accessible(self):
        self._look_around()

    def test_the_standard_set_is_added_by_a_click(self):
        """As people press it; once more it adds nothing."""
        self.browser_js(
            "/odoo/kpi-achievements",
            ADD_TWICE,
            ready="Boolean(document.querySelector('.o_list_view'))",
            login=self.officer.login,
        )
        of_company = [("company_id", "=", self.company.id)]
        self.assertEqual(self.env["kpi.achievement"].search_count(of_company), 16)
        boards = self.env["kpi.leaderboard"].search_count(of_company)
        self.assertEqual(boards, 3, "two, and one that was there")

    def test_they_are_in_the_dark_too(self):
        self._darken()
        screens = self._list_own_screens()
        self._visit(screens, self.ann.login, PAGE, ".o_kpi_my_points")


@tagged("post_install", "-at_install")
class TestKpiGamificationScreensPhone(GamificationScreensCase):
    browser_size = "375x667"
    touch_enabled = True

    def test_they_are_on_a_phone_too(self):
        self._look_around()
