from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import split_every

from odoo.addons.kpi_base.actions import CLOSE, show_notification
from odoo.addons.kpi_base.fields import OptionalMonetary
from odoo.addons.kpi_base.models.record.base import insert_sql

from ..models.commission.kpi_commission_ledger import ROWS_PER_STATEMENT

AMOUNTS = ("before_amount", "after_amount", "settled_amount")
COUNTS = ("commission_count", "settled_count")


class KpiCommissionChange(models.TransientModel):
    """What a change of commission plans changes for agents who won deals before.

    Nothing is booked until it is applied.
    """

    _name = "kpi.commission.change"
    _description = "Apply Commission Plan Change"

    plan_id = fields.Many2one("kpi.commission.plan", required=True, ondelete="cascade")
    date_from = fields.Date("From", readonly=True)
    line_ids = fields.One2many(
        "kpi.commission.change.line", "change_id", "By Agent", readonly=False
    )
    item_ids = fields.One2many(
        "kpi.commission.change.item", "change_id", "Commissions", readonly=True
    )
    commission_count = fields.Integer(
        "Commissions to Change", compute="_compute_commission_count"
    )
    disputed_count = fields.Integer(
        "Disputed Commissions",
        readonly=True,
        help="Not changed until the dispute is decided.",
    )

    @api.depends("line_ids.commission_count")
    def _compute_commission_count(self):
        for dialog in self:
            dialog.commission_count = sum(dialog.line_ids.mapped("commission_count"))

    @api.model
    def _open(self, plan):
        """Return a dialog that shows what the plans of the company change."""
        since = plan._find_waiting_since()
        changes = plan._find_changes(since)
        dialog = self.create(self._prepare_values(plan, since, changes))
        dialog._fill_items(changes)
        return dialog

    @api.model
    def _prepare_values(self, plan, since, changes):
        lines = self._sum_changes(plan, since, changes)
        return {
            "plan_id": plan.id,
            "date_from": since,
            "disputed_count": len(plan._find_disputed_since(since)),
            "line_ids": [
                Command.create({"agent_id": agent, "currency_id": currency, **values})
                for (agent, currency), values in lines.items()
            ],
        }

    def _fill_items(self, changes):
        """Add each change, and what is disputed, by one statement per thousand."""
        self.flush_recordset()
        items = self.env["kpi.commission.change.item"]

        def is_moved(change):
            # What was booked in another currency is in the agent's line of that.
            former = change.commission.currency_id
            return former and former != change.currency

        made = {
            "change_id": self.id,
            "create_uid": self.env.uid,
            "create_date": self.env.cr.now(),
        }
        rows = [
            {
                **made,
                "commission_id": change.commission.id or None,
                "agent_id": change.agent.id,
                "currency_id": change.currency.id,
                "before_amount": None if is_moved(change) else change.before,
                "after_amount": change.after,
            }
            for change in changes
        ]
        rows += [
            {
                **made,
                "commission_id": each.id,
                "agent_id": each.agent_id.id,
                "currency_id": each.currency_id.id,
                "before_amount": each.net_amount,
                "after_amount": each.net_amount,
            }
            for each in self.plan_id._find_disputed_since(self.date_from)
        ]
        for part in split_every(ROWS_PER_STATEMENT, rows, tuple):
            columns = {name: [row[name] for row in part] for name in part[0]}
            self.env.cr.execute(insert_sql(items, columns))
        self.invalidate_recordset(["item_ids"])

    @api.model
    def _sum_changes(self, plan, since, changes):
        """Ids of an agent and a currency → counts and amounts of the line."""
        lines = {}

        def line(change, currency):
            key = change.agent.id, currency.id
            return lines.setdefault(key, dict.fromkeys(COUNTS + AMOUNTS, Decimal(0)))

        for change in changes:
            former = change.commission.currency_id or change.currency
            line(change, former)["before_amount"] += change.before
            line(change, change.currency)["after_amount"] += change.after
            line(change, change.currency)["commission_count"] += 1
        corrected = plan._find_corrections(since, changes)
        # Where no plan follows another nothing settled would be corrected.
        pairs = [] if corrected is changes else [(-1, changes), (1, corrected)]
        for sign, some in pairs:
            for change in some:
                former = change.commission.currency_id or change.currency
                line(change, former)["settled_amount"] -= sign * change.before
                line(change, change.currency)["settled_amount"] += sign * change.after
                if change.commission._is_settled():
                    line(change, change.currency)["settled_count"] += sign
        return {
            key: {name: float(number) for name, number in values.items()}
            for key, values in lines.items()
        }

    def action_apply(self):
        """Queue the change as it is shown.

        :raises UserError: something else would be changed by now
        """
        self.ensure_one()
        self.plan_id.check_access("write")
        # As for the preview.
        plan = self.sudo().plan_id
        shown = {
            (line.agent_id.id, line.currency_id.id): {
                name: line[name] for name in COUNTS + AMOUNTS
            }
            for line in self.line_ids
        }
        since = self.date_from or plan.date_from
        if shown != self._sum_changes(plan, since, plan._find_changes(since)):
            raise UserError(
                self.env._("The figures have changed. Review the change again.")
            )
        plans = plan._find_waiting()
        agents = self.line_ids.filtered("corrects_settled").agent_id
        # Jobs are the engine's; who may change the plan was checked above.
        jobs = self.sudo().env["kpi.job"]
        plans.change_job_id = jobs._enqueue_commission_plan(
            plans, self.date_from, agents
        )
        return show_notification(
            self.env._("The commissions are being updated."), next=CLOSE
        )


class KpiCommissionChangeLine(models.TransientModel):
    """Change of one agent's commissions, with and without the settled ones."""

    _name = "kpi.commission.change.line"
    _description = "Commission Plan Change by Agent"
    _order = "id"

    change_id = fields.Many2one(
        "kpi.commission.change", required=True, ondelete="cascade", index=True
    )
    currency_id = fields.Many2one("res.currency", readonly=True)
    agent_id = fields.Many2one("res.users", readonly=True, ondelete="cascade")
    commission_count = fields.Integer("Commissions", readonly=True)
    before_amount = fields.Monetary("Current Amount", readonly=True)
    after_amount = fields.Monetary("New Amount", readonly=True)
    settled_count = fields.Integer("Settled", readonly=True)
    settled_amount = fields.Monetary(
        "Settled Correction",
        readonly=True,
        help="Adjustment booked if you correct settled commissions.",
    )
    corrects_settled = fields.Boolean("Correct Settled")


class KpiCommissionChangeItem(models.TransientModel):
    """Change of one commission, or one in dispute, which is not changed yet."""

    _name = "kpi.commission.change.item"
    _description = "Commission Plan Change by Commission"
    _order = "id"

    change_id = fields.Many2one(
        "kpi.commission.change", required=True, ondelete="cascade", index=True
    )
    commission_id = fields.Many2one(
        "kpi.commission",
        readonly=True,
        ondelete="cascade",
        help="Blank if the change adds a commission.",
    )
    currency_id = fields.Many2one("res.currency", readonly=True)
    agent_id = fields.Many2one("res.users", readonly=True, ondelete="cascade")
    status = fields.Selection(related="commission_id.status")
    before_amount = OptionalMonetary("Current Amount", readonly=True)
    after_amount = OptionalMonetary("New Amount", readonly=True)
