from odoo.addons.kpi_base.tests.controllers.api_case import ApiCase
from odoo.addons.kpi_base.tests.controllers.description_case import DescriptionMixin

from ..models.board_case import BoardMixin

SCOPES = ("gamification.read", "gamification.write")


class TestGamificationApi(DescriptionMixin, BoardMixin, ApiCase):
    """Programs see what their user sees on the screens, and no more."""

    prefix = "/api/gamification"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._make_board_people()
        cls.other = cls.others[0]
        for name in ("ann", "ben", "other"):
            cls.people[name] = getattr(cls, name)
            cls.keys[name] = cls._key(name, SCOPES)
        cls.env.flush_all()

    def test_a_hidden_person_is_on_no_path(self):
        for person, achievement in zip(
            self.all_people, (119, 90, 100, 105, 110, 115), strict=True
        ):
            self._judge(person, achievement)
        board = self._board()
        self._choose(self.ann, "hidden")
        self.ask("/kudos", "ann", "POST", json=self._thanks())
        self._give((self.ann, 777, 1))
        self.env.flush_all()
        paths = (
            "/achievements",
            "/awards",
            f"/awards?user_id={self.ann.id}",
            "/streaks",
            f"/leaderboards/{board.id}/board?day=2026-03-01",
            f"/kudos?user_id={self.ann.id}",
            "/points",
            "/points/entries",
        )
        for path in paths:
            answer = self.ask(path, "other")
            self.assertEqual(answer.status_code, 200, f"{path} {answer.text}")
            for secret in ("Ann", "777"):
                self.assertNotIn(secret, answer.text, path)
        self.assertEqual(self.ask("/points", "ann").json(), {"points": 777})
        lines = self.ask(paths[4], "ann").json()["lines"]
        self.assertEqual(
            (lines[0]["name"], lines[0]["rank"], lines[0]["is_only_mine"]),
            ("Ann", 1, True),
        )

    def _thanks(self, **values):
        return {
            "user_id": self.ben.id,
            "text": "Quick answers",
            "period_start": "2026-03-01",
            **values,
        }

    def test_kudos(self):
        answer = self.ask("/kudos", "ann", "POST", json=self._thanks())
        self.assertEqual(answer.status_code, 201, answer.text)
        self.assertEqual(answer.json()["giver"]["id"], self.ann.id)
        refused = self.ask(
            "/kudos", "ann", "POST", json=self._thanks(period_start=None)
        )
        self.assertEqual(refused.status_code, 422, refused.text)
        own = self.ask("/kudos", "ann", "POST", json=self._thanks(user_id=self.ann.id))
        self.assertEqual(own.status_code, 422, own.text)
