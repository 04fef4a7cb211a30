from odoo.tests import TransactionCase

from odoo.addons.kpi_base.tests.readable_rules import ReadableRulesMixin


class TestReadableRules(ReadableRulesMixin, TransactionCase):
    addon = "kpi_gamification"
