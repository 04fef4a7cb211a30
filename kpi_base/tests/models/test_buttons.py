from odoo.tests import TransactionCase, tagged

from ..common import find_model_of


@tagged("post_install", "-at_install")
class TestButtons(TransactionCase):
    """What the buttons of all views call can be called as the web client does."""

    def test_each_calls_a_method_that_takes_records(self):
        views = self.env["ir.ui.view"].search(
            [("model", "=like", "kpi.%"), ("mode", "=", "primary")]
        )
        buttons = [
            (view, button)
            for view in views
            for button in view._get_combined_arch().iter("button")
            if button.get("type") == "object"
        ]
        self.assertTrue(buttons)
        for view, button in buttons:
            name = button.get("name")
            with self.subTest(view=view.xml_id, method=name):
                model = type(find_model_of(view, button))
                self.assertFalse(name.startswith("_"))
                for parent in model.mro():
                    method = vars(parent).get(name)
                    self.assertFalse(getattr(method, "_api_private", False))
                # The ids that come along would be its first argument.
                self.assertFalse(getattr(getattr(model, name), "_api_model", False))
