import json
from datetime import datetime, timedelta

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import HttpCase, tagged
from odoo.tools import SQL

from odoo.addons.kpi_base.outbox import DeliverySkipped
from odoo.addons.kpi_base.tests.common import some_of
from odoo.addons.kpi_base.tests.controllers.api_case import OwnCursorCase

from .test_kpi_gamification_access import GamificationAccessCase

HIDDEN = "Zyxomma"  # nobody else is called so
# Models that say something of people, and where one reads who it is.
PEOPLE = {
    "kpi.user.achievement": "user_id",
    "kpi.achievement.wall": "user_id",
    "kpi.performance.streak": "user_id",
    "kpi.points.entry": "user_id",
    "kpi.points.balance": "user_id",
    "kpi.reward.order": "user_id",
    "kpi.kudos": "user_id",
    "kpi.leaderboard.line": "user_id",
    "kpi.challenge.member": "user_id",
    "kpi.gamification.choice": "user_id",
}
VIEWERS = (
    "none",
    "portal",
    "public",
    "manager",  # of the hidden person
    "parent",  # of that manager
    "sam",  # a colleague
    "officer_a",
    "officer_ab",
    "admin",
    "user_b",  # of another company
)
# Officers review what people earned, and hand over what they ordered.
REVIEWED = {"kpi.user.achievement", "kpi.reward.order"}
REVIEWERS = ("officer_a", "officer_ab", "admin")
PATHS = (
    "achievements",
    "awards",
    "awards?user_id={user}",
    "streaks",
    "streaks?user_id={user}",
    "leaderboards/{board}",
    "leaderboards/{board}/board",
    "leaderboards/{frozen}/board?day=2026-01-10",
    "kudos",
    "kudos?user_id={user}",
    "kudos/{kudos}",
    "points",
    "points/entries",
)


@tagged("post_install", "-at_install")
class TestKpiGamificationPrivacy(GamificationAccessCase, OwnCursorCase, HttpCase):
    """Role × model × way out: a hidden person is named and numbered on none."""

    @classmethod
    def _make_world(cls):
        made = super()._make_world()
        cls.hidden = cls.users["user"]
        cls.hidden.name = HIDDEN
        cls.users["public"] = cls.env.ref("base.public_user")
        cls.rows = {model: cls.records[model]["a"] for model in PEOPLE}
        cls.frozen = cls.rows["kpi.leaderboard.line"].leaderboard_id
        cls.env.cr.execute(
            "UPDATE kpi_leaderboard SET frozen_from = '2026-01-01',"
            " frozen_until = '2026-02-01' WHERE id = %s",
            cls.frozen.ids,
        )
        # Five colleagues are shown, so that boards show people.
        cls.a.gamification_least_people = 2
        for name in ("manager", "leader", "parent", "sam", "officer_a"):
            cls.env["kpi.gamification.choice"].search(
                [("user_id", "=", cls.users[name].id)]
            ).unlink()
            own = cls.env["kpi.gamification.choice"].with_user(cls.users[name])
            own.with_context(allowed_company_ids=cls.a.ids).choose("shown")
        cls.env.flush_all()
        cls.env.invalidate_all()
        return made

    def _find(self, own, row, field):
        """(way, call that finds something only if the hidden person is found)."""
        of_hidden = [(field, "=", self.hidden.id)]
        named = [(f"{field}.name", "ilike", HIDDEN)]
        yield "search", lambda: own.search(of_hidden).ids
        yield "search by name", lambda: own.search(named).ids
        yield "count", lambda: own.search_count(of_hidden)
        yield (
            "count in groups",
            lambda: own._read_group(of_hidden, [], ["__count"])[0][0],
        )
        yield "name_search", lambda: own.name_search("", of_hidden)
        yield "row", lambda: own.search([("id", "=", row.id)]).ids

    def _say(self, own, row, field):
        """(way, call whose answer must not hold the person's name)."""
        exported = [".id", f"{field}/name", "display_name"]
        spec = {field: {"fields": {"display_name": {}}}}
        yield "read", lambda: own.browse(row.id).read()
        yield "web_read", lambda: own.browse(row.id).web_read(spec)
        yield "all rows", lambda: own.search([]).web_read(spec)
        yield "groups", lambda: own.formatted_read_group([], [field], ["__count"])
        yield "export", lambda: own.browse(row.id).export_data(exported)
        yield "export of all", lambda: own.search([]).export_data(exported)

    def _answer(self, call):
        """What is told; nothing where it is refused."""
        answers = []
        self.is_done(lambda: answers.append(call()))
        return answers[0] if answers else None

    def test_no_model_tells_of_them(self):
        for model, field in PEOPLE.items():
            row = self.rows[model]
            self.assertEqual(row[field], self.hidden, model)
            for viewer in VIEWERS:
                own = self.as_user(viewer, model)
                may = viewer in REVIEWERS and model in REVIEWED
                ways = [
                    *((way, call, bool) for way, call in self._find(own, row, field)),
                    *((way, call, _names) for way, call in self._say(own, row, field)),
                ]
                for way, call, tells in some_of(ways, f"{viewer} {model}"):
                    with self.subTest(viewer=viewer, model=model, way=way):
                        self.assertEqual(tells(self._answer(call)), may)

    def _open(self, own, row):
        """(way, call) of opening a form on a row, or beside it."""
        here = own.with_context(active_id=row.id, active_model=row._name)
        spec = {name: {} for name in own._fields if name != "id"}
        yield "row", lambda: own.browse(row.id).onchange({}, [], spec)
        yield "onchange", lambda: here.onchange({}, [], spec)
        yield "default_get", lambda: here.default_get([*spec])

    def test_forms_and_defaults_name_nobody(self):
        for model, row in self.rows.items():
            for viewer in VIEWERS:
                own = self.as_user(viewer, model)
                may = viewer in REVIEWERS and model in REVIEWED
                for way, call in self._open(own, row):
                    with self.subTest(viewer=viewer, model=model, way=way):
                        self.assertLessEqual(_names(self._answer(call)), may)

    def test_pages_boards_and_panels_name_nobody(self):
        boards = [*self.env["kpi.leaderboard"].search([])]
        boards += self.env["kpi.challenge"].search([])
        for viewer in VIEWERS:
            page = self.as_user(viewer, "kpi.achievement.page")
            home = self.as_user(viewer, "kpi.home")
            pairs = self.as_user(viewer, "kpi.kudos.pair")
            calls = {
                "page": page.get_mine,
                "standings": page.get_standings,
                "panel": page.get_brief,
                "overview": lambda own=home: own.get_summary()["panels"],
                "pairs": pairs.action_find,
                **{board: board.with_user(page.env.user).get_board for board in boards},
            }
            for way, call in calls.items():
                with self.subTest(viewer=viewer, way=way):
                    self.assertFalse(_names(self._answer(call)))
        # It is not that they are nowhere: they see themselves.
        own = self.frozen.with_user(self.hidden).get_board("2026-01-10")
        self.assertTrue(own["is_frozen"] and _names(own))

    def test_no_path_names_them(self):
        places = {
            "user": self.hidden.id,
            "board": self.records["kpi.leaderboard"]["a"].id,
            "frozen": self.frozen.id,
            "kudos": self.rows["kpi.kudos"].id,
        }
        seen = 0
        for viewer in ("user", *VIEWERS[3:]):
            key = self._make_key(self.users[viewer])
            for path in PATHS:
                url = f"/api/gamification/{path.format(**places)}"
                answer = self.url_open(url, headers={"Authorization": f"Bearer {key}"})
                with self.subTest(viewer=viewer, path=path):
                    self.assertLess(answer.status_code, 500)
                    if viewer == "user":
                        seen += HIDDEN in answer.text
                    else:
                        self.assertNotIn(HIDDEN, answer.text)
        self.assertGreater(seen, 4, "they see themselves")
        for path in PATHS:
            url = f"/api/gamification/{path.format(**places)}"
            self.assertEqual(self.url_open(url).status_code, 401, path)

    def _make_key(self, person):
        scopes = self.env["kpi.api.scope"].search([("code", "like", "gamification.")])
        keys = self.env["kpi.api.key"].with_user(person)
        values = {"name": "Privacy", "scope_ids": [Command.set(scopes.ids)]}
        text, _key = keys._generate(values, datetime.now() + timedelta(days=1))
        self.env.flush_all()
        return text

    def test_links_to_pictures_and_records_answer_as_if_there_were_none(self):
        for login in ("kpi_sam", "kpi_mark", None):
            self.authenticate(login, login)
            for model in ("kpi.user.achievement", "kpi.achievement.wall"):
                there, nowhere = (
                    self.url_open(f"/web/image/{model}/{number}/badge_icon")
                    for number in (self.rows[model].id, 2**31 - 2)
                )
                self.assertEqual(there.status_code, nowhere.status_code)
                self.assertEqual(there.content, nowhere.content)
            for model, row in self.rows.items():
                answer = self.url_open(
                    f"/web/dataset/call_kw/{model}/read",
                    json.dumps(
                        {
                            "params": {
                                "model": model,
                                "method": "read",
                                "args": [row.ids],
                                "kwargs": {},
                            }
                        }
                    ),
                    headers={"Content-Type": "application/json"},
                )
                with self.subTest(login=login, model=model):
                    self.assertNotIn(HIDDEN, answer.text)
                    self.assertIn("error", answer.json())

    def test_messages_bus_and_webhooks_carry_none_of_it(self):
        """What people earn is told to themselves, by messages alone."""
        self.env["bus.bus"].search([]).unlink()
        self.rows["kpi.user.achievement"]._tell()
        sam = self.users["sam"]
        thanks = {
            "user_id": self.hidden.id,
            "text": "Thanks",
            "period_start": "2026-01-01",
        }
        kudos = self.env["kpi.kudos"].with_user(sam)
        kudos.with_context(allowed_company_ids=self.a.ids).create(thanks)
        self.env.cr.precommit.run()
        self.env.flush_all()
        ours = SQL("('' || renderer) LIKE 'kpi.user.achievement%%'")
        receivers = self.env.execute_query(
            SQL("SELECT DISTINCT user_id FROM kpi_delivery WHERE %s", ours)
        )
        self.assertEqual(receivers, [(self.hidden.id,)])
        told = self.env.execute_query(
            SQL("SELECT message FROM bus_bus UNION ALL SELECT channel FROM bus_bus")
        )
        self.assertFalse(_names(told))
        notified = self.env["mail.message"].search([("body", "ilike", HIDDEN)])
        self.assertFalse(notified.notified_partner_ids - self.hidden.partner_id)
        events = self.env["kpi.event"]._event_models()
        self.assertFalse({*events.values()} & {*PEOPLE})
        # The message names them to themselves alone, whoever it is handed to.
        message = self.env["kpi.delivery"].search(
            [("renderer", "=", "kpi.user.achievement")]
        )
        lines = message.line_ids
        for viewer in VIEWERS[3:]:
            own = self.as_user(viewer, "kpi.user.achievement")
            refusal = DeliverySkipped if viewer in REVIEWERS else AccessError
            with self.subTest(viewer=viewer), self.assertRaises(refusal):
                own._render_delivery(message, lines)


def _names(answer):
    return HIDDEN in repr(answer)
