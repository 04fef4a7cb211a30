from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import TransactionCase, tagged

from .board_case import BoardMixin


@tagged("post_install", "-at_install")
class TestKpiPackAchievements(BoardMixin, TransactionCase):
    """Achievements and leaderboards go along with packs; some are shipped."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._make_board_people()
        cls.packs = cls.env["kpi.pack"]

    def _find(self, model):
        return self.env[model].search([("company_id", "=", self.company.id)])

    def test_ready_ones_are_added_once_and_what_is_there_is_left_alone(self):
        achievements = self._as(self.officer, self.env["kpi.achievement"])
        self.assertFalse(self._find("kpi.achievement"), "none before somebody asks")
        achievements.action_add_ready()
        found = self._find("kpi.achievement")
        self.assertEqual(len(found), 16)
        # shipped, so nobody has set them up for themselves
        self.assertFalse(found.sudo().author_ids)
        self.assertEqual(len(self._find("kpi.leaderboard")), 2)
        self.assertTrue(all(found.mapped("criteria")))
        found[0].points_value = 77
        found[1].name = "Renamed"
        achievements.action_add_ready()
        self.assertEqual(len(self._find("kpi.achievement")), 17)
        self.assertEqual(found[0].points_value, 77)
        action = self.env["kpi.action.item"].search(
            [("company_id", "=", self.company.id)]
        )
        self.assertEqual(action.report_id.definition_id.code, "entries_on_time")
        self.assertEqual(action.status, "completed")
        self.assertTrue(action.effective_date)
        self.assertIn("Too early to rate", action.effect_in_words)
        with self.assertRaises(AccessError):
            self._as(self.ann, self.env["kpi.achievement"]).action_add_ready()

    def test_what_is_about_kpis_of_a_pack_comes_back_from_it(self):
        condition = {"kind": "better", "least": 5.5, "compared_with": "year"}
        condition["definition_id"] = self.kpi.id
        better = self.env["kpi.achievement"].create(
            {
                "name": "Better",
                "company_id": self.company.id,
                "points_value": 25,
                "condition_ids": [Command.create(condition)],
            }
        )
        board = self._board(definition_ids=[Command.set(self.kpi.ids)])
        self._board(name="About all")
        text = self.packs._build_pack_text(self.kpi, "Mine")
        document = self.packs._read(text)
        self.assertEqual([one["name"] for one in document["leaderboards"]], ["Board"])
        items = self.packs._preview(document, self.company)
        self.assertEqual({item.state for item in items}, {"equal"})
        said = better.criteria
        better.unlink()
        board.unlink()
        made = self.packs._import(document, self.company)
        self.assertEqual(made["achievements"].criteria, said)
        self.assertEqual(made["achievements"].points_value, 25)
        self.assertEqual(made["leaderboards"].definition_ids, self.kpi)
        document["achievements"][0]["conditions"][0]["kpi"] = "nowhere"
        with self.assertRaises(UserError):
            self.packs._import(document, self.company)
