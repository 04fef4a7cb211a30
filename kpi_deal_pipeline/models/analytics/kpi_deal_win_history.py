import numpy as np

from odoo import api, models
from odoo.tools import SQL

from ...analytics.observations import Spells
from .clocks import clock_days_sql
from .kpi_deal_win_model import OPEN_STAGES

MOST_DEALS = 20_000  # decided last; more would add little and take memory


class KpiDealWinModel(models.Model):
    """The past of decided deals, as it was at the time."""

    _inherit = "kpi.deal.win.model"

    @api.model
    def _spells(self, company):
        """Times during which decided deals of ``company`` stayed as they were.

        Stages are those in effect at the time. A confidence counts from the day on
        which it was recorded: one that was entered with the outcome predicted nothing.
        """
        self.env["kpi.deal"].flush_model()
        rows = self.env.execute_query(self._spells_sql(company))
        columns = list(zip(*rows, strict=True)) or [()] * len(Spells.__annotations__)
        kinds = (int, int, float, float, float, float, float, float, bool)
        return Spells(
            *(
                np.array(column, dtype=kind)
                for column, kind in zip(columns, kinds, strict=True)
            )
        )

    @api.model
    def _spells_sql(self, company):
        """SELECT of the columns of ``Spells``; days since 1970 by the clocks there."""
        tz = self._get_clocks(company)
        return SQL(
            """
            WITH decided AS (
                SELECT id, opened_at, stage_since, status = 'closed_won' AS is_won
                  FROM agent_deals
                 WHERE company_id = %(company)s
                   AND status IN ('closed_won', 'closed_lost')
              ORDER BY stage_since DESC, id DESC
                 LIMIT %(most)s
            )
            SELECT decided.id,
                   array_position(%(stages)s::varchar[], spell.pipeline_stage) - 1,
                   %(date_from)s,
                   %(date_to)s,
                   NULLIF(worth.confidence, 0)::float8,
                   %(recorded_at)s,
                   %(opened_at)s,
                   %(decided_at)s,
                   decided.is_won
              FROM decided
              JOIN kpi_deal_stage_interval AS spell ON spell.deal_id = decided.id
         LEFT JOIN LATERAL (
                SELECT confidence, recorded_at
                  FROM agent_deal_value_events
                 WHERE deal_id = decided.id
                   AND effective_at <= spell.date_from
              ORDER BY effective_at DESC, id DESC
                 LIMIT 1
              ) AS worth ON TRUE
             WHERE spell.status = 'open'
               AND spell.pipeline_stage = ANY(%(stages)s)
               AND spell.date_to <= decided.stage_since
          ORDER BY decided.id, spell.date_from
            """,
            company=company.id,
            most=MOST_DEALS,
            stages=list(OPEN_STAGES),
            date_from=clock_days_sql(SQL("spell.date_from"), tz),
            date_to=clock_days_sql(SQL("spell.date_to"), tz),
            recorded_at=clock_days_sql(SQL("worth.recorded_at"), tz),
            opened_at=clock_days_sql(SQL("decided.opened_at"), tz),
            decided_at=clock_days_sql(SQL("decided.stage_since"), tz),
        )

    @api.model
    def _get_clocks(self, company):
        """Time zone by whose clocks days of the company's deals are counted."""
        return self.env["kpi.agent.performance"]._zone(company).zone
