from odoo import api, fields, models
from odoo.tools import SQL, split_every

ROWS_PER_STATEMENT = 1000


class KpiDealEventMixin(models.AbstractModel):
    """Something that happened to a deal: added, and never changed.

    When it took effect can lie before when it was recorded. Each row names the entry
    of the audit log that was made with it and says the same.
    """

    _name = "kpi.deal.event.mixin"
    _description = "Event of a Deal"
    _inherit = ["kpi.append.only.mixin", "kpi.audited.row.mixin"]
    _log_access = False
    _audited_model = "kpi.deal"
    _order = "effective_at desc, id desc"

    deal_id = fields.Many2one(
        "kpi.deal", required=True, readonly=True, ondelete="restrict"
    )
    changed_by = fields.Many2one(
        "res.users", "By", required=True, readonly=True, ondelete="restrict"
    )
    recorded_at = fields.Datetime(required=True, readonly=True)
    effective_at = fields.Datetime(required=True, readonly=True)
    audit_log_id = fields.Many2one(
        "kpi.audit.log",
        "Audit Entry",
        readonly=True,
        ondelete="restrict",
        groups="base.group_system",
    )

    @api.model
    def _insert(self, rows):
        """Add ``rows``: dicts of columns that all have the same names."""
        for part in split_every(ROWS_PER_STATEMENT, rows, tuple):
            names = list(part[0])
            self.env.cr.execute(
                SQL(
                    "INSERT INTO %s (%s) VALUES %s",
                    SQL.identifier(self._table),
                    SQL(", ").join(map(SQL.identifier, names)),
                    SQL(", ").join(
                        SQL("%s", tuple(row[name] for name in names)) for row in part
                    ),
                )
            )
        self.invalidate_model()

    @api.model
    def _audited_rows(self, only):
        return SQL(
            """
            SELECT event.id, event.audit_log_id AS log_id, event.deal_id AS res_id,
                   event.changed_by AS user_id, '{' || %(told)s || '}' AS told
              FROM %(table)s AS event
             WHERE %(only)s
            """,
            told=self._canonical_members(self._audited_members()),
            table=SQL.identifier(self._table),
            only=only(SQL("event.deal_id")),
        )

    @api.model
    def _audited_members(self):
        """Name → SQL of the columns of ``event`` as the entry has them."""
        return {}
