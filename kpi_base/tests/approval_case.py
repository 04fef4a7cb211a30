"""A document that is approved, in the fewest lines that work, and people around it."""

from datetime import date

from odoo import Command, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tests import TransactionCase, new_test_user

from .common import add_models, make_models, open_models
from .world import builder, found, keep

ORDER, LINE = "kpi.test.order", "kpi.test.order.line"
PEOPLE = ("sam", "ann", "bo", "cy", "dee", "olga")


class Order(models.Model):
    _module, _name, _description = None, ORDER, "Order"
    _inherit = ["kpi.approval.mixin", "mail.thread", "mail.activity.mixin"]

    name = fields.Char()
    amount = fields.Float()
    note = fields.Char()
    company_id = fields.Many2one("res.company", default=lambda self: self.env.company)
    partner_id = fields.Many2one("res.partner")
    partner_name = fields.Char(related="partner_id.name", readonly=False)
    line_ids = fields.One2many(LINE, "order_id", copy=True)
    was_told = fields.Char(copy=False, readonly=True)

    def _approval_content(self):
        lines = {"price": None, "order_id": None}
        return {"amount": None, "partner_name": None, "line_ids": lines}

    def _after_approval(self):
        for order in self:
            if order.approval_state == "approved" and order.note == "closed":
                raise UserError(f"{order.name}: the books are closed.")
            order._write_pending({"was_told": order.approval_state})

    def _get_approval_amounts(self):
        return {order: order.amount for order in self}

    def _get_amount_text(self):
        return f"{self.amount:g} EUR" if self.amount else ""

    def _get_last_approved_amounts(self):
        """The amount of the last order that a person approved."""
        steps = self.env["kpi.approval.step"].sudo()
        by_people = steps.search(
            Domain("res_model", "=", self._name) & Domain("state", "=", "approved")
        )
        last = self.browse(by_people.mapped("res_id")).sorted("id")[-1:]
        return dict.fromkeys(self, last.amount if last else None)


class Line(models.Model):
    _module, _name, _description = None, LINE, "Order Line"

    order_id = fields.Many2one(ORDER, ondelete="cascade")
    price = fields.Float()
    order_note = fields.Char(related="order_id.note", readonly=False)


class ApprovalCase(TransactionCase):
    """Sam submits orders; Ann and Bo may be asked, Cy is Sam's manager, Dee hers.

    Olga owns the workflows.

    :cvar definitions: models that a class has besides orders
    """

    definitions = ()

    @classmethod
    def prepare_database(cls, env):
        make_models(env, Order, Line)
        case = builder(cls, env)
        for name in PEOPLE:
            setattr(case, name, case._make_user(name))
        case._make_employees()
        case.workflow = case._make_workflow([("any", case.ann | case.bo)])
        names = (*PEOPLE, "workflow")
        keep(env, "approval", **{name: getattr(case, name) for name in names})

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if cls.definitions:
            add_models(cls, *cls.definitions)
        open_models(cls, ORDER, LINE, *(each._name for each in cls.definitions))
        found(cls, "approval", *PEOPLE, "workflow")

    @classmethod
    def _make_user(cls, name, **values):
        return new_test_user(
            cls.env, f"approve-{name}", "kpi_base.kpi_base_group_user", **values
        )

    @classmethod
    def _make_employees(cls):
        employees = cls.env["hr.employee"]
        above = employees
        for user in (cls.dee, cls.cy, cls.sam):
            above = employees.create(
                {
                    "name": user.login,
                    "user_id": user.id,
                    "parent_id": above.id,
                    "date_version": date(2020, 1, 1),
                }
            )

    @classmethod
    def _make_workflow(cls, levels, **values):
        """A workflow of levels: pairs (rule or number, users)."""
        return cls.env["kpi.approval.workflow"].create(
            {
                "name": "Orders",
                "model": ORDER,
                "owner_id": cls.olga.id,
                "level_ids": [
                    Command.create(
                        {
                            "sequence": number,
                            "rule": rule if isinstance(rule, str) else "quorum",
                            "quorum": rule if isinstance(rule, int) else 2,
                            "approver_ids": [
                                Command.create({"whom": "user", "user_id": user.id})
                                for user in users
                            ],
                        }
                    )
                    for number, (rule, users) in enumerate(levels, start=1)
                ],
                **values,
            }
        )

    @classmethod
    def _order(cls, **values):
        """An order that Sam has not submitted yet."""
        order = cls.env[ORDER].create(
            {
                "name": "Order",
                "amount": 100.0,
                "line_ids": [Command.create({"price": 60.0})],
                **values,
            }
        )
        return order.with_user(cls.sam)

    @classmethod
    def _asked(cls, **values):
        """An order that Sam has submitted."""
        order = cls._order(**values)
        order.action_ask_approval()
        return order

    def _get_people(self, order, state="asked"):
        return order.sudo()._find_steps(state).user_id
