import json
from urllib.parse import quote

from lxml import etree

from odoo.tests import HttpCase, new_test_user, tagged

from ... import roles


@tagged("post_install", "-at_install")
class TestPivotExport(HttpCase):
    """Pivot tables are downloaded under the names of their screens."""

    def _download(self, model, title):
        """Name of the file of a pivot table of this model."""
        table = {
            "col_group_headers": [],
            "measure_count": 1,
            "measure_headers": [{"is_bold": False, "title": "Count"}],
            "model": model,
            "rows": [{"indent": 0, "title": "Total", "values": [{"value": 2}]}],
            "title": title,
        }
        user = new_test_user(self.env, f"pivot-{title}", groups=roles.USER)
        self.authenticate(user.login, user.login)
        url = f"/web/pivot/export_xlsx?data={quote(json.dumps(table))}"
        response = self.url_open(url)
        response.raise_for_status()
        self.assertTrue(response.content.startswith(b"PK"))
        return response.headers["Content-Disposition"].rpartition("''")[2]

    def test_a_table_of_the_suite_is_named_as_its_screen(self):
        self.assertEqual(
            self._download("kpi.approval.step", "Pending Approvals"),
            "Pending%20Approvals.xlsx",
        )
        self.assertIn("res.partner", self._download("res.partner", "Contacts"))

    def test_each_pivot_of_the_suite_has_a_name(self):
        views = self.env["ir.ui.view"].search(
            [("type", "=", "pivot"), ("model", "=like", "kpi.%")]
        )
        self.assertTrue(views)
        for view in views:
            arch = self.env[view.model].get_view(view.id, "pivot")["arch"]
            with self.subTest(view.xml_id):
                self.assertTrue(etree.fromstring(arch).get("string"))
