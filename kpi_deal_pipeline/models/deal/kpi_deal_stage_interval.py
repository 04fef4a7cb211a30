from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.kpi_base.fields import OptionalFloat
from odoo.addons.kpi_base.references import StatementMany2one

from .kpi_deal import DEAL_STATUSES
from .kpi_deal_stage import PIPELINE_STAGES


class KpiDealStageInterval(models.Model):
    """A deal as it was from one moment to another: what KPIs of past stocks count.

    Made from the events, and made anew from them at any time. What took effect at
    the same moment counts as one.
    """

    _name = "kpi.deal.stage.interval"
    _description = "Deal History"
    _log_access = False
    _order = "date_from desc, id desc"
    _rec_name = "deal_id"
    _kpi_measurable = True

    deal_id = fields.Many2one(
        "kpi.deal", required=True, readonly=True, ondelete="cascade"
    )
    company_id = StatementMany2one(
        "res.company", required=True, readonly=True, ondelete="restrict", index=True
    )
    team_id = fields.Many2one("crm.team", readonly=True, ondelete="set null")
    agent_id = StatementMany2one(
        "res.users", required=True, readonly=True, ondelete="restrict"
    )
    asset_type = fields.Char(readonly=True)
    deal_type = fields.Char(readonly=True)
    pipeline_stage = fields.Selection(PIPELINE_STAGES, required=True, readonly=True)
    status = fields.Selection(DEAL_STATUSES, required=True, readonly=True)
    date_from = fields.Datetime(required=True, readonly=True)
    date_to = fields.Datetime(readonly=True)
    estimated_value_amount = fields.Monetary(
        "Estimated Value", currency_field="currency_id", readonly=True
    )
    currency_id = StatementMany2one(
        "res.currency", required=True, readonly=True, ondelete="restrict"
    )
    company_amount = OptionalFloat(digits=(32, 8), readonly=True)
    weighted_amount = OptionalFloat(digits=(32, 8), readonly=True)

    _deal_id_date_from_uniq = models.UniqueIndex("(deal_id, date_from)")
    _date_from_idx = models.Index("(date_from, date_to)")

    @api.model
    def _rebuild(self, deals=None):
        """Make the rows of ``deals`` anew, or all; two statements."""
        if deals is not None and not deals:
            return
        deals_model = self.env["kpi.deal"]
        (deals_model if deals is None else deals).flush_model()
        only = SQL("TRUE") if deals is None else SQL("deal_id = ANY(%s)", deals.ids)
        self.env.cr.execute(SQL("DELETE FROM kpi_deal_stage_interval WHERE %s", only))
        # A row for each moment at which anything took effect. LATERAL looks rows up by
        # id, also where statistics say that tables are empty: joins compared all pairs.
        insert = SQL(
            """
            WITH moments AS (
                SELECT deal_id, effective_at, id AS stage_event, NULL AS value_event
                  FROM agent_deal_stage_events
                 WHERE %(only)s
             UNION ALL
                SELECT deal_id, effective_at, NULL, id
                  FROM agent_deal_value_events
                 WHERE %(only)s
            ),
            points AS (
                SELECT deal_id, effective_at,
                       max(stage_event) AS stage_event, max(value_event) AS value_event
                  FROM moments
              GROUP BY deal_id, effective_at
            ),
            numbered AS (
                SELECT points.*,
                       count(stage_event) OVER known AS stage_run,
                       count(value_event) OVER known AS value_run,
                       lead(effective_at) OVER known AS until
                  FROM points
                WINDOW known AS (PARTITION BY deal_id ORDER BY effective_at)
            ),
            carried AS (
                SELECT deal_id, effective_at, until,
                       max(stage_event) OVER (
                           PARTITION BY deal_id, stage_run) AS stage_event,
                       max(value_event) OVER (
                           PARTITION BY deal_id, value_run) AS value_event
                  FROM numbered
            )
            INSERT INTO kpi_deal_stage_interval
                   (deal_id, company_id, team_id, agent_id, asset_type, deal_type,
                    pipeline_stage, status, date_from, date_to, estimated_value_amount,
                    currency_id, company_amount, weighted_amount)
            SELECT deal.id, deal.company_id, deal.team_id, worth.agent_id,
                   deal.asset_type, deal.deal_type, stage.to_stage, worth.status,
                   carried.effective_at, carried.until, worth.estimated_value_amount,
                   worth.currency_id, worth.company_amount, worth.weighted_amount
              FROM carried,
           LATERAL (SELECT * FROM agent_deals WHERE id = deal_id OFFSET 0) AS deal,
           LATERAL (SELECT * FROM agent_deal_stage_events
                     WHERE id = carried.stage_event OFFSET 0) AS stage,
           LATERAL (SELECT * FROM agent_deal_value_events
                     WHERE id = carried.value_event OFFSET 0) AS worth
            """,
            only=only,
        )
        self.env.cr.execute(insert)
        self.invalidate_model()
