"""A record that changes by proposal, in the fewest lines that work."""

from odoo import fields, models
from odoo.tools import frozendict

from .approval_case import ApprovalCase
from .common import make_models, open_models

PRICE = "kpi.test.price"


class Price(models.Model):
    _module, _name, _description = None, PRICE, "Price"
    _inherit = ["kpi.guarded.mixin"]
    _guarded_fields = frozendict(every_document=("amount", "partner_id", "kind"))

    _proposal_subjects = (PRICE, "res.company")

    name = fields.Char()
    amount = fields.Float()
    kind = fields.Selection([("net", "Net"), ("gross", "Gross")], default="net")
    partner_id = fields.Many2one("res.partner", "Customer")
    company_id = fields.Many2one("res.company", default=lambda self: self.env.company)
    note = fields.Char()

    _amount_positive = models.Constraint("CHECK (amount >= 0)", "Prices are positive.")

    def _get_proposal_subject(self, vals):
        return self or self.env.company

    def _get_proposal_amount(self, vals):
        only_amount = set(vals) & self._get_guarded_names() == {"amount"}
        return vals["amount"] if only_amount else None

    def _get_present_amount(self):
        return self.amount


class ChangeCase(ApprovalCase):
    """Sam proposes prices; Ann or Bo approve them."""

    @classmethod
    def prepare_database(cls, env):
        make_models(env, Price)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        open_models(cls, PRICE)
        cls.workflow.active = False
        cls.guard = cls._make_workflow(
            [("any", cls.ann | cls.bo)], model="kpi.approval.change"
        )
        cls.price = (
            cls.env[PRICE]
            .create({"name": "Bolt", "amount": 100.0, "note": "n"})
            .with_user(cls.sam)
        )

    @classmethod
    def _propose(cls, vals=None, reason="Costs rose", **values):
        return cls.price._propose(vals or {"amount": 120.0}, reason, **values)
