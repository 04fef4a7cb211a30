from odoo import api, fields, models

from odoo.addons.kpi_base.fields import OptionalMonetary


class KpiInitiative(models.Model):
    """What an initiative costs, and what its programme does."""

    _inherit = "kpi.initiative"

    cost_ids = fields.One2many(
        "kpi.initiative.cost", "initiative_id", "Costs", copy=True
    )
    planned_cost = OptionalMonetary(compute="_compute_planned_cost", store=True)
    forecast_cost = OptionalMonetary(compute="_compute_planned_cost", store=True)
    entered_cost = OptionalMonetary(
        "Actual Cost, Entered", compute="_compute_planned_cost", store=True
    )
    actual_cost = OptionalMonetary(
        compute="_compute_actual_cost",
        compute_sudo=True,
        exportable=False,
        help="From the analytic account of the project where it has entries, else as "
        "entered or imported.",
    )
    is_actual_cost_booked = fields.Boolean(
        compute="_compute_actual_cost",
        compute_sudo=True,
        exportable=False,
        help="The actual cost comes from the project's analytic account.",
    )
    program_planned_cost = OptionalMonetary(
        "Programme, Planned Cost", compute="_compute_program_cost", exportable=False
    )
    program_forecast_cost = OptionalMonetary(
        "Programme, Forecast Cost", compute="_compute_program_cost", exportable=False
    )
    program_actual_cost = OptionalMonetary(
        "Programme, Actual Cost", compute="_compute_program_cost", exportable=False
    )
    is_program_cost_partial = fields.Boolean(
        compute="_compute_program_cost",
        exportable=False,
        help="The programme has initiatives that you may not see.",
    )
    project_status = fields.Selection(
        related="project_id.last_update_status", exportable=False
    )
    project_progress = fields.Integer(
        "Progress (%)",
        compute="_compute_project_progress",
        compute_sudo=True,
        exportable=False,
        help="As entered in the last update of the project.",
    )

    @api.depends("cost_ids.planned", "cost_ids.forecast", "cost_ids.actual")
    def _compute_planned_cost(self):
        for initiative in self:
            costs = initiative.cost_ids
            initiative.planned_cost = add_known(costs, "planned")
            initiative.forecast_cost = add_known(costs, "forecast")
            initiative.entered_cost = add_known(costs, "actual")

    @api.depends("entered_cost", "company_id", "project_id.account_id.line_ids.amount")
    def _compute_actual_cost(self):
        booked = self._read_booked_amounts()
        for initiative in self:
            account = initiative.project_id.account_id
            amount = booked.get((account, initiative.company_id))
            initiative.is_actual_cost_booked = amount is not None
            # Costs are below 0 in analytic accounts.
            initiative.actual_cost = (
                initiative.entered_cost if amount is None else -amount
            )

    def _read_booked_amounts(self):
        """(account, company) → what is booked there, without invoices to customers.

        Amounts of other companies are in other currencies, and not its cost.
        """
        rows = self.env["account.analytic.line"]._read_group(
            [
                ("account_id", "in", self.project_id.account_id.ids),
                ("company_id", "in", self.company_id.ids),
                ("category", "!=", "invoice"),
            ],
            ["account_id", "company_id"],
            ["amount:sum"],
        )
        return {(account, company): amount for account, company, amount in rows}

    @api.depends_context("uid", "allowed_company_ids")
    @api.depends("planned_cost", "forecast_cost", "actual_cost", "child_ids")
    def _compute_program_cost(self):
        # Only that there are others is said, nothing of them.
        everything = self.sudo()._group_tree()
        for initiative, own in self._group_tree().items():
            hidden = everything[initiative].with_env(self.env) - own
            initiative.is_program_cost_partial = bool(hidden)
            initiative.program_planned_cost = add_known(own, "planned_cost")
            initiative.program_forecast_cost = add_known(own, "forecast_cost")
            initiative.program_actual_cost = add_known(own, "actual_cost")

    @api.depends("project_id.last_update_id.progress")
    def _compute_project_progress(self):
        for initiative in self:
            initiative.project_progress = initiative.project_id.last_update_id.progress


def add_known(records, name):
    """Sum of the amounts that were entered; False where none was, as 0 is an amount."""
    amounts = [one[name] for one in records if one[name] is not False]
    return sum(amounts) if amounts else False
