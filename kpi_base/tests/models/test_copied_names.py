from odoo.tests import TransactionCase, tagged


@tagged("post_install", "-at_install")
class TestCopiedNames(TransactionCase):
    """A duplicate can be told from what it is a copy of."""

    def test_a_copy_is_called_one(self):
        tried = set()
        for name, model in self.env.items():
            if model._abstract or model._transient or not name.startswith("kpi."):
                continue
            if title := model._get_title_name():
                tried.add(name)
                with self.subTest(name):
                    code = {"code": "a_name"} if "code" in model._fields else {}
                    record = model.new({title: "A name", **code})
                    (values,) = record.copy_data()
                    self.assertEqual(values[title], "A name (copy)")
                    (values,) = record.copy_data({title: "Given"})
                    self.assertEqual(values[title], "Given")
        self.assertIn("kpi.team", tried)

    def test_a_long_name_is_shortened_so_that_its_copy_fits(self):
        team = self.env["kpi.team"].create({"name": "x" * 200})
        self.assertEqual(team.copy().name, "x" * 193 + " (copy)")
