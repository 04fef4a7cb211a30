from odoo import api, fields, models
from odoo.tools import SQL


class KpiAuditedEventMixin(models.AbstractModel):
    """Something that happened to a record: added, and never changed.

    When it took effect can lie before when it was recorded, which is the moment of its
    entry in the audit log. Each row names that entry and says the same::

        class OrderMove(models.Model):
            _name = "my.order.move"
            _inherit = ["kpi.audited.event.mixin"]
            _audited_model, _audited_link = "my.order", "order_id"
            _audited_event = "order_moved"

            order_id = fields.Many2one("my.order", required=True, ondelete="restrict")
    """

    _name = "kpi.audited.event.mixin"
    _description = "Audited Event"
    _inherit = ["kpi.append.only.mixin", "kpi.audited.row.mixin"]
    _log_access = False
    _is_audited_whole = True
    _audited_alias = "event"
    _order = "effective_at desc, id desc"

    changed_by = fields.Many2one(
        "res.users", "User", required=True, readonly=True, ondelete="restrict"
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
    def _audited_rows_sql(self, only):
        link = SQL.identifier("event", self._audited_link)
        return SQL(
            """
            SELECT event.id, event.audit_log_id AS log_id, %(link)s AS res_id,
                   event.changed_by AS user_id, event.recorded_at,
                   '{' || %(stated)s || '}' AS stated
              FROM %(table)s AS event %(joins)s
             WHERE %(only)s
            """,
            link=link,
            joins=self._audited_joins_sql(),
            stated=self._canonical_members_sql(self._get_audited_members()),
            table=SQL.identifier(self._table),
            only=only(link),
        )

    @api.model
    def _audited_match_sql(self):
        return SQL(
            "stated.recorded_at = log.recorded_at AND %s", super()._audited_match_sql()
        )
