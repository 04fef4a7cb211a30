from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tests import TransactionCase, new_test_user, tagged

from ...models.record.base import MAX_COMPUTED, MAX_NAME
from ..common import add_model, open_models, some_of

TEXTS = ("char", "html", "json", "text")


@tagged("post_install", "-at_install")
class TestTextLengths(TransactionCase):
    """Texts of people have a limit on every way in, as those of REST have."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.admin = new_test_user(
            cls.env, "long_texts", "kpi_base.kpi_base_group_admin,base.group_system"
        )

        class Note(models.Model):
            _module, _name, _description = None, "kpi.test.note", "Note"

            content = fields.Json()

        add_model(cls, Note)
        open_models(cls, Note._name)

    def test_a_name_of_three_megabytes_is_refused_in_a_sentence(self):
        teams = self.env["kpi.team"].with_user(self.admin)
        team = teams.create({"name": "x" * MAX_NAME})
        said = "“Name” is too long: 3000000 characters. Enter at most 200."
        for act in (
            lambda: teams.create({"name": "x" * 3_000_000}),
            lambda: team.write({"name": "x" * 3_000_000}),
            lambda: team.update_field_translations("name", {"en_US": "x" * 3_000_000}),
        ):
            with self.assertRaisesRegex(UserError, said):
                act()

    def test_a_number_too_large_to_round_is_refused_in_a_sentence(self):
        """Odoo multiplies it by 100 first, and fails on what that gives."""
        rates = self.env["kpi.currency.rate"].with_user(self.admin)
        with self.assertRaisesRegex(UserError, "too large"):
            rates.create({"rate": 1e308})

    def test_the_engine_writes_what_it_has(self):
        job = self.env["kpi.team"].sudo().create({"name": "x" * 300})
        self.assertEqual(len(job.name), 300)

    def test_json_that_is_long_deep_or_none_is_refused_in_a_sentence(self):
        notes = self.env["kpi.test.note"].with_user(self.admin)
        self.assertTrue(notes.create({"content": {"x": "x" * 99_000}}))
        deep = []
        for _level in range(2000):
            deep = [deep]
        for value, said in (
            ({"x": "x" * 100_000}, "“Content” is too long: 100009 characters"),
            (deep, "nested too deeply"),
            ({"x": {1, 2}}, "is not valid JSON"),
            ({"x": float("nan")}, "that is not valid in JSON"),
            ({"x": ["a\x00b"]}, "that is not valid in JSON"),
        ):
            with self.subTest(said), self.assertRaisesRegex(UserError, said):
                notes.create({"content": value})

    def test_each_text_of_each_model_has_a_limit(self):
        """Of no record, so that nothing else is refused."""
        text = "x" * (MAX_COMPUTED + 1)
        names = sorted(name for name in self.env.registry if name.startswith("kpi."))
        for name in some_of(names, "text lengths"):
            model = self.env[name].with_user(self.admin)
            if model._abstract or not model._auto:
                continue
            for field in model._fields.values():
                if field.type in TEXTS and field.store and not field.related:
                    with self.subTest(field=str(field)), self.assertRaises(UserError):
                        model.write({field.name: text})
