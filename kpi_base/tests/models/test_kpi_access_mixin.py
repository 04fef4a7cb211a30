from odoo.tests import TransactionCase, tagged


@tagged("post_install", "-at_install")
class TestKpiAccessMixin(TransactionCase):
    """Screens know whom to offer Archive."""

    def test_views_load_the_right_with_what_can_be_archived(self):
        for name, model in self.env.items():
            if model._abstract or "active" not in model._fields:
                continue
            if "is_editable_by_me" not in model._fields:
                continue
            for kind in ("form", "kanban", "list"):
                arch, _view = model._get_view(view_type=kind)
                found = arch.xpath(
                    "//field[@name='is_editable_by_me'][not(ancestor::field)]"
                )
                with self.subTest(name, kind=kind):
                    self.assertTrue(found)
                    model.get_view(view_type=kind)
