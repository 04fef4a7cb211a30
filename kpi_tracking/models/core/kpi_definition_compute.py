from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from .kpi_source import SOURCE_FIELDS

COMPUTED_FROM = {
    *SOURCE_FIELDS,
    "active",
    "aggregation_time",
    "breakdown_ids",
    "coarsest_grain",
    "computation",
    "currency_id",
    "domain",
    "duration_from_field",
    "duration_to_field",
    "duration_unit",
    "factor_field",
    "formula",
    "frequency",
    "history_start",
    "measure",
    "measure_field",
    "model_id",
    "numerator_domain",
    "operand",
    "percentile",
    "weight_field",
    "working_calendar_id",
}


class KpiDefinition(models.Model):
    """When to compute again, and what stands in the way."""

    _inherit = "kpi.definition"

    computation_error = fields.Char("Cannot Be Computed", readonly=True, copy=False)

    @api.model_create_multi
    def create(self, vals_list):
        self._check_kept_values(set().union(*vals_list))
        definitions = super().create(vals_list)
        definitions._link_sources()
        return definitions

    @api.model
    def _check_kept_values(self, names):
        """Refuse what the engine keeps; Odoo's “readonly” binds the screens only."""
        kept = [name for name in names if self._fields[name].readonly]
        if kept and not self.env.su:
            raise AccessError(
                self.env._("%s: kept by the engine.", ", ".join(sorted(kept)))
            )

    def write(self, vals):
        self._check_kept_values(vals.keys())
        result = super().write(vals)
        if COMPUTED_FROM & vals.keys():
            self._link_sources()
            # A formula of another company may use a shared KPI.
            self.sudo()._formula_users()._mark_all_stale()
        return result

    def unlink(self):
        result = super().unlink()
        # Sources are the engine's own: officers define KPIs, not sources.
        self.env["kpi.source"].sudo()._sync(self.browse())
        return result

    def _link_sources(self):
        """Regroup the KPIs by what they are read from and have them computed soon."""
        # Sources are the engine's own: officers define KPIs, not sources.
        self.env["kpi.source"].sudo()._sync(self.sudo())
        # So are the links between formulas.
        self.sudo()._link_components()
        self.env["kpi.job"]._trigger()

    def _mark_all_stale(self):
        for definition in self:
            definition.stale_from = definition.history_start

    def _set_computation_error(self, error):
        """Say on the KPI and its reports why there are no values; empty clears it."""
        for definition in self:
            if (definition.computation_error or "") == error:
                continue
            definition.computation_error = error
            self.env.cr.execute(
                SQL(
                    "UPDATE kpi_report SET computation_error = NULLIF(%s, '')"
                    " WHERE definition_id = %s",
                    error,
                    definition.id,
                )
            )
            definition.report_ids.invalidate_recordset(["computation_error"])

    def action_recompute(self):
        """Compute these KPIs again from the start of their history."""
        self.check_access("write")
        # Officers may ask for a computation; jobs are the administrators'.
        job = (
            self.env["kpi.job"]
            .sudo()
            ._enqueue(
                self.env._("Recompute %s", ", ".join(self.mapped("name"))[:200]),
                "recompute",
                definitions=self,
            )
        )
        return {
            "type": "ir.actions.act_window",
            "res_model": "kpi.job",
            "res_id": job.id,
            "views": [(False, "form")],
        }

    def _hand_over(self, rows, grain=None):
        """Take facts that another addon has computed.

        :param rows: iterable of (report id, period start, value, weight)
        :param grain: default: the KPI's own frequency
        :return: ``UpsertResult``
        :raises UserError: the KPI is not an external one, or a report is not its own
        """
        self.ensure_one()
        if self.computation != "external":
            raise UserError(
                self.env._("%s does not take values from another app.", self.name)
            )
        rows = list(rows)
        foreign = {row[0] for row in rows} - set(
            self.with_context(active_test=False).report_ids.ids
        )
        if foreign:
            raise UserError(
                self.env._(
                    "%(kpi)s is not tracked by the report %(report)s.",
                    kpi=self.name,
                    report=min(foreign),
                )
            )
        # Facts are the engine's own: addons hand them over, users cannot write them.
        facts = self.env["kpi.measurement"].sudo()
        return facts._upsert(grain or self.frequency, rows, source="external")
