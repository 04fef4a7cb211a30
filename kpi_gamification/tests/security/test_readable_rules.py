from odoo.tests import TransactionCase

from odoo.addons.kpi_base.tests.readable_rules import ReadableRulesMixin


class TestReadableRules(ReadableRulesMixin, TransactionCase):
    addon = "kpi_gamification"

    def test_one_mixin_says_who_may_read(self):
        """No record of others hangs on one of these: none has the mixin."""
        self.assertFalse(self._readable_models())
