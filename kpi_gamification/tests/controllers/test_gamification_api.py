from odoo.fields import Command

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

    def test_the_choice_is_the_users_own(self):
        self.assertEqual(self.ask("/choice", "ann").json(), {"choice": "shown"})
        answer = self.ask("/choice", "ann", "PUT", json={"choice": "out"})
        self.assertEqual((answer.status_code, answer.json()), (200, {"choice": "out"}))
        self.assertEqual(self.ask("/choice", "ben").json(), {"choice": "shown"})
        wrong = self.ask("/choice", "ann", "PUT", json={"choice": "friends"})
        self.assertEqual(wrong.status_code, 422, wrong.text)

    def test_a_reward_is_requested_for_points(self):
        reward = self.env["kpi.reward"].create(
            {"name": "Lunch", "price": 60, "stock": 1, "company_id": self.company.id}
        )
        self._give((self.ann, 100, 1))
        self.env.flush_all()
        (listed,) = self.ask("/rewards", "ann").json()["items"]
        self.assertEqual((listed["name"], listed["stock"]), ("Lunch", 1))
        body = {"reward_id": reward.id}
        poor = self.ask("/reward-requests", "ben", "POST", json=body)
        self.assertEqual(poor.status_code, 422, poor.text)
        answer = self.ask("/reward-requests", "ann", "POST", json=body)
        self.assertEqual(answer.status_code, 201, answer.text)
        self.assertEqual(answer.json()["price"], 60)
        self.assertEqual(self.ask("/points", "ann").json(), {"points": 40})
        self.assertEqual(len(self.ask("/reward-requests", "ann").json()["items"]), 1)
        self.assertEqual(self.ask("/reward-requests", "ben").json()["items"], [])

    def test_challenges_are_answered_and_a_duel_is_between_its_two(self):
        duel = self._as(self.ben, self.env["kpi.challenge"]).create(
            {
                "name": "Fastest answers",
                "date_from": "2099-01-01",
                "last_date": "2099-12-31",
                "company_id": self.company.id,
                "member_ids": [
                    Command.create({"user_id": person.id})
                    for person in (self.ann, self.ben)
                ],
            }
        )
        self.env.flush_all()
        path = f"/challenges/{duel.id}"
        listed = self.ask("/challenges", "ann").json()["items"]
        self.assertEqual([one["name"] for one in listed], ["Fastest answers"])
        answer = self.ask(f"{path}/accept", "ann", "POST")
        self.assertEqual(answer.status_code, 200, answer.text)
        member = duel.sudo().member_ids.filtered(lambda one: one.user_id == self.ann)
        member.invalidate_recordset()
        self.assertEqual(member.answer, "accepted")
        self.assertEqual(self.ask(f"{path}/board", "ann").status_code, 200)
        self.assertEqual(self.ask(f"{path}/decline", "ann", "POST").status_code, 200)
        for way in (path, f"{path}/board"):
            self.assertEqual(self.ask(way, "other").status_code, 404, way)
