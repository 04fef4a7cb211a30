from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.kpi_base.actions import open_form
from odoo.addons.kpi_base.fields import OptionalInteger

STATES = [
    ("waiting", "Waiting for Approval"),
    ("ordered", "To Deliver"),
    ("handed_over", "Delivered"),
    ("cancelled", "Canceled"),
]


class KpiReward(models.Model):
    """What people get for their points, as long as there is any left."""

    _name = "kpi.reward"
    _description = "Reward"
    _inherit = ["kpi.gamification.company.mixin"]
    _order = "price, name, id"

    name = fields.Char(required=True, translate=True)
    description = fields.Text(translate=True)
    active = fields.Boolean(default=True)
    price = fields.Integer("Points", required=True, default=100, aggregator=None)
    stock = OptionalInteger(
        "Left", aggregator=None, help="Leave empty for unlimited stock."
    )
    is_left = fields.Boolean(compute="_compute_is_left", exportable=False)

    _price_positive = models.Constraint(
        "CHECK (price > 0)", "“Points” of a reward must be 1 or more."
    )
    _stock_positive = models.Constraint(
        "CHECK (stock >= 0)",
        "“Left” cannot be negative. Leave it empty for unlimited stock.",
    )

    @api.depends("stock")
    def _compute_is_left(self):
        for reward in self:
            reward.is_left = reward.stock is False or reward.stock > 0

    def action_order(self):
        """Order this reward for the points of the user, and open the order.

        :raises UserError: too few points, or none left
        """
        self.ensure_one()
        self.check_access("read")
        if self.company_id not in self.env.user.company_ids or not self.active:
            raise UserError(self.env._("%s cannot be requested.", self.name))
        # Nobody writes what they owe, and not everybody may change the stock.
        own = self.sudo()
        order = own.env["kpi.reward.order"].create(
            {
                "reward_id": self.id,
                "user_id": self.env.uid,
                "company_id": own.company_id.id,
                "price": own.price,
            }
        )
        own._move_stock(-1)
        own.env["kpi.points.entry"]._spend_on(order)
        order._log_record("reward_ordered")
        order._ask_approval()
        return open_form(order.sudo(False))

    def _move_stock(self, count):
        """Add so many to the stock, or take them from it.

        :raises UserError: there are none left
        """
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                UPDATE kpi_reward
                   SET stock = stock + %(count)s
                 WHERE id = %(id)s AND (stock + %(count)s >= 0 OR stock IS NULL)
                """,
                id=self.id,
                count=count,
            )
        )
        if not self.env.cr.rowcount:
            raise UserError(self.env._("%s is out of stock.", self.name))
        self.invalidate_recordset(["stock"])


class KpiRewardOrder(models.Model):
    """A reward that somebody paid for with points; people may have to approve it."""

    _name = "kpi.reward.order"
    _description = "Reward Request"
    _inherit = [
        "kpi.approval.mixin",
        "kpi.audited.record.mixin",
        "kpi.gamification.person.mixin",
        "kpi.readonly.mixin",
        "kpi.thread.mixin",
        "mail.activity.mixin",
    ]
    _order = "id desc"
    _rec_name = "reward_id"
    _check_company_auto = True
    _mail_post_access = "read"
    _audited_model = "kpi.reward.order"
    _audited_events = "reward_"

    reward_id = fields.Many2one(
        "kpi.reward", required=True, readonly=True, index=True, ondelete="restrict"
    )
    user_id = fields.Many2one(index=True)
    company_id = fields.Many2one(index=True)
    price = fields.Integer("Points", required=True, readonly=True, aggregator=None)
    state = fields.Selection(
        STATES,
        string="Status",
        required=True,
        readonly=True,
        default="waiting",
        index=True,
    )

    def action_ask_approval(self):
        """Refuse: what was not approved gave its points back.

        :raises UserError: always
        """
        raise UserError(self.env._("Request this reward again."))

    def action_hand_over(self):
        """Note that these were handed over."""
        self.check_access("write")
        if self.env.user in self.user_id:
            raise UserError(self.env._("Another officer has to deliver your reward."))
        self._hold_approval()
        self._check_state("ordered")
        self._set_state("handed_over")

    def action_cancel(self):
        """Cancel these: whoever ordered gets the points back.

        People cancel their own as long as it waits for approval, officers any that was
        not handed over.
        """
        self.check_access("read")
        if self.user_id != self.env.user:
            self.check_access("write")
        self._hold_approval()
        self._check_state("waiting", *(["ordered"] * self.has_access("write")))
        # Whoever may cancel ends the approval, too.
        self.sudo()._stop_approval()
        self._undo(self.env._("Canceled"))

    def _undo(self, reason):
        """Give points and stock back."""
        # Points and stock go back by the order, whoever may change them.
        own = self.sudo()
        own._set_state("cancelled")
        self.env["kpi.points.entry"]._reverse("reward", own.ids, reason)
        for order in own:
            order.reward_id._move_stock(1)

    def _check_state(self, *states):
        """:raises UserError: one is in no such state"""
        for order in self.filtered(lambda one: one.state not in states):
            raise UserError(self.env._("%s is no longer open.", order.display_name))

    def _set_state(self, state):
        # Only methods set it, after they have looked at who asks.
        self.sudo()._write_pending({"state": state})
        self._log_record(f"reward_{state}")

    def _approval_content(self):
        return {"reward_id": None, "user_id": None, "price": None}

    def _get_approval_facts(self):
        said = {"user_id": self.user_id.name, "price": str(self.price)}
        return self._label_facts(said)

    def _say_effect(self):
        return super()._say_effect() or self.env._("The reward can then be delivered.")

    def _get_approval_amounts(self):
        return {order: float(order.price) for order in self}

    def _get_approval_submitters(self):
        return {order: order.user_id for order in self}

    def _after_approval(self):
        """Orders that were approved are to be handed over; the others give back."""
        for state, orders in self.grouped("approval_state").items():
            if state == "approved":
                orders._set_state("ordered")
            elif state in ("rejected", "returned", "none"):
                orders.filtered(lambda order: order.state == "waiting")._undo(
                    self.env._("Not approved")
                )

    def _get_audited_members(self):
        return {
            "company": SQL("held.company_id"),
            "price": SQL("held.price"),
            "reward": SQL("held.reward_id"),
            "state": SQL("held.state"),
            "user": SQL("held.user_id"),
        }
