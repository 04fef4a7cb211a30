from odoo.tests import tagged

from .dashboard_case import NOW, DashboardCase


class PanelCase(DashboardCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["kpi.dashboard"].search([]).active = False

    def _panel(self, user, name="dashboards"):
        panels = self._as(user, self.env["kpi.home"])._get_panels()
        return panels.get(f"kpi_tracking_dashboard.{name}")

    def _listed(self, user):
        return [each["name"] for each in self._panel(user) or ()]

    def _summary(self, user):
        with self._at(NOW):
            return self._as(user, self.env["kpi.home"]).get_summary()


@tagged("post_install", "-at_install")
class TestKpiDashboardPanel(PanelCase):
    """The overview shows the dashboards of whoever looks, small."""

    def test_favourites_come_first(self):
        first = self._dashboard(name="First")
        second = self._dashboard(name="Second")
        self._as(self.user, second).is_favorite = True
        self.assertEqual(
            self._panel(self.user),
            [
                {"id": second.id, "name": "Second", "is_favorite": True, "tiles": []},
                {"id": first.id, "name": "First", "is_favorite": False, "tiles": []},
            ],
        )
        self.assertEqual(self._listed(self.manager), ["First", "Second"])

    def test_the_order_is_that_of_the_one_seen_first(self):
        self._dashboard(name="Any")
        shared = self._dashboard(name="For all", is_default=True)
        own = self._dashboard(name="Mine", is_default=True, user_ids=self.user.ids)
        home = self._as(self.user, self.env["kpi.dashboard"])
        for hidden in (own, shared):
            self.assertEqual(self._panel(self.user)[0]["id"], home.get_default())
            hidden.active = False

    def test_what_one_does_not_see_is_not_listed(self):
        self._dashboard(group_ids=False, owner_id=self.user.id)
        self.assertTrue(self._panel(self.user))
        self.assertIsNone(self._panel(self.manager))

    def test_a_dashboard_of_which_one_can_read_nothing_is_not_listed(self):
        self._dashboard(self._tile("card", self.revenue), name="Company")
        self._dashboard(self._tile("text", text="<p>Hello</p>"), name="Words")
        self.assertEqual(self._listed(self.officer), ["Company", "Words"])
        self.assertEqual(self._listed(self.user), ["Words"])
        own = self._track(self.revenue.definition_id, self.user)
        self._fill(own, {"2026-02": 5})
        self.assertEqual(self._listed(self.user), ["Company", "Words"])

    def test_a_tile_is_drawn_from_its_kind_and_the_latest_values(self):
        self._dashboard(
            self._tile("gauge", self.revenue, span=4, height=2),
            self._tile("bar", self.complaints),
        )
        with self._at(NOW):
            (board,) = self._panel(self.officer)
        gauge, bar = board["tiles"]
        self.assertEqual(
            gauge,
            {
                "kind": "gauge",
                "span": 4,
                "height": 2,
                "status": self.revenue.status,
                "values": [100, 70, 120, 90],
            },
        )
        self.assertEqual((bar["kind"], bar["values"]), ("bar", [4, 0, 3]))

    def test_eight_dashboards_of_eight_tiles_at_most(self):
        tiles = [self._tile("card", self.revenue)] * 9
        for place in range(9):
            self._dashboard(*tiles, name=f"Board {place}", sequence=place)
        self.assertEqual(
            self._listed(self.officer), [f"Board {place}" for place in range(8)]
        )
        self.assertEqual(len(self._panel(self.officer)[0]["tiles"]), 8)

    def test_the_dashboard_seen_first_says_which_kpis_come_first(self):
        for place in range(1, 8):
            kpi = self._entered(f"More {place}", {"2026-02": 1})
        self._dashboard(
            self._tile("gauge", kpi), self._tile("line", self.complaints, self.revenue)
        )
        names = [card["kpi"] for card in self._summary(self.officer)["cards"]]
        self.assertEqual(names[:3], ["More 7", "Complaints", "Revenue"])


@tagged("post_install", "-at_install")
class TestKpiHomeNotes(PanelCase):
    """Recent notes and ready dashboards on the overview."""

    def _note(self, kpi, day, text):
        values = {"report_id": kpi.id, "date": day, "text": text}
        return self._as(self.officer, self.env["kpi.annotation"]).create(values)

    def test_the_latest_notes_on_kpis_that_one_sees(self):
        own = self._track(self.revenue.definition_id, self.user)
        self._note(own, "2026-02-01", "Seen")
        self._note(self.revenue, "2026-02-03", "Of the company")
        for day in range(4, 8):
            self._note(self.complaints, f"2026-02-0{day}", f"Day {day}")
        (note,) = self._panel(self.user, "notes")
        self.assertEqual((note["text"], note["author"]), ("Seen", self.officer.name))
        self.assertEqual((note["report_id"], note["date"]), (own.id, "2026-02-01"))
        texts = [each["text"] for each in self._panel(self.officer, "notes")]
        self.assertEqual(texts, ["Day 7", "Day 6", "Day 5", "Day 4", "Of the company"])

    def test_without_notes_there_is_no_panel(self):
        self.assertIsNone(self._panel(self.user, "notes"))

    def test_who_has_no_kpi_yet_starts_with_ready_dashboards(self):
        self.env["kpi.report"].search([]).active = False
        self.assertFalse(any(self._summary(self.officer)["counts"].values()))
        home = self._as(self.officer, self.env["kpi.home"])
        areas = home._find_start_areas()
        self.assertEqual(areas._name, "kpi.gallery.dashboard")
        self.assertGreaterEqual(len(areas), 6)  # addons have more
        start = home.get_start()
        self.assertLessEqual(len(start["cards"]), 4)
        for card in [*start["cards"], *start["others"]]:
            self.assertEqual(card["model"], "kpi.gallery.dashboard")
            self.assertTrue(self.env[card["model"]].browse(card["id"]).available_count)
