"""Records before anything was entered."""

import re
from contextlib import contextmanager, suppress
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.sql_db import Cursor
from odoo.tests import TransactionCase, tagged
from odoo.tools import SQL

from ..common import some_of

ODD = ("False", "None", "()")
CHANGES = re.compile(r"\b(?:INSERT INTO|UPDATE|DELETE FROM)\s+\S+")


def is_ours(field):
    """Check whether an addon of ours added a field, or extended it."""
    return any(module.startswith("kpi_") for module in field._modules)


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

    def test_a_form_without_values_is_computed(self):
        administrator = self.env.ref("base.user_admin")
        for model in self._own_models():
            asked = {
                "display_name",
                *model._fields["display_name"].get_depends(model)[0],
            }
            asked = {name.split(".")[0] for name in asked}
            if model.with_user(administrator).has_access("create"):
                computed = [
                    name for name, each in model._fields.items() if each.compute
                ]
                asked |= {*some_of(computed, model._name)}
            with self.subTest(model._name), suppress(UserError):
                model.onchange({}, [], dict.fromkeys(asked, {}))

    def test_an_opened_form_stores_nothing(self):
        company = self.env["res.company"].create({"name": "Opened"})
        people = self.env.ref("base.user_admin")
        people.company_ids |= company
        asked = self.env(user=people, context={"allowed_company_ids": company.ids})
        self.env.flush_all()
        for name, model in asked.items():
            fields = [field for field in model._fields.values() if is_ours(field)]
            if model._abstract or not fields or not model.has_access("create"):
                continue
            spec = {field.name: {} for field in some_of(fields, name)}
            with self.subTest(name), self._refused_changes(), suppress(UserError):
                model.onchange({}, [], spec)

    @contextmanager
    def _refused_changes(self):
        """Fail where a statement changes rows; what it changed is rolled back."""
        execute, changed = Cursor.execute, []

        def watch(cursor, query, *args, **kwargs):
            text = query.code if isinstance(query, SQL) else query
            changed.extend(CHANGES.findall(text))
            return execute(cursor, query, *args, **kwargs)

        with patch.object(Cursor, "execute", watch):
            yield
        self.assertFalse(changed)

    def test_none_are_created_changed_or_deleted(self):
        for model in self._own_models():
            with self.subTest(model._name):
                self.assertEqual(model.create([]), model)
                self.assertTrue(model.unlink())
                try:
                    self.assertTrue(model.write({}))
                except UserError:  # never changed, whatever is given
                    continue

    def _own_models(self):
        """Those with records of their own."""
        for model in self.env.values():
            if model._name.startswith("kpi.") and model._auto and not model._abstract:
                yield model
