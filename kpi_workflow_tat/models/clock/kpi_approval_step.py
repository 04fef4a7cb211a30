from odoo import api, models

from .work_time_refusal import refuse_unknown_times


class KpiApprovalStep(models.Model):
    """Steps of requests, each with the clock of its person."""

    _inherit = "kpi.approval.step"

    @api.model_create_multi
    def create(self, vals_list):
        steps = super().create(vals_list)
        steps._run_clocks()
        return steps

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & {"state", "user_id"}:
            self._run_clocks()
        return result

    def _run_clocks(self):
        of_requests = self.filtered(lambda step: step.res_model == "kpi.tat.request")
        if of_requests:
            # Clocks belong to approvals; nobody starts or stops one by hand.
            steps = of_requests.sudo()
            with refuse_unknown_times():
                steps.env["kpi.tat.level"]._follow(steps)
