from dateutil.relativedelta import relativedelta

from odoo import fields, models

MONTHS_AT_ONCE = 12


class KpiReport(models.Model):
    """Newly tracked KPIs: a first year of values at once, shown as it comes."""

    _inherit = "kpi.report"

    def _open_once_computed(self, new):
        """Action that opens these KPIs, after those among ``new`` are computed.

        The last twelve months come at once, what lies before with the next refresh.
        """
        computed = new.definition_id.filtered(
            lambda kpi: (
                kpi.computation in ("records", "formula")
                or kpi._get_external_source() is not None
            )
        )
        if not computed:
            return self._get_open_action()
        today = fields.Date.context_today(self)
        # Officers ask for jobs; rows of the job log are written by the engine only.
        job = (
            self.env["kpi.job"]
            .sudo()
            ._enqueue_computation(
                self.env._("First values of %s", ", ".join(computed.mapped("name")))[
                    :200
                ],
                "recompute",
                definitions=computed,
                first=today.replace(day=1) - relativedelta(months=MONTHS_AT_ONCE),
            )
        )
        return {
            "type": "ir.actions.client",
            "tag": "kpi_base.job_progress",
            "target": "new",
            "name": self.env._("Computing the last twelve months"),
            "params": {"job_id": job.id, "next": self._get_open_action()},
        }
