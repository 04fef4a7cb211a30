import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from odoo.addons.kpi_base.failure import failure_text
from odoo.addons.kpi_base.repeat import repeat_late

_logger = logging.getLogger(__name__)


class KpiJob(models.Model):
    """Asking warehouses; what came is computed by a job of its own after it."""

    _inherit = "kpi.job"

    kind = fields.Selection(
        selection_add=[("warehouse", "Warehouse Reading")],
        ondelete={"warehouse": "cascade"},
    )
    warehouse_dataset_ids = fields.Many2many(
        "kpi.warehouse.dataset", string="Datasets", exportable=False
    )

    @api.model
    def _get_lane_domain(self, lane):
        mine = Domain("kind", "=", "warehouse")
        return mine if lane == "warehouse" else super()._get_lane_domain(lane) & ~mine

    @api.model
    def _trigger(self, delay=timedelta()):
        result = super()._trigger(delay)
        # Crons are the administrators'; waking this one only makes it look earlier.
        cron = self.env.ref("kpi_tracking_warehouse.kpi_warehouse_job_cron").sudo()
        cron._trigger(fields.Datetime.now() + delay)
        return result

    @api.model
    def _enqueue_warehouse(self, datasets=None):
        """Queue the reading of ``datasets``, of all where there are none."""
        ids = datasets.ids if datasets else []
        name = self.env._("Warehouse reading")
        return self._enqueue(name, "warehouse", warehouse_dataset_ids=ids)

    @api.model
    def _cron_read_warehouses(self):
        """Each hour: read what changed; all of it once a day."""
        repeat_late(self.env, self._enqueue_warehouse)

    def _run_warehouse(self):
        """Read dataset by dataset; one that fails holds up none."""
        datasets = self.warehouse_dataset_ids.filtered("active")
        if not datasets:
            every = Domain("warehouse_id.active", "=", True)
            datasets = self.env["kpi.warehouse.dataset"].search(every, order="id")
        left = datasets.sorted("id")[self.step_done_count :]
        done = self._run_steps(self._read_dataset, [(dataset,) for dataset in left])
        if self.state == "done" and (failed := datasets.filtered("last_error")):
            errors = (f"{each.name}: {each.last_error}" for each in failed)
            self._finish("failed", error="\n".join(errors))
        return done

    def _read_dataset(self, dataset):
        """Read one dataset, and have its KPIs computed where anything came."""
        try:
            totals = dataset._read_all(self._commit)
        except Exception as error:
            self.env.cr.rollback()
            if not isinstance(error, UserError):
                _logger.exception("Reading %s failed", dataset.code)
            dataset.last_error = failure_text(self.env, error)
            return
        self.written_count += totals["changed"]
        if totals["asked"]:
            kpis = dataset.measure_ids._find_kpis()
            self._enqueue_computation(dataset.name, "change", kpis)
