from odoo import api, models
from odoo.tools import SQL

from odoo.addons.kpi_base.audit import moment_text_sql

MOVED, VALUED = "deal_stage_transition", "deal_value_change"


class KpiDeal(models.Model):
    """A deal is where its last move brought it, and worth what the log says last.

    The day of closing is that of the last move in the time zone of who made it, so it
    may differ by one from that in UTC.
    """

    _name = _audited_model = "kpi.deal"
    _inherit = ["kpi.deal", "kpi.audited.row.mixin"]

    @api.model
    def _find_audited_faults(self, only):
        """Compare deals with their events, which are compared with the log, and then
        those that differ with the log itself.

        Nothing is parsed or sorted while all is well.
        """
        differing = self.env.execute_query(self._differing_sql(only))
        deal_ids = [deal_id for (deal_id,) in differing]
        if not deal_ids:
            return []
        return super()._find_audited_faults(
            lambda column: SQL("%s = ANY(%s)", column, deal_ids)
        )

    @api.model
    def _differing_sql(self, only):
        """SELECT of the deals that are not as their last events say."""

        def last_sql(table):
            return SQL(
                "SELECT max(id) FROM %s WHERE %s GROUP BY deal_id",
                SQL.identifier(table),
                only(SQL("deal_id")),
            )

        return SQL(
            """
            SELECT deal.id
              FROM agent_deals AS deal
         LEFT JOIN (SELECT * FROM agent_deal_stage_events
                     WHERE id IN (%(last_move)s)) AS move ON move.deal_id = deal.id
         LEFT JOIN (SELECT * FROM agent_deal_value_events
                     WHERE id IN (%(last_value)s)) AS value ON value.deal_id = deal.id
             WHERE %(only)s
               AND ((deal.pipeline_stage, deal.stage_since, deal.agent_id,
                     deal.asset_type, deal.company_amount, deal.confidence,
                     deal.currency_id, deal.estimated_value_amount,
                     deal.expected_close_date, deal.status)
                    IS DISTINCT FROM
                    (move.to_stage, move.effective_at, value.agent_id,
                     value.asset_type, value.company_amount, value.confidence,
                     value.currency_id, value.estimated_value_amount,
                     value.expected_close_date, value.status)
                    OR deal.status = 'open'
                       AND deal.weighted_amount IS DISTINCT FROM value.weighted_amount
                    OR (%(sound)s) IS NOT TRUE)
            """,
            last_move=last_sql("agent_deal_stage_events"),
            last_value=last_sql("agent_deal_value_events"),
            only=only(SQL("deal.id")),
            sound=_is_sound_sql(),
        )

    @api.model
    def _audited_key_sql(self):
        return SQL("concat(log.res_id, ' ', log.event_type)")

    @api.model
    def _audited_entries_sql(self, only):
        """The last move of each deal, and what it was worth last."""
        return SQL(
            """
            SELECT DISTINCT ON (res_id, event_type) *
              FROM audit_logs
             WHERE model = 'kpi.deal' AND event_type IN (%s, %s) AND %s
          ORDER BY res_id, event_type, seq DESC
            """,
            MOVED,
            VALUED,
            only(SQL("res_id")),
        )

    @api.model
    def _audited_rows_sql(self, only):
        moved = {
            "effective_at": moment_text_sql(SQL("deal.stage_since")),
            "to_stage": SQL("deal.pipeline_stage"),
        }
        valued = {
            "agent_id": SQL("deal.agent_id"),
            "company_amount": SQL("deal.company_amount::numeric(32, 8)::text"),
            "confidence": SQL("coalesce(deal.confidence, 0)::numeric(4, 2)::text"),
            "currency_id": SQL("currency.name"),
            "expected_close_date": SQL("deal.expected_close_date::text"),
            "status": SQL("deal.status"),
        }
        return SQL(" UNION ALL ").join(
            SQL(
                """
                SELECT deal.id, deal.id AS res_id, concat(deal.id, ' ', %(event)s)
                       AS log_id, deal.asset_type, deal.weighted_amount,
                       deal.status, deal.estimated_value_amount, %(sound)s AS is_sound,
                       %(stated)s AS stated
                  FROM agent_deals AS deal
             LEFT JOIN res_currency AS currency ON currency.id = deal.currency_id
                 WHERE %(only)s
                """,
                event=event,
                sound=sound,
                stated=self._canonical_array_sql(members),
                only=only(SQL("deal.id")),
            )
            for event, members, sound in (
                (MOVED, moved, _is_sound_sql()),
                (VALUED, valued, SQL("TRUE")),
            )
        )

    @api.model
    def _audited_match_sql(self):
        """Compare amounts as numbers: the deal may have other decimals."""
        return SQL(
            """
            stated.is_sound AND %(stated)s
            AND (log.event_type <> %(valued)s
                 OR stated.estimated_value_amount IS NOT DISTINCT FROM substring(
                        log.text FROM '"estimated_value_amount":"([0-9.]+)"')::numeric
                    AND stated.asset_type IS NOT DISTINCT FROM substring(
                        log.text FROM '"asset_type":"([^"]+)"')
                    AND (stated.status <> 'open'
                         OR stated.weighted_amount IS NOT DISTINCT FROM substring(
                        log.text FROM '"weighted_amount":"([0-9.]+)"')::numeric))
            """,
            stated=self._audited_contains_sql(),
            valued=VALUED,
        )


def _is_sound_sql():
    """SQL of whether the columns of ``deal`` fit each other."""
    return SQL(
        """
        (deal.status = 'open' OR deal.weighted_amount = 0)
        AND CASE WHEN deal.pipeline_stage IN ('closed_won', 'closed_lost')
                 THEN abs(deal.actual_close_date - deal.stage_since::date) <= 1
                 ELSE deal.actual_close_date IS NULL END
        """
    )
