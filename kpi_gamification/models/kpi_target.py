from odoo import models
from odoo.tools import SQL


class KpiTarget(models.Model):
    """Whoever takes away a target, or moves it, answers for the one that holds then."""

    _inherit = "kpi.target"

    def write(self, vals):
        if "date_from" in vals:
            self._note_on_earlier()
        return super().write(vals)

    def unlink(self):
        self._note_on_earlier()
        return super().unlink()

    def _note_on_earlier(self):
        """Note who let earlier targets hold again in periods that are not over.

        Nothing else is left by which an achievement could be held for review.
        """
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                UPDATE kpi_target AS earlier
                   SET write_uid = %(user)s, write_date = now() AT TIME ZONE 'UTC'
                  FROM kpi_target AS gone
                 WHERE gone.id = ANY(%(ids)s)
                   AND earlier.report_id = gone.report_id
                   AND earlier.date_from < gone.date_from
                   AND NOT EXISTS (
                         SELECT FROM kpi_target AS nearer
                          WHERE nearer.report_id = gone.report_id
                            AND nearer.id <> ALL(%(ids)s)
                            AND nearer.date_from > earlier.date_from
                            AND nearer.date_from < gone.date_from)
                   AND EXISTS (
                         SELECT FROM kpi_target_value AS running
                          WHERE running.report_id = gone.report_id
                            AND running.rated_at IS NULL
                            AND running.period_stop > gone.date_from)
                """,
                user=self.env.uid,
                ids=self.ids,
            )
        )
        self.invalidate_model(["write_uid", "write_date"])
