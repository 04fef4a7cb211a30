from odoo.tests import TransactionCase, tagged


@tagged("post_install", "-at_install")
class TestFieldLabels(TransactionCase):
    def test_no_two_fields_of_a_model_have_one_label(self):
        """Nobody could tell them apart in filters and exports; Odoo warns of it."""
        alike = []
        for name, model in self.env.registry.items():
            by_label = {}
            for field in model._fields.values():
                other = by_label.setdefault(field.string, field)
                modules = f"{field._module} {other._module}"
                if other is not field and "kpi_" in modules:
                    alike.append(f"{name}: {other.name}, {field.name}")
        self.assertEqual(alike, [])
