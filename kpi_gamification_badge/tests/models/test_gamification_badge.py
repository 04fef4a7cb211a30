from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from odoo.addons.kpi_gamification.tests.models.award_case import GOOD, AwardCase

from ...models.gamification_badge import remove_badges


@tagged("post_install", "-at_install")
class TestGamificationBadge(AwardCase):
    """What is shown is a badge, and nothing else."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.given = cls.env["gamification.badge.user"]
        cls.green = cls._achievement(
            {"kind": "green", "least": 1}, name="<b>Green</b>", rarity="rare"
        )

    def setUp(self):
        super().setUp()
        self._of(self.ann, [GOOD, GOOD])
        self._of(self.ben, [GOOD, GOOD])

    def _choose(self, person, choice):
        choices = self.env["kpi.gamification.choice"].with_user(person)
        choices.with_context(allowed_company_ids=self.company.ids).choose(choice)

    def _install(self):
        """As the data of the addon does."""
        self.given._follow_awards("user_id.active", [True])

    def _list_shown(self):
        """Whose badges of KPIs there are, as often as each has one."""
        found = self.given.search([("kpi_award_id", "!=", False)])
        return sorted(found.user_id.mapped("login"))

    def test_what_is_shown_is_given_quietly_in_one_call(self):
        self._choose(self.ann, "shown")
        self._choose(self.ben, "shown")
        karma = self.ann.karma
        messages = self.env["mail.message"].search_count([])
        create = type(self.given).create
        with patch.object(type(self.given), "create", autospec=True) as calls:
            calls.side_effect = create
            awards = self._decide()
        self.assertEqual(calls.call_count, 1)
        found = self.given.search([("kpi_award_id", "in", awards.ids)])
        self.assertEqual(found.user_id, self.ann | self.ben)
        self.assertEqual(found.badge_id.name, "<b>Green</b>")
        self.assertEqual((found.badge_id.level, len(found.badge_id)), ("silver", 1))
        self.assertEqual(set(found.mapped("comment")), {"Feb 2026"})
        self.assertEqual(self.ann.karma, karma)
        self.assertEqual(self.env["mail.message"].search_count([]), messages)

    def test_badges_come_and_go_as_people_choose(self):
        self._decide()
        self.assertEqual(self._list_shown(), [], "nobody has chosen to be shown")
        self._choose(self.ann, "shown")
        self.assertEqual(self._list_shown(), [self.ann.login])
        for choice in ("hidden", "out"):
            self._choose(self.ann, choice)
            self.assertEqual(self._list_shown(), [], choice)
            self._choose(self.ann, "shown")
        self.ann.active = False
        self.assertEqual(self._list_shown(), [], "who left shows nothing")
        self.ann.active = True
        self.assertEqual(self._list_shown(), [self.ann.login], "who came back does")
        self.company.gamification_choice = "shown"
        self.assertEqual(self._list_shown(), [self.ann.login, self.ben.login])
        self.company.gamification_teams_only = True
        self.assertEqual(self._list_shown(), [])

    def test_what_is_held_or_revoked_is_no_badge(self):
        self._choose(self.ann, "shown")
        award = self._decide().filtered(lambda one: one.user_id == self.ann)
        officer = self._as(self.officer, award)
        officer.revoke("Mistake")
        self.assertEqual(self._list_shown(), [])
        award._set("held")
        officer.action_release()
        self.assertEqual(self._list_shown(), [self.ann.login])
        self._install()
        self.assertEqual(self._list_shown(), [self.ann.login], "once")

    def test_colleagues_read_them_and_nobody_outside(self):
        self._choose(self.ann, "shown")
        self._decide()
        badge = self.given.search([("kpi_award_id", "!=", False)])
        self.assertEqual(badge.with_user(self.ben).badge_name, "<b>Green</b>")
        other = self.env["res.company"].create({"name": "Other"})
        stranger = new_test_user(
            self.env, "newcomer", company_id=other.id, company_ids=other.ids
        )
        guest = new_test_user(self.env, "guest", groups="base.group_portal")
        for person in (stranger, guest):
            own = badge.with_user(person).with_context(
                allowed_company_ids=person.company_ids.ids
            )
            self.assertFalse(own.search([("id", "=", badge.id)]))
        with self.assertRaises(AccessError):
            badge.with_user(self.ben).user_id = self.ben

    def test_a_badge_looks_as_its_achievement(self):
        self._choose(self.ann, "shown")
        self._decide()
        badge = self.given.search([("kpi_award_id", "!=", False)]).badge_id
        self.green.write({"name": "All green", "rarity": "legendary"})
        self._choose(self.ben, "shown")
        self.assertEqual((badge.name, badge.level), ("All green", "gold"))

    def test_badges_go_with_the_addon_and_come_with_it(self):
        self._choose(self.ann, "shown")
        self._decide()
        remove_badges(self.env)
        self.assertEqual(self._list_shown(), [])
        self._install()
        self.assertEqual(self._list_shown(), [self.ann.login])
