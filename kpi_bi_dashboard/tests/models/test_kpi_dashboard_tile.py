"""Tiles of cohorts and segments, on the screen and where no browser is."""

from odoo.tests import freeze_time, new_test_user, tagged

from .test_kpi_bi_analysis import GROUP, YEARS, AnalysisCase


@tagged("post_install", "-at_install")
@freeze_time("2026-01-10 12:00:00")
class TestKpiDashboardTile(AnalysisCase):
    def _shown(self, kind, user=None):
        """What a tile of this kind answers."""
        dashboard = self.env["kpi.dashboard"].create(
            {
                "name": "Executive",
                "tile_ids": [(0, 0, {"kind": kind, "name": "Tile"})],
                "company_id": self.company.id,
            }
        )
        (tile,) = dashboard.with_user(user or self.env.user).data()["tiles"]
        return dashboard, tile

    def test_triangle(self):
        self._imported(YEARS)
        self._run()
        dashboard, tile = self._shown("triangle")
        cohorts = tile["cohorts"]
        self.assertEqual(cohorts["months"][:2], ["2023-05", "2024-03"])
        # who bought first in March 2024 bought again twelve months later
        self.assertEqual(cohorts["shares"][1][:13], [1, *[0] * 11, 1])
        self.assertIsNone(cohorts["shares"][1][24])
        self.assertTrue(cohorts["can_open"])
        table = tile["table"]
        self.assertEqual(table["rows"][1][2]["number"], 1)
        shown = dashboard._render_html() if hasattr(dashboard, "_render_html") else ""
        self.assertNotIn("on the screen only", shown)

    def test_a_cell_opens_its_customers(self):
        self._imported(YEARS)
        self._run()
        customers = self.env["kpi.bi.customer"]
        action = customers.open_cohort(self.company.id, "2024-03-01", 12)
        found = customers.search(action["domain"])
        self.assertEqual(found.mapped("reference"), ["kept"])
        self.assertFalse(
            customers.search(
                customers.open_cohort(self.company.id, "2024-06-01", 12)["domain"]
            )
        )

    def test_segments(self):
        self._imported(YEARS)
        self._run()
        _dashboard, tile = self._shown("segment_map")
        rows = tile["segments"]["rows"]
        self.assertEqual(sum(row["customers"] for row in rows), 4)
        self.assertEqual(sum(row["revenue"] for row in rows), 340)
        self.assertEqual(len(tile["table"]["rows"]), len(rows))

    def test_without_purchases_and_without_access(self):
        self._run()
        for kind in ("triangle", "segment_map"):
            with self.subTest(kind=kind):
                self.assertIn("No purchases yet", self._shown(kind)[1]["message"])
        self._imported(YEARS)
        self._run()
        stranger = new_test_user(
            self.env(su=True),
            "bi_stranger",
            "kpi_base.kpi_base_group_officer",
            company_id=self.company.id,
            company_ids=self.company.ids,
        )
        _dashboard, tile = self._shown("triangle", stranger)
        self.assertIn("You need access", tile["message"])
        self.assertNotIn("cohorts", tile)
        reader = new_test_user(
            self.env(su=True),
            "bi_reader",
            f"kpi_base.kpi_base_group_officer,{GROUP}_user",
            company_id=self.company.id,
            company_ids=self.company.ids,
        )
        _dashboard, tile = self._shown("triangle", reader)
        self.assertFalse(tile["cohorts"]["can_open"])
