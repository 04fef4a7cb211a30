from odoo.tests import TransactionCase, tagged


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
                model = type(self._get_model(view, button))
                self.assertFalse(name.startswith("_"))
                for parent in model.mro():
                    method = vars(parent).get(name)
                    self.assertFalse(getattr(method, "_api_private", False))
                # The ids that come along would be its first argument.
                self.assertFalse(getattr(getattr(model, name), "_api_model", False))

    def _get_model(self, view, node):
        """The model of a node: of the records of a field, where it is in one."""
        model = self.env[view.model]
        for field in reversed([*node.iterancestors("field")]):
            model = self.env[model._fields[field.get("name")].comodel_name]
        return model
