import json

from odoo import api, models
from odoo.tools import SQL


class KpiTatAlert(models.Model):
    """Reminders sent before: nobody is reminded twice of one threshold of a clock.

    A clock that begins anew, as of who is asked again after the time of others ran out,
    is reminded of anew: what its former reminders said stands in the new ones.
    """

    _inherit = "kpi.tat.alert"

    @api.model
    def _replace_former(self, found):
        """Leave out what was announced, and make room for what begins anew.

        The clocks are locked by whoever announces them.

        :param found: list of ``Announcement``
        :return: pair of those to announce, and (id of the clock, percent) → JSON text
            with the former reminders that were deleted for them
        """
        self.flush_model()
        self.env["kpi.tat.level"].flush_model(["level_start_time"])
        rows = self.env.execute_query(
            SQL(
                """
                WITH sent AS (
                    SELECT alert.id, alert.level_id, alert.threshold_percentage,
                           alert.level_start_time < level.level_start_time AS is_former
                      FROM unnest(%s::int[], %s::int[]) AS found (level_id, percent)
                      JOIN tat_alerts AS alert
                        ON alert.level_id = found.level_id
                       AND alert.threshold_percentage = found.percent
                      JOIN approval_levels AS level ON level.id = alert.level_id
                ), former AS (
                    DELETE FROM tat_alerts AS alert
                          USING sent
                          WHERE alert.id = sent.id
                            AND sent.is_former
                      RETURNING alert.id,
                                COALESCE(alert.metadata -> 'former', '[]'::jsonb)
                                || jsonb_build_object(
                                    'alert_id', alert.id,
                                    'level_start_time', alert.level_start_time::text,
                                    'alert_sent_at', alert.alert_sent_at::text,
                                    'is_breached', alert.is_breached,
                                    'was_completed_on_time',
                                    alert.was_completed_on_time) AS story
                )
                SELECT sent.level_id, sent.threshold_percentage, former.story
                  FROM sent
             LEFT JOIN former ON former.id = sent.id
                """,
                [each.clock.id for each in found],
                [each.reminder.percent for each in found],
            )
        )
        stories = {(level_id, percent): story for level_id, percent, story in rows}
        if rows:
            self.invalidate_model(flush=False)
        announced = {key for key, story in stories.items() if story is None}
        return (
            [each for each in found if _get_key(each) not in announced],
            {
                key: json.dumps({"former": story})
                for key, story in stories.items()
                if story
            },
        )


def _get_key(announcement):
    return announcement.clock.id, announcement.reminder.percent
