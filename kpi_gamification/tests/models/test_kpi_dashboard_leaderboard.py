from odoo.tests import TransactionCase, tagged

from odoo.addons.kpi_base.tests.common import ClockMixin

from .board_case import BoardMixin


@tagged("post_install", "-at_install")
class TestKpiDashboardLeaderboard(ClockMixin, BoardMixin, TransactionCase):
    """A leaderboard on a dashboard, on a TV and by a link."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.people = cls._make_ranked_board(name="Best sellers")
        # Of so many that nobody reads which is the last.
        for at, name in enumerate(("North", "South", "East", "West", "Mid")):
            cls._judge(cls._make_department(name, 5), 110 - 5 * at)
        cls.departments = cls._board(leaderboard_type="department", name="Offices")
        cls.dashboard = cls.env["kpi.dashboard"].create(
            {
                "name": "Wall",
                "company_id": cls.company.id,
                "owner_id": cls.officer.id,
                "user_ids": cls.ann.ids,
            }
        )

    def _tiles(self, person, *boards, options=None, **context):
        self.dashboard.tile_ids.unlink()
        self.dashboard.tile_ids = [
            (0, 0, {"kind": "leaderboard", "leaderboard_id": board.id})
            for board in boards
        ]
        dashboard = self._as(person, self.dashboard).with_context(**context)
        options = {"start": "2026-03-15"} if options is None else options
        return dashboard.data(options)["tiles"]

    def test_it_shows_the_places_that_the_reader_sees(self):
        people, departments = self._tiles(self.ann, self.people, self.departments)
        self.assertEqual((people["title"], people["state"]), ("Best sellers", "ok"))
        self.assertEqual(people["board"]["lines"], self._look(self.people)["lines"])
        self.assertEqual(people["table"]["rows"][0], ["1", "Ann", "110.0"])
        names = [line["name"] for line in departments["board"]["lines"]]
        self.assertEqual(names, ["North", "South", "East"])
        self._choose(self.ann, "hidden")
        (people,) = self._tiles(self.officer, self.people)
        self.assertNotIn("Ann", str(people))

    def test_departments_race_in_the_running_period_and_people_never_do(self):
        offices = self.env["kpi.report"].search([("scope_type", "=", "department")])
        for number, report in enumerate(offices.sorted("id")):
            self.env.cr.execute(
                "UPDATE kpi_report SET achievement = %s, current_period_start ="
                " '2026-04-01', current_period_stop = '2026-05-01' WHERE id = %s",
                [80 + 5 * number, report.id],
            )
        self.env.invalidate_all()
        with self._at("2026-04-10 12:00:00"):
            for options in ({}, {"start": "2026-04-01"}):
                people, race = self._tiles(
                    self.ann,
                    self.people,
                    self.departments,
                    options=options,
                    kpi_is_public=True,
                )
                names = [line["name"] for line in race["board"]["lines"]]
                self.assertEqual(names, ["Mid", "West", "East"], options)
                self.assertEqual(race["board"]["period"], "Apr 2026")
                self.assertIs(race["board"]["is_live"], True)
                self.assertEqual(race["state"], "ok")
                self.assertIs(people["board"]["is_live"], False)
                self.assertFalse(people["board"]["lines"])
            (march,) = self._tiles(
                self.ann, self.departments, options={"start": "2026-03-15"}
            )
            names = [line["name"] for line in march["board"]["lines"]]
            self.assertEqual(names, ["North", "South", "East"], "as it was judged")
            self.assertIs(march["board"]["is_live"], False)
        with self._at("2026-05-02 12:00:00"):
            (may,) = self._tiles(self.ann, self.departments, options={})
            self.assertIs(may["board"]["is_live"], False, "nothing runs yet")
            self.assertEqual(may["board"]["period"], "Apr 2026")

    def test_where_anybody_may_look_nobody_is_ranked(self):
        tiles = self._tiles(self.ann, self.people, self.departments, kpi_is_public=True)
        for person in self.all_people:
            self.assertNotIn(person.name, str(tiles))
        people, departments = tiles
        self.assertEqual(people["state"], "no_data")
        self.assertIn("People are not ranked on public pages", people["message"])
        self.assertEqual(departments["table"]["rows"][0][:2], ["1", "North"])

    def test_a_link_names_departments_and_nobody(self):
        self._tiles(self.officer, self.people, self.departments)
        shares = self._as(self.officer, self.env["kpi.dashboard.share"])
        today = self.calendar._today()
        for kind in ("live", "frozen"):
            _url, share = shares._generate(
                self.dashboard.with_env(shares.env),
                expires_on=today,
                kind=kind,
                options={"start": "2026-03-15"},
            )
            page = str(share.sudo()._page()["tiles"])
            self.assertIn("North", page, kind)
            for person in self.all_people:
                self.assertNotIn(person.name, page, kind)

    def test_what_cannot_be_shown_says_why(self):
        (tile,) = self._tiles(self.ann, self.env["kpi.leaderboard"])
        self.assertEqual(tile["state"], "error")
        self.assertIn("Choose a leaderboard", tile["message"])
        other = self.env["res.company"].create({"name": "Other"})
        foreign = self._board(company_id=other.id, name="Foreign")
        self.assertFalse(self._tiles(self.ann, foreign))

    def test_a_new_tile_is_previewed_and_a_pack_names_its_board(self):
        dashboard = self._as(self.officer, self.dashboard)
        values = {"kind": "leaderboard", "leaderboard_id": self.departments.id}
        shown = dashboard.preview(values, {"start": "2026-03-15"})["tile"]
        self.assertEqual((shown["title"], shown["state"]), ("Offices", "ok"))
        self._tiles(self.officer, self.departments)
        section = self.env["kpi.pack.dashboards"].with_company(self.company)
        entry = section._entry_of(self.dashboard)
        self.assertEqual(entry["tiles"][0]["leaderboard_id"], "Offices")
        values, notes = section._tile_values(entry["tiles"][0], 1, self.company)
        self.assertEqual((values["leaderboard_id"], notes), (self.departments.id, []))
