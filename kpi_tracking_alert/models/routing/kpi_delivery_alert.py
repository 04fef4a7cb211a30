from odoo import models
from odoo.tools import SQL

NOTICE = "kpi.alert.notice"


class KpiDelivery(models.Model):
    """Who does not get a message of alerts has not been told of them."""

    _inherit = "kpi.delivery"

    def _mark(self, state, reason=None, due_at=None, asked_seconds=None):
        result = super()._mark(state, reason, due_at, asked_seconds)
        is_sent_again = state == "sent" and self.attempt_count > 1
        if self.renderer == NOTICE and (state == "skipped" or is_sent_again):
            self._correct_notices(state)
        return result

    def _correct_notices(self, outcome):
        """Note that the receiver was told after all, or that no channel reaches them.

        Each line says which notices it stands for.
        """
        self.env[NOTICE].flush_model()
        self.env.cr.execute(
            SQL(
                """
                UPDATE kpi_alert_notice AS notice
                   SET state = %(state)s
                  FROM kpi_delivery_line AS line
                  JOIN kpi_delivery AS delivery ON delivery.id = line.delivery_id
                 WHERE delivery.id = %(id)s
                   AND delivery.state = %(outcome)s
                   AND line.data->'notices' @> to_jsonb(notice.id)
                   AND notice.event_id = line.res_id
                   AND notice.told_at IS NOT NULL
                   AND (%(outcome)s = 'sent' OR NOT EXISTS (
                        SELECT
                          FROM kpi_delivery AS other
                          JOIN kpi_delivery_line AS same ON same.delivery_id = other.id
                         WHERE other.user_id = notice.user_id
                           AND other.state <> 'skipped'
                           AND other.id <> %(id)s
                           AND same.res_id = notice.event_id
                           AND same.data->'notices' @> to_jsonb(notice.id)))
                """,
                state="told" if outcome == "sent" else "dropped",
                outcome=outcome,
                id=self.id,
            )
        )
        self.env[NOTICE].invalidate_model(["state"])
