import io

from openpyxl import load_workbook

from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.kpi_base.columns import rename_field

from ...models.output.kpi_dashboard_records import _is_process
from .test_kpi_dashboard_files import KpiDashboardFilesCase

NAMES = ("Aker", "Birk", "Carl", "Dora")
SCREEN_ONLY = "These records appear on screen only."


@tagged("post_install", "-at_install")
class TestKpiDashboardRecords(KpiDashboardFilesCase):
    """Embedded views in files: the records and groups that the screen shows."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        countries = [
            cls.env.ref("base.no"),
            cls.env.ref("base.no"),
            cls.env.ref("base.de"),
        ]
        cls.partners = cls.env["res.partner"].create(
            [
                {"name": name, "country_id": country.id, "is_company": True}
                for name, country in zip(
                    NAMES, [*countries, cls.env["res.country"]], strict=True
                )
            ]
        )

    def _show(self, view_type, domain=None, context="{}", **values):
        """The tile as a file has it, for Olga."""
        domain = f"[('id', 'in', {self.partners.ids})]" if domain is None else domain
        self.dashboard.tile_ids.unlink()
        self.dashboard.tile_ids = [
            Command.create(
                {
                    "kind": "view",
                    "name": "Customers",
                    "view_model": "res.partner",
                    "view_type": view_type,
                    "view_domain": domain,
                    "view_context": context,
                    "span": 6,
                    "height": 1,
                    **values,
                }
            )
        ]
        own = self._as(self.olga)
        (shown,) = own._drawings(own.data({}), has_records=True)
        return shown

    def _texts(self, shown):
        return [[cell.text for cell in row] for row in shown.table.rows]

    def test_a_list_shows_its_first_records_and_how_many_more(self):
        more = self.env["res.partner"].create({"name": "Zoe"})
        self.partners |= more
        shown = self._show("list")
        self.assertEqual([row[0] for row in self._texts(shown)], [*NAMES])
        self.assertEqual(shown.message, "and 1 more")
        self.assertLessEqual(len(shown.table.heads), 3)
        self.assertEqual(len(self._texts(self._show("kanban", height=2))), 5)

    def test_a_tile_follows_a_field_that_gets_another_name(self):
        path = "target_value_ids.rated_at"
        self._show(
            "list",
            domain=f"[('{path}', '!=', False)]",
            context=f"{{'group_by': ['{path}:month']}}",
            view_model="kpi.report",
        )
        tile = self.dashboard.tile_ids
        self.env.flush_all()
        rename_field(self.cr, "kpi.target.value", "rated_at", "judged_at")
        self.env.invalidate_all()
        path = "target_value_ids.judged_at"
        self.assertEqual(tile.view_domain, f"[('{path}', '!=', False)]")
        self.assertEqual(tile.view_context, f"{{'group_by': ['{path}:month']}}")

    def test_a_graph_is_drawn_and_a_pivot_is_a_table(self):
        shown = self._show("graph", context="{'group_by': 'country_id'}")
        by_country = [["Norway", "2"], ["Germany", "1"], ["None", "1"]]
        self.assertEqual(sorted(self._texts(shown)), sorted(by_country))
        self.assertEqual(self._texts(shown)[0], by_country[0], "the largest one first")
        self.assertEqual(shown.kind, "bar")
        self.assertEqual(shown.payload.series[0].values, (2.0, 1.0, 1.0))
        pivot = self._show("pivot", context="{'pivot_row_groupby': ['is_company']}")
        self.assertEqual(self._texts(pivot), [["Yes", "4"]])
        self.assertIsNone(pivot.payload)

    def test_only_records_with_an_order_are_a_process(self):
        for name, expected in (
            ("company_id", True),  # ordered by its sequence
            ("country_id", False),
            ("is_company", False),
            ("properties.5b1c", False),  # a property has no field
        ):
            with self.subTest(name):
                self.assertEqual(_is_process(self.partners, name), expected)

    def test_groups_of_dates_come_in_their_order(self):
        dates = {"Aker": "2026-01-05", "Birk": "2025-12-05", "Carl": "2026-01-09"}
        for partner in self.partners:
            if partner.name in dates:
                self.env.cr.execute(
                    "UPDATE res_partner SET create_date = %s WHERE id = %s",
                    [dates[partner.name], partner.id],
                )
        self.partners = self.partners.filtered(lambda each: each.name in dates)
        shown = self._show("graph", context="{'group_by': ['create_date']}")
        self.assertEqual(
            self._texts(shown), [["December 2025", "1"], ["January 2026", "2"]]
        )

    def test_the_reader_is_who_looks(self):
        shown = self._show("list", domain="[('user_ids', '=', uid)]")
        self.assertEqual(self._texts(shown)[0][0], self.olga.name)

    def test_what_the_reader_may_not_read_is_in_no_file(self):
        hidden = self.partners.filtered(lambda each: each.name == "Dora")
        self.env["ir.rule"].create(
            {
                "name": "No Dora",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "domain_force": f"[('id', '!=', {hidden.id})]",
            }
        )
        self.assertNotIn(["Dora"], [row[:1] for row in self._texts(self._show("list"))])

    def test_what_cannot_be_read_says_so(self):
        for domain in ("[('no_such', '=', 1)]", "[(", "__import__('os')", "{}"):
            with self.subTest(domain):
                shown = self._show("list", domain=domain)
                self.assertEqual((shown.table, shown.message), (None, SCREEN_ONLY))

    def test_files_have_them_and_links_and_mails_do_not(self):
        self._show("list", height=2)
        self.assertIn("Birk", "".join(self._pdf()))
        content, _answer = self._file("xlsx")
        cells = [
            c
            for sheet in load_workbook(io.BytesIO(content))
            for row in sheet.values
            for c in row
        ]
        self.assertIn("Birk", cells)
        own = self._as(self.olga)
        (shown,) = own._drawings(own.data({}))
        self.assertEqual((shown.table, shown.message), (None, SCREEN_ONLY))
