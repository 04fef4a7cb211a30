import json

from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.kpi_tracking.models.live.kpi_report import CHANNEL
from odoo.addons.kpi_tracking.tests.models.live_case import LiveMixin, LiveSocketCase
from odoo.addons.kpi_tracking.tests.security.access_case import PERIOD, KpiAccessCase

from ...models.dashboard.kpi_dashboard import ARRANGED


class DashboardLiveMixin(LiveMixin):
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
            if message["type"] == ARRANGED:
                _database, model, id_, channel = json.loads(row.channel)
                self.assertEqual((model, channel), ("kpi.dashboard", CHANNEL))
                sent.setdefault(id_, []).append(message["payload"])
        return sent


@tagged("post_install", "-at_install")
class TestKpiDashboardLive(DashboardLiveMixin, KpiAccessCase):
    """Notes and arranging are news to those who may see them."""

    def setUp(self):
        super().setUp()
        self.env.cr.precommit.clear()

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
                asked = sockets._parse_names(names)
                self.assertEqual(sockets._find_listened_dashboards(asked), expected)


@tagged("post_install", "-at_install")
class TestKpiDashboardLiveSocket(DashboardLiveMixin, LiveSocketCase):
    """The same over real sockets."""

    def test_a_dashboard_reaches_who_sees_it(self):
        dashboard = self._board("user")
        self.env.cr.precommit.clear()
        for persona, count in (("user", 1), ("leader", 0)):
            with self.subTest(persona=persona):
                socket = self._socket(persona, self._names(dashboard))
                dashboard.tile_ids.span = 5 + count
                told = self._received(socket, dashboard, kind=ARRANGED)
                self.assertEqual(len(told), count)
