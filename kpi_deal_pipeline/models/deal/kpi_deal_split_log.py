from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.kpi_tracking.models.audit.kpi_audit_log import columns_text


class KpiDealSplit(models.Model):
    """Each change of a share is an entry in the audit log of its deal."""

    _name = "kpi.deal.split"
    _inherit = ["kpi.deal.split", "kpi.deal.logged.mixin", "kpi.audited.row.mixin"]
    _logged_as = "share"
    _audited_model = "kpi.deal"

    audit_log_id = fields.Many2one(
        "kpi.audit.log", "Logged as", readonly=True, copy=False, ondelete="restrict"
    )

    def _logged_values(self):
        return {
            "agent": self.agent_id.id,
            "from": _day(self.date_from),
            "percent": f"{self._share():f}",
            "share": self.id,
            "to": _day(self.date_to),
            "type": self.split_type,
        }

    def _keep_entries(self, entries):
        self.flush_recordset()
        self.env.cr.execute(
            """
            UPDATE kpi_deal_split AS split
               SET audit_log_id = entry.log_id
              FROM unnest(%s::int[], %s::int[]) AS entry (split_id, log_id)
             WHERE split.id = entry.split_id
            """,
            (self.ids, entries.ids),
        )
        self.invalidate_recordset(["audit_log_id"])

    @api.model
    def _audited_entries(self, only):
        """The last entry of each share that was not removed."""
        return SQL(
            """
            SELECT *
              FROM (SELECT DISTINCT ON (substring(text FROM '"share":[0-9]+')) *
                      FROM audit_logs
                     WHERE model = 'kpi.deal'
                       AND starts_with(event_type, 'deal_share_')
                       AND %s
                  ORDER BY substring(text FROM '"share":[0-9]+'), seq DESC) AS latest
             WHERE event_type <> 'deal_share_removed'
            """,
            only(SQL("res_id")),
        )

    @api.model
    def _audited_rows(self, only):
        """Shares from before they were logged have no entry."""
        return SQL(
            """
            SELECT split.id, split.audit_log_id AS log_id, split.deal_id AS res_id,
                   NULL::integer AS user_id, '{' || %(told)s || '}' AS told
              FROM kpi_deal_split AS split
             WHERE split.audit_log_id IS NOT NULL
               AND %(only)s
            """,
            told=self._canonical_members(
                {
                    "agent": SQL("split.agent_id"),
                    "from": SQL("split.date_from::text"),
                    "percent": SQL("split.share_percent::numeric(7, 4)::text"),
                    "share": SQL("split.id"),
                    "to": SQL("split.date_to::text"),
                    "type": SQL("split.split_type"),
                }
            ),
            only=only(SQL("split.deal_id")),
        )

    @api.model
    def _audited_fit(self):
        """Whoever changed the share last: the row does not tell."""
        return SQL(
            """starts_with(log.text, %s || told.told || ',"withheld":')""",
            columns_text(SQL("log.user_id")),
        )


def _day(day):
    return fields.Date.to_string(day) if day else None
