from dataclasses import dataclass
from datetime import date, datetime, timedelta

from odoo import api, models
from odoo.tools import SQL

YEAR = 365  # days that yearly figures look back
SETTLED = ("confirmed", "invoiced", "paid")


@dataclass(frozen=True)
class Moment:
    """A day of companies in one time zone, and until when events are known.

    :param day_end_at: when the day ends, in UTC
    :param known_at: what was recorded before, in UTC
    """

    company_ids: tuple[int, ...]
    day: date
    day_end_at: datetime
    known_at: datetime


class KpiAgentPerformance(models.Model):
    """The numbers of all agents on a day, as one SELECT over the events."""

    _inherit = "kpi.agent.performance"

    @api.model
    def _performance_sql(self, moment):
        """SELECT of the columns of a row for each agent of some companies.

        :param moment: a ``Moment``
        """
        return SQL(
            """
            WITH companies AS MATERIALIZED (
                SELECT company.id AS company_id, company.currency_id,
                       currency.decimal_places AS digits
                  FROM res_company AS company
                  JOIN res_currency AS currency ON currency.id = company.currency_id
                 WHERE company.id = ANY(%(companies)s)
            ),
            deals AS MATERIALIZED (%(deals)s),
            commissions AS (%(commissions)s),
            pipeline AS (%(pipeline)s),
            by_asset_type AS MATERIALIZED (%(by_asset_type)s),
            by_stage AS MATERIALIZED (%(by_stage)s),
            earned AS (%(earned)s)
            %(rows)s
            """,
            companies=list(moment.company_ids),
            deals=self._deal_states_sql(moment),
            commissions=self._commission_states_sql(moment),
            pipeline=self._pipeline_totals_sql(moment),
            by_asset_type=self._asset_type_totals_sql(),
            by_stage=self._stage_totals_sql(moment),
            earned=self._earnings_totals_sql(),
            rows=self._performance_rows_sql(moment),
        )

    @api.model
    def _deal_states_sql(self, moment):
        """Each deal as it stood: its last event, since when and with whom it had that
        status.

        Most deals are closed by their last event. Those with several events of being
        closed are looked at event by event. Cycles are counted by the clocks of the
        company: a day with 23 or 25 hours is one.
        """
        # Counted for companies that others may not read, too.
        companies = self.env["res.company"].sudo().browse(moment.company_ids)
        return SQL(
            """
            SELECT last.deal_id, deal.company_id, deal.opened_at, last.status,
                   last.agent_id, last.asset_type, last.company_amount,
                   last.weighted_amount,
                   coalesce(closing.agent_id, last.agent_id) AS closer_id,
                   coalesce(closing.effective_at, last.effective_at) AS since,
                   %(closed_at)s - %(opened_at)s AS cycle
              FROM (
                SELECT DISTINCT ON (deal_id)
                       deal_id, status, agent_id, asset_type, company_amount,
                       weighted_amount, effective_at
                  FROM agent_deal_value_events
                 WHERE %(known)s
              ORDER BY deal_id, effective_at DESC, id DESC
              ) AS last
         LEFT JOIN (%(closings)s) AS closing ON closing.deal_id = last.deal_id
              JOIN (SELECT id, company_id, opened_at FROM agent_deals) AS deal
                ON deal.id = last.deal_id
              JOIN unnest(%(companies)s::integer[], %(zones)s::varchar[])
                   AS zone (company_id, name) ON zone.company_id = deal.company_id
            """,
            known=self._is_known_sql(moment),
            closings=self._deal_closings_sql(moment),
            closed_at=_local_sql(
                SQL("coalesce(closing.effective_at, last.effective_at)")
            ),
            opened_at=_local_sql(SQL("deal.opened_at")),
            companies=list(moment.company_ids),
            zones=[self._zone(company).zone for company in companies],
        )

    @api.model
    def _is_known_sql(self, moment):
        return SQL(
            "effective_at < %s AND recorded_at < %s",
            moment.day_end_at,
            moment.known_at,
        )

    @api.model
    def _deal_closings_sql(self, moment):
        """Of deals with several events of being closed, that of the last change of
        their status. Of events at one moment the last one counts."""
        return SQL(
            """
            SELECT DISTINCT ON (deal_id) deal_id, agent_id, effective_at
              FROM (
                SELECT deal_id, id, agent_id, effective_at,
                       status IS DISTINCT FROM lag(status) OVER (
                           PARTITION BY deal_id ORDER BY effective_at, id) AS is_change
                  FROM (
                    SELECT DISTINCT ON (deal_id, effective_at)
                           deal_id, id, agent_id, effective_at, status
                      FROM agent_deal_value_events
                     WHERE %(known)s
                  ORDER BY deal_id, effective_at, id DESC
                  ) AS moments
                 WHERE deal_id IN (
                        SELECT deal_id
                          FROM agent_deal_value_events
                         WHERE status IN ('closed_won', 'closed_lost')
                           AND %(known)s
                      GROUP BY deal_id
                        HAVING count(*) > 1)
              ) AS changes
             WHERE is_change
          ORDER BY deal_id, effective_at DESC, id DESC
            """,
            known=self._is_known_sql(moment),
        )

    @api.model
    def _commission_states_sql(self, moment):
        """Each commission as it stood, with what was booked beside it by then."""
        return SQL(
            """
            SELECT state.company_id, state.agent_id, state.status,
                   coalesce(state.worth, 0) + sums.adjusted AS worth,
                   sums.unpriced + (state.amount IS NOT NULL
                                    AND state.worth IS NULL)::integer AS unpriced,
                   CASE WHEN state.status = 'paid'
                        THEN extract(epoch FROM sums.paid_at - sums.confirmed_at)
                    END AS payout_seconds
              FROM (
                SELECT DISTINCT ON (commission_id) *
                  FROM (%(known)s) AS known
                 WHERE kind = 'state'
              ORDER BY commission_id, recorded_at DESC, id DESC
              ) AS state
              JOIN (
                SELECT commission_id,
                       coalesce(sum(worth) FILTER (WHERE kind = 'adjustment'), 0)
                       AS adjusted,
                       count(*) FILTER (WHERE kind = 'adjustment' AND worth IS NULL)
                       AS unpriced,
                       min(recorded_at) FILTER (
                           WHERE kind = 'state' AND status = 'confirmed')
                       AS confirmed_at,
                       min(recorded_at) FILTER (
                           WHERE kind = 'state' AND status = 'paid') AS paid_at
                  FROM (%(known)s) AS known
              GROUP BY commission_id
              ) AS sums USING (commission_id)
            """,
            known=SQL(
                """
                SELECT event.*,
                       coalesce(event.company_amount, late.company_amount) AS worth
                  FROM agent_commission_events AS event
             LEFT JOIN agent_commission_events AS late
                    ON late.priced_id = event.id
                   AND late.recorded_at < %(known)s
                 WHERE event.kind <> 'late_rate'
                   AND event.recorded_at < %(known)s
                   AND event.company_id = ANY(%(companies)s)
                """,
                known=min(moment.known_at, moment.day_end_at),
                companies=list(moment.company_ids),
            ),
        )

    @api.model
    def _pipeline_totals_sql(self, moment):
        """Sum open deals by their agent, closed ones by who closed them."""
        return SQL(
            """
            SELECT company_id, agent_id,
                   count(*) FILTER (WHERE status = 'open') AS open_count,
                   sum(company_amount) FILTER (WHERE status = 'open') AS gross,
                   sum(weighted_amount) FILTER (WHERE status = 'open') AS weighted,
                   count(*) FILTER (
                       WHERE status IN ('open', 'closed_won')
                         AND company_amount IS NULL) AS unpriced,
                   count(*) FILTER (WHERE status = 'closed_won') AS won_count,
                   count(*) FILTER (WHERE status = 'closed_lost') AS lost_count,
                   sum(company_amount) FILTER (WHERE status = 'closed_won')
                   AS won_value,
                   avg(extract(epoch FROM cycle)) FILTER (
                       WHERE status = 'closed_won') AS cycle,
                   count(*) FILTER (
                       WHERE status = 'closed_won' AND is_recent) AS recent_won_count,
                   count(*) FILTER (
                       WHERE status = 'closed_lost' AND is_recent)
                   AS recent_lost_count,
                   sum(company_amount) FILTER (
                       WHERE status = 'closed_won' AND is_recent) AS recent_won_value,
                   avg(extract(epoch FROM cycle)) FILTER (
                       WHERE status = 'closed_won' AND is_recent) AS recent_cycle
              FROM (
                SELECT company_id, status, company_amount, weighted_amount,
                       CASE WHEN status IN ('closed_won', 'closed_lost')
                            THEN closer_id ELSE agent_id END AS agent_id,
                       cycle, since >= %(year_from)s AS is_recent
                  FROM deals
              ) AS counted
          GROUP BY company_id, agent_id
            """,
            year_from=moment.day_end_at - timedelta(days=YEAR),
        )

    @api.model
    def _asset_type_totals_sql(self):
        return SQL(
            """
            SELECT company_id, agent_id,
                   jsonb_object_agg(asset_type, jsonb_build_object(
                       'deals_closed_won', won,
                       'deals_closed_lost', lost,
                       'conversion_rate', round(won::numeric / (won + lost), 4),
                       'won_value_amount', round(won_value, digits)::text)) AS types
              FROM (
                SELECT company_id, closer_id AS agent_id,
                       coalesce(asset_type, 'none') AS asset_type,
                       count(*) FILTER (WHERE status = 'closed_won') AS won,
                       count(*) FILTER (WHERE status = 'closed_lost') AS lost,
                       coalesce(sum(company_amount) FILTER (
                           WHERE status = 'closed_won'), 0) AS won_value
                  FROM deals
                 WHERE status IN ('closed_won', 'closed_lost')
              GROUP BY company_id, closer_id, asset_type
              ) AS closed
              JOIN companies USING (company_id)
          GROUP BY company_id, agent_id
            """
        )

    @api.model
    def _stage_totals_sql(self, moment):
        """Open deals of each agent by the stage they were in."""
        return SQL(
            """
            SELECT company_id, agent_id,
                   jsonb_object_agg(to_stage, jsonb_build_object(
                       'deals', deal_count,
                       'value_amount', round(value, digits)::text)) AS stages
              FROM (
                SELECT company_id, agent_id, to_stage, count(*) AS deal_count,
                       coalesce(sum(company_amount), 0) AS value
                  FROM (
                    SELECT DISTINCT ON (event.deal_id)
                           deals.company_id, deals.agent_id, deals.company_amount,
                           event.to_stage
                      FROM deals
                      JOIN agent_deal_stage_events AS event
                        ON event.deal_id = deals.deal_id
                       AND event.effective_at < %(end)s
                       AND event.recorded_at < %(known)s
                     WHERE deals.status = 'open'
                  ORDER BY event.deal_id, event.effective_at DESC, event.id DESC
                  ) AS standing
              GROUP BY company_id, agent_id, to_stage
              ) AS staged
              JOIN companies USING (company_id)
          GROUP BY company_id, agent_id
            """,
            end=moment.day_end_at,
            known=moment.known_at,
        )

    @api.model
    def _earnings_totals_sql(self):
        return SQL(
            """
            SELECT company_id, agent_id,
                   sum(worth) FILTER (WHERE status IN %(settled)s) AS confirmed,
                   sum(worth) FILTER (WHERE status = 'disputed') AS disputed,
                   sum(unpriced) FILTER (
                       WHERE status IN %(settled)s OR status = 'disputed') AS unpriced,
                   count(payout_seconds) AS paid_count,
                   avg(payout_seconds) AS payout
              FROM commissions
          GROUP BY company_id, agent_id
            """,
            settled=SETTLED,
        )

    @api.model
    def _performance_rows_sql(self, moment):
        return SQL(
            """
            SELECT agent_id, company_id, currency_id, %(day)s::date AS as_of_date,
                   %(end)s::timestamp AS day_end_at, %(known)s::timestamp AS known_at,
                   coalesce(open_count, 0) AS deals_open,
                   coalesce(won_count, 0) AS deals_closed_won,
                   round(coalesce(gross, 0), digits) AS gross_pipeline_value,
                   round(coalesce(weighted, 0), digits) AS weighted_pipeline_value,
                   round(cycle / 86400, 2) AS avg_cycle_days,
                   round(won_count::numeric / nullif(won_count + lost_count, 0), 4)
                   AS conversion_rate,
                   round(coalesce(confirmed, 0), digits) AS confirmed_commission_amount,
                   round(coalesce(disputed, 0), digits) AS disputed_commission_amount,
                   %(roi)s AS roi_metrics,
                   %(context)s AS snapshot_context
              FROM pipeline
         FULL JOIN earned USING (company_id, agent_id)
         LEFT JOIN by_asset_type USING (company_id, agent_id)
         LEFT JOIN by_stage USING (company_id, agent_id)
              JOIN companies USING (company_id)
            """,
            day=moment.day,
            end=moment.day_end_at,
            known=moment.known_at,
            roi=SQL(
                """
                jsonb_build_object(
                    'won_value_amount', round(coalesce(won_value, 0), digits)::text,
                    'won_value_per_commission',
                        round(won_value / nullif(confirmed, 0), 4),
                    'commission_rate', round(confirmed / nullif(won_value, 0), 4),
                    'conversion_by_asset_type', coalesce(types, '{}'),
                    'last_365_days', jsonb_build_object(
                        'deals_closed_won', coalesce(recent_won_count, 0),
                        'deals_closed_lost', coalesce(recent_lost_count, 0),
                        'conversion_rate', round(
                            recent_won_count::numeric
                            / nullif(recent_won_count + recent_lost_count, 0), 4),
                        'avg_cycle_days', round(recent_cycle / 86400, 2),
                        'won_value_amount',
                            round(coalesce(recent_won_value, 0), digits)::text))
                """
            ),
            context=SQL(
                """
                jsonb_build_object(
                    'deals_closed_lost', coalesce(lost_count, 0),
                    'payout_velocity_days', round(payout / 86400, 2),
                    'commissions_paid', coalesce(paid_count, 0),
                    'commission_per_won_deal',
                        round(confirmed / nullif(won_count, 0), digits)::text,
                    'pipeline_coverage',
                        round(gross / nullif(recent_won_value, 0), 4),
                    'pipeline_coverage_basis', 'won_last_365_days',
                    'open_by_stage', coalesce(stages, '{}'),
                    'unpriced_deals', coalesce(pipeline.unpriced, 0),
                    'unpriced_commissions', coalesce(earned.unpriced, 0))
                """
            ),
        )


def _local_sql(moment):
    """SQL of a moment in UTC by the clocks of the company's ``zone``."""
    return SQL("(%s AT TIME ZONE 'UTC' AT TIME ZONE zone.name)", moment)
