"""Tests that the right to read is asked in one way, and again when it changes."""

import re

from odoo.fields import Domain
from odoo.tools.safe_eval import safe_eval

# Odoo caches a rule's domain by these; whatever else a rule looks up would be old.
KNOWN_LOOKUPS = {"user.id"}


class ReadableRulesMixin:
    """For a test of each addon.

    :cvar addon: whose models are looked at
    """

    addon = ""

    def test_one_mixin_says_who_may_read(self):
        mixin = self.env.registry["kpi.readable.mixin"]
        models = self._readable_models()
        self.assertTrue(models)
        for model in models:
            with self.subTest(model._name):
                self.assertIsInstance(model, mixin)
                own = [
                    cls
                    for cls in type(model).__mro__
                    if "_get_access_domain" in vars(cls)
                ]
                self.assertEqual(len(own), 1, own)

    def test_what_rules_look_at_is_named(self):
        """Else the answer stays what it was when a record changes hands."""
        for model in self._readable_models():
            named = {path.partition(".")[0] for path in model._readable_by}
            for rule in self._rules(model):
                domain = safe_eval(rule.domain_force, rule._eval_context())
                for condition in Domain(domain).iter_conditions():
                    path = condition.field_expr
                    with self.subTest(model._name, field=path):
                        self.assertTrue(self._is_named(model, path, named))

    def test_rules_hold_no_changing_lookup(self):
        for model in self._models():
            for rule in self._rules(model):
                lookups = set(re.findall(r"\buser\.\w+(?:\.\w+)*", rule.domain_force))
                with self.subTest(rule=rule.name):
                    self.assertLessEqual(lookups, KNOWN_LOOKUPS)

    def _is_named(self, model, path, named):
        """Check whether a field, or all that it is computed from, is in ``named``."""
        name = path.partition(".")[0]
        if name in named:
            return True
        field = model._fields[name]
        paths = model.pool.field_depends[field]
        is_computed = field.compute and not field.store and paths
        return is_computed and all(self._is_named(model, each, named) for each in paths)

    def _rules(self, model):
        return self.env["ir.rule"].search(
            [
                ("model_id.model", "=", model._name),
                ("perm_read", "=", True),
                ("domain_force", "!=", False),
            ]
        )

    def _models(self):
        return [
            model
            for model in map(self.env.__getitem__, self.env.registry)
            if model._original_module == self.addon and not model._abstract
        ]

    def _readable_models(self):
        """Find the models with a field that says who may read them."""
        return [m for m in self._models() if "is_readable_by_me" in m._fields]
