from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from .kpi_calendar import GRAINS
from .kpi_measurement import SOURCES


class KpiMeasurementRevision(models.Model):
    """Value that a fact had before: what was shown can be shown again.

    Append-only: triggers refuse every change, whoever asks.
    """

    _name = "kpi.measurement.revision"
    _description = "Earlier KPI Value"
    _order = "id desc"
    _rec_name = "period_start"
    _log_access = False

    report_id = fields.Many2one(
        "kpi.report", "KPI", required=True, readonly=True, ondelete="restrict"
    )
    grain = fields.Selection(GRAINS, required=True, readonly=True)
    period_start = fields.Date("Period", required=True, readonly=True)
    old_value = fields.Float(readonly=True, aggregator=False)
    new_value = fields.Float(
        readonly=True, aggregator=False, help="Without value where it was removed."
    )
    is_removal = fields.Boolean(compute="_compute_is_removal")
    old_source = fields.Selection(SOURCES, readonly=True)
    new_source = fields.Selection(SOURCES, readonly=True)
    old_recorded_by_id = fields.Many2one(
        "res.users", "Entered By", readonly=True, ondelete="restrict"
    )
    recorded_at = fields.Datetime("Known Since", readonly=True)
    replaced_at = fields.Datetime("Replaced On", readonly=True)
    replaced_by_id = fields.Many2one("res.users", readonly=True, ondelete="restrict")
    reason = fields.Char(readonly=True)

    _report_period_idx = models.Index("(report_id, grain, period_start)")

    def init(self):
        self.env.cr.execute(
            """
            CREATE OR REPLACE FUNCTION kpi_refuse_change() RETURNS trigger AS $$
            BEGIN
                RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP
                      USING ERRCODE = 'integrity_constraint_violation';
            END
            $$ LANGUAGE plpgsql;
            CREATE OR REPLACE TRIGGER kpi_append_only
            BEFORE UPDATE OR DELETE ON kpi_measurement_revision
            FOR EACH ROW EXECUTE FUNCTION kpi_refuse_change();
            CREATE OR REPLACE TRIGGER kpi_append_only_truncate
            BEFORE TRUNCATE ON kpi_measurement_revision
            FOR EACH STATEMENT EXECUTE FUNCTION kpi_refuse_change();
            ALTER TABLE kpi_measurement_revision ENABLE ALWAYS TRIGGER kpi_append_only;
            ALTER TABLE kpi_measurement_revision
                  ENABLE ALWAYS TRIGGER kpi_append_only_truncate;
            """
        )

    def _compute_is_removal(self):
        rows = self.env.execute_query(
            SQL(
                "SELECT id FROM kpi_measurement_revision"
                " WHERE id = ANY(%s) AND new_value IS NULL",
                self.ids,
            )
        )
        removed = {row_id for (row_id,) in rows}
        for revision in self:
            revision.is_removal = revision.id in removed

    # Both refuse whoever asks: there is nothing to hand on to.
    # pylint: disable=method-required-super,useless-suppression

    @api.model_create_multi
    def create(self, vals_list):
        raise UserError(self.env._("Earlier values are kept by the engine."))

    def write(self, vals):
        raise UserError(self.env._("Earlier values cannot be changed."))

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("Earlier values cannot be removed."))
