from odoo.tests import TransactionCase, tagged


@tagged("post_install", "-at_install")
class TestAnalysisNames(TransactionCase):
    """What is downloaded from a pivot or a graph has a name: that of the view."""

    def test_each_pivot_and_graph_has_a_name(self):
        views = self.env["ir.ui.view"].search(
            [("model", "=like", "kpi.%"), ("type", "in", ("graph", "pivot"))]
        )
        self.assertTrue(views)
        for view in views:
            with self.subTest(view.xml_id):
                self.assertTrue(view._get_combined_arch().get("string"))
