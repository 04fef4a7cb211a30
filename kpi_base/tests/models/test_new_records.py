"""What records are called before anything was entered."""

from odoo.tests import TransactionCase, tagged

ODD = ("False", "None", "()")


@tagged("post_install", "-at_install")
class TestNewRecords(TransactionCase):
    def test_no_field_without_a_value_is_named(self):
        forms = self.env["ir.ui.view"].search(
            [("type", "=", "form"), ("model", "=like", "kpi.%")]
        )
        asked = forms.filtered(lambda view: 'create="' not in (view.arch or ""))
        for name in set(asked.mapped("model")):
            model = self.env[name].with_user(self.env.ref("base.user_admin"))
            if not model.has_access("create"):  # made by the addons alone
                continue
            for field in model._fields:
                if field != "display_name" and not field.endswith("_in_words"):
                    continue
                with self.subTest(model=name, field=field):
                    words = model.new()[field] or ""
                    self.assertFalse([odd for odd in ODD if odd in words], words)
