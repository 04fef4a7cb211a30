from unittest.mock import patch

from odoo.tests import tagged

from ...models.live import kpi_report as live
from ..security.access_case import KpiAccessCase
from .live_case import LiveMixin, LiveSocketCase


@tagged("post_install", "-at_install")
class TestKpiLive(LiveMixin, KpiAccessCase):
    """A change is sent once per transaction, to those who may see it, by ids only."""

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

    def _listened(self, sockets, names):
        """Companies and departments of these names that somebody may listen to."""
        return sockets._find_listened_scopes(sockets._parse_names(names))

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
                _companies, found = sockets._find_listened_scopes(
                    sockets._parse_names(every)
                )
                keys = {key for key, each in departments.items() if each in found}
                self.assertEqual(keys, expected)

    def test_company_brings_the_own_departments(self):
        name = f"kpi_tracking.company_{self.a.id}"
        sockets = self.as_user("user", "ir.websocket")
        companies, departments = sockets._find_listened_scopes(
            sockets._parse_names([name])
        )
        self.assertEqual((companies, departments), (self.a, self.north))
        stranger = self.as_user("user_b", "ir.websocket")
        companies, departments = stranger._find_listened_scopes(
            stranger._parse_names([name])
        )
        self.assertFalse(companies)
        self.assertFalse(departments)

    def test_who_left_or_moved_hears_nothing_of_the_department(self):
        name = f"kpi_tracking.department_{self.north.id}"
        self.employee["user"].department_id = self.ops
        self.employee["manager"].active = False
        for persona in ("user", "manager"):
            sockets = self.as_user(persona, "ir.websocket")
            listened = self._listened(sockets, [name])
            self.assertFalse(listened[1], persona)


@tagged("post_install", "-at_install")
class TestKpiLiveSocket(LiveSocketCase):
    """The same over real sockets: what arrives in a browser."""

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
            "kpi_tracking.Company_1",
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
