import json
from unittest.mock import patch

from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.bus.tests.common import WebsocketCase

from ...models.live import kpi_report as live
from ..security.access_case import PERIOD, KpiAccessCase, KpiAccessMixin


class LiveMixin(KpiAccessMixin):
    def _record(self, *keys, value=7.0):
        facts = self.env["kpi.measurement"]
        rows = [(self.report[key].id, PERIOD, value) for key in keys]
        return facts._upsert("month", rows, source="external")

    def _sent(self):
        """(model, id) of a channel → bodies of what this transaction tells it."""
        self.env["bus.bus"].search([]).unlink()
        self.env.cr.precommit.run()
        sent = {}
        for row in self.env["bus.bus"].search([], order="id"):
            message = json.loads(row.message)
            if message["type"] == "kpi_tracking.measured":
                _database, model, id_, *_rest = json.loads(row.channel)
                sent.setdefault((model, id_), []).append(message["payload"])
        return sent

    def _board(self, persona):
        """A dashboard of somebody's, with a tile."""
        tile = Command.create({"kind": "text", "text": "<p>Hello</p>"})
        return self.env["kpi.dashboard"].create(
            {"name": "Mine", "owner_id": self.users[persona].id, "tile_ids": [tile]}
        )

    def _arranged(self):
        """Dashboard id → bodies of what this transaction tells it."""
        self.env["bus.bus"].search([]).unlink()
        self.env.cr.precommit.run()
        sent = {}
        for row in self.env["bus.bus"].search([], order="id"):
            message = json.loads(row.message)
            if message["type"] == "kpi_tracking.arranged":
                _database, model, id_, channel = json.loads(row.channel)
                self.assertEqual((model, channel), ("kpi.dashboard", live.CHANNEL))
                sent.setdefault(id_, []).append(message["payload"])
        return sent

    def _ids(self, *keys):
        return {"report_ids": sorted(self.report[key].id for key in keys)}


@tagged("post_install", "-at_install")
class TestKpiLive(LiveMixin, KpiAccessCase):
    """A change is told once per transaction, to those who may see it, by ids only."""

    def setUp(self):
        super().setUp()
        self.env.cr.precommit.clear()

    def test_values_of_a_transaction_are_one_message(self):
        self._record("company")
        self._record("company", "alpha", value=8.0)
        sent = self._sent()
        self.assertEqual(
            sent, {("res.company", self.a.id): [self._ids("company", "alpha")]}
        )

    def test_equal_values_are_no_news(self):
        self._record("company")
        self._sent()
        self._record("company")
        self.assertEqual(self._sent(), {})

    def test_department_and_its_people_are_told_in_the_department(self):
        self.report["north"].owner_id = self.users["leader"]
        self._record("north", "uma")
        default_owner = self.report["uma"].owner_id.partner_id
        sent = self._sent()
        leader = self.users["leader"].partner_id
        self.assertEqual(
            sent,
            {
                ("hr.department", self.north.id): [self._ids("north", "uma")],
                ("res.partner", leader.id): [self._ids("north")],
                ("res.partner", default_owner.id): [self._ids("uma")],
            },
        )

    def test_those_whom_it_is_shared_with_are_told(self):
        self._record("shared")
        uma = self.users["user"].partner_id
        self.assertEqual(self._sent()["res.partner", uma.id], [self._ids("shared")])

    def test_person_without_department_is_told_in_the_company(self):
        self.employee["user"].department_id = False
        self._record("uma")
        self.assertEqual(self._sent(), {("res.company", self.a.id): [self._ids("uma")]})

    def test_more_than_200_are_told_as_all(self):
        self._record("company", "alpha")
        with patch.object(live, "MOST_IDS", 1):
            self.assertEqual(
                self._sent(), {("res.company", self.a.id): [{"all": True}]}
            )

    def test_more_than_20_channels_become_those_of_the_companies(self):
        self._record("north", "south", "ops", "b_shared")
        with patch.object(live, "MOST_CHANNELS", 3):
            self.assertEqual(
                self._sent(),
                {
                    ("res.company", self.a.id): [{"all": True}],
                    ("res.company", self.b.id): [{"all": True}],
                },
            )

    def test_target_is_news_too(self):
        self.env["kpi.target"].search(
            [("report_id", "=", self.report["company"].id)]
        ).value = 9.0
        self.assertEqual(
            self._sent(), {("res.company", self.a.id): [self._ids("company")]}
        )

    def test_what_is_taken_back_is_not_told(self):
        self._record("company")
        self.env.cr.precommit.clear()  # as a rollback does
        self.assertEqual(self._sent(), {})

    def test_statements_do_not_grow_with_the_kpis(self):
        self._record("company", value=2.0)
        self._sent()  # fills caches
        for value, keys in ((3.0, ["company"]), (4.0, ["company", "north", "uma"])):
            self._record(*keys, value=value)
            self.env.flush_all()
            with self.assertQueryCount(2):  # who hears it, and the messages
                self.env.cr.precommit.run()

    def test_listeners(self):
        """By hand: who hears what of company A when they ask for all of it."""
        departments = {
            "sales": self.sales,
            "north": self.north,
            "south": self.south,
            "ops": self.ops,
            "retail": self.retail,
        }
        every = [f"kpi_tracking.department_{each.id}" for each in departments.values()]
        by_officers = {"sales", "north", "south", "ops"}
        heard = {
            "user": {"north"},
            "manager": {"north"},
            "leader": {"ops"},
            "parent": {"sales", "north", "south"},
            "officer_a": by_officers,
            "officer_ab": by_officers | {"retail"},
            "user_b": {"retail"},
        }
        for persona, expected in heard.items():
            with self.subTest(persona=persona):
                sockets = self.as_user(persona, "ir.websocket")
                _companies, found = sockets._listened(sockets._asked(every))
                keys = {key for key, each in departments.items() if each in found}
                self.assertEqual(keys, expected)

    def test_company_brings_the_own_departments(self):
        name = f"kpi_tracking.company_{self.a.id}"
        sockets = self.as_user("user", "ir.websocket")
        companies, departments = sockets._listened(sockets._asked([name]))
        self.assertEqual((companies, departments), (self.a, self.north))
        stranger = self.as_user("user_b", "ir.websocket")
        companies, departments = stranger._listened(stranger._asked([name]))
        self.assertFalse(companies)
        self.assertFalse(departments)

    def test_who_left_or_moved_hears_nothing_of_the_department(self):
        name = f"kpi_tracking.department_{self.north.id}"
        self.employee["user"].department_id = self.ops
        self.employee["manager"].active = False
        for persona in ("user", "manager"):
            sockets = self.as_user(persona, "ir.websocket")
            listened = sockets._listened(sockets._asked([name]))
            self.assertFalse(listened[1], persona)

    def test_a_note_is_news_of_its_kpi(self):
        self.report["north"].owner_id = self.users["leader"]
        self._sent()
        vals = {"report_id": self.report["north"].id, "text": "Fair", "date": PERIOD}
        note = self.env["kpi.annotation"].create(vals)
        for change in (
            lambda: None,
            lambda: note.write({"text": "Trade fair"}),
            lambda: note.unlink(),
        ):
            change()
            sent = self._sent()
            self.assertEqual(
                sent,
                {
                    ("hr.department", self.north.id): [self._ids("north")],
                    ("res.partner", self.users["leader"].partner_id.id): [
                        self._ids("north")
                    ],
                },
            )

    def test_a_note_that_moves_is_news_of_both_kpis(self):
        vals = {"report_id": self.report["company"].id, "text": "Fair", "date": PERIOD}
        note = self.env["kpi.annotation"].create(vals)
        self._sent()
        note.report_id = self.report["alpha"]
        self.assertEqual(
            self._sent(),
            {("res.company", self.a.id): [self._ids("company", "alpha")]},
        )

    def test_a_dashboard_tells_its_revision_once(self):
        dashboard = self._board("user")
        self._arranged()
        tile = dashboard.tile_ids
        tile.span = 4
        tile.copy()
        dashboard.save_layout(dashboard.revision, [{"id": tile.id, "span": 6}])
        told = {"dashboard_id": dashboard.id, "revision": dashboard.revision}
        self.assertEqual(self._arranged(), {dashboard.id: [told]})
        dashboard.is_favorite = True
        self.assertEqual(self._arranged(), {})
        tile.span = 3
        dashboard.unlink()
        self.assertEqual(self._arranged(), {})

    def test_who_sees_a_dashboard_listens_to_it(self):
        dashboard = self._board("user")
        dashboard.company_id = self.a
        names = [
            f"kpi_tracking.dashboard_{dashboard.id}",
            "kpi_tracking.dashboard_0",
            "kpi_tracking.dashboard_99999999999",
        ]
        for persona, expected in (
            ("user", dashboard),
            ("leader", dashboard.browse()),
            ("officer_ab", dashboard),
            ("user_b", dashboard.browse()),
        ):
            with self.subTest(persona=persona):
                sockets = self.as_user(persona, "ir.websocket")
                asked = sockets._asked(names)
                self.assertEqual(sockets._listened_dashboards(asked), expected)


@tagged("post_install", "-at_install")
class TestKpiLiveSocket(LiveMixin, WebsocketCase):
    """The same over real sockets: what arrives in a browser."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._make_world()
        for user in cls.users.values():
            user.password = user.login

    def _socket(self, persona, names):
        login = self.users[persona].login
        session = self.authenticate(login, login)
        socket = self.websocket_connect(cookie=f"session_id={session.sid}")
        self.env["bus.bus"].search([]).unlink()
        self.subscribe(socket, names, last=self.env["bus.bus"]._bus_last_id())
        return socket

    def _received(self, socket, *targets, kind="kpi_tracking.measured"):
        channels = [(target, live.CHANNEL) for target in targets]
        channels += [user.partner_id for user in self.users.values()]
        self.trigger_notification_dispatching(channels)
        socket.settimeout(1)
        try:
            messages = json.loads(socket.recv())
        except TimeoutError:
            return []
        except Exception as error:
            if "timed out" in str(error):
                return []
            raise
        return [
            each["message"]["payload"]
            for each in messages
            if each["message"]["type"] == kind
        ]

    def _names(self, *records):
        words = {
            "hr.department": "department",
            "kpi.dashboard": "dashboard",
            "res.company": "company",
        }
        return [f"kpi_tracking.{words[each._name]}_{each.id}" for each in records]

    def test_department_reaches_its_people(self):
        socket = self._socket("user", self._names(self.a))
        self._record("north")
        self.assertIn(self._ids("north"), self._received(socket, self.a, self.north))

    def test_department_does_not_reach_others(self):
        names = self._names(self.a, self.north)
        socket = self._socket("leader", names)
        self._record("north")
        self.assertEqual(self._received(socket, self.a, self.north), [])

    def test_company_does_not_reach_others(self):
        socket = self._socket("user_b", self._names(self.a, self.north))
        self._record("company")
        self.assertEqual(self._received(socket, self.a, self.north), [])

    def test_a_dashboard_reaches_who_sees_it(self):
        dashboard = self._board("user")
        self.env.cr.precommit.clear()
        for persona, count in (("user", 1), ("leader", 0)):
            with self.subTest(persona=persona):
                socket = self._socket(persona, self._names(dashboard))
                dashboard.tile_ids.span = 5 + count
                told = self._received(socket, dashboard, kind="kpi_tracking.arranged")
                self.assertEqual(len(told), count)

    def test_malformed_names_are_ignored(self):
        names = [
            "kpi_tracking.company_",
            "kpi_tracking.company_0",
            f"kpi_tracking.company_{self.b.id} ",
            f"kpi_tracking.company_{self.b.id}\n",
            "kpi_tracking.company_-1",
            "kpi_tracking.company_99999999999999999999",
            "kpi_tracking.department_9999999999",
            "kpi_tracking.team_1",
            "kpi_tracking.measured",
            "kpi_tracking.",
            *self._names(self.a),
        ]
        socket = self._socket("user", names)
        self._record("company")
        self.assertEqual(self._received(socket, self.a, self.b), [self._ids("company")])

    def test_employee_without_kpis_hears_nothing(self):
        socket = self._socket("none", self._names(self.a))
        self._record("company")
        self.assertEqual(self._received(socket, self.a), [])
