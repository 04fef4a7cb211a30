from odoo import api, fields, models
from odoo.exceptions import MissingError, UserError
from odoo.tools import SQL

from ...audit import AuditEvent


class KpiAuditedStateMixin(models.AbstractModel):
    """Rows that change: each is as the last entry about it in the audit log says.

    Entries name their row by a member of their values, such as ``"share":12``.
    """

    _name = "kpi.audited.state.mixin"
    _inherit = ["kpi.audited.row.mixin"]
    _description = "Row with Last Audit Entry"

    audit_log_id = fields.Many2one(
        "kpi.audit.log", "Audit Entry", readonly=True, copy=False, ondelete="restrict"
    )

    def _link_entries(self, entries):
        """Store which of ``entries``, in the order of the rows, is the last of each."""
        self.flush_recordset()
        self.env.cr.execute(
            SQL(
                """
                UPDATE %s AS held
                   SET audit_log_id = entry.log_id
                  FROM unnest(%s::int[], %s::int[]) AS entry (row_id, log_id)
                 WHERE held.id = entry.row_id
                """,
                SQL.identifier(self._table),
                self.ids,
                entries.ids,
            )
        )
        self.invalidate_recordset(["audit_log_id"])


class KpiAuditedPartMixin(models.AbstractModel):
    """Parts of a record whose changes are entries in the audit log of the record.

    ::

        class OrderFee(models.Model):
            _name = "my.order.fee"
            _inherit = ["kpi.audited.part.mixin"]
            _audited_model, _audited_link = "my.order", "order_id"
            _audited_name, _audited_events = "fee", "order_fee_"

            def _get_audited_members(self):
                return {"fee": SQL("held.id"), "amount": SQL("held.amount::text")}
    """

    _name = "kpi.audited.part.mixin"
    _inherit = ["kpi.audited.state.mixin", "kpi.readonly.mixin"]
    _description = "Logged Part of a Record"

    def _prepare_log_values(self):
        """Prepare what entries say beside the members; nothing personal."""
        return {}

    def _prepare_log_texts(self):
        """Name → personal text."""
        return {}

    @api.model_create_multi
    def create(self, vals_list):
        parts = super().create(vals_list)
        parts._log_parts("added")
        return parts

    def write(self, vals):
        link = self._audited_link
        if link in vals and any(part[link].id != vals[link] for part in self):
            raise UserError(
                self.env._(
                    "%(part)s cannot be moved from %(record)s. Remove it and add "
                    "it to the other record.",
                    part=self._description,
                    record=self[link][:1].display_name,
                )
            )
        before = self._prepare_logs()
        result = super().write(vals)
        after = self._prepare_logs()
        changed = self.filtered(lambda part: after[part] != before[part])
        changed._log_parts("changed")
        return result

    def unlink(self):
        self._log_parts("removed")
        return super().unlink()

    def _prepare_logs(self):
        """Part → what an entry says of it now, and its personal texts."""
        stated = self._prepare_record_values()
        if not stated.keys() >= {*self.ids}:
            raise MissingError(
                self.env._("Someone else deleted this record. Reload the page.")
            )
        return {
            part: (
                {**stated[part.id], **part._prepare_log_values()},
                part._prepare_log_texts(),
            )
            for part in self
        }

    def _log_parts(self, what):
        """Log each, in one statement, whoever changes it."""
        # The record before the end of its chain, in all transactions: else two of them
        # would wait for each other.
        self[self._audited_link].flush_recordset()
        logs = self._prepare_logs()
        entries = self.env["kpi.audit.log"]._append(
            [
                AuditEvent(
                    part[self._audited_link],
                    f"{self._audited_events}{what}",
                    *logs[part],
                )
                for part in self
            ]
        )
        self._link_entries(entries)
