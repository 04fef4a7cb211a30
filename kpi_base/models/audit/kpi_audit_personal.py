from odoo import fields, models

from ...audit import AuditEvent


class KpiAuditPersonal(models.Model):
    """Personal text of an entry, stored beside the chain so that it can be erased.

    The entry holds a commitment to it. Erased with its salt, the text can neither be
    read nor found out by trying, and the chain stays intact.
    """

    _name = "kpi.audit.personal"
    _description = "Personal Text of Audit Entry"
    _log_access = False

    log_id = fields.Many2one(
        "kpi.audit.log", required=True, readonly=True, ondelete="restrict", index=True
    )
    name = fields.Char(required=True, readonly=True)
    salt = fields.Char(required=True, readonly=True, groups="base.group_system")
    text = fields.Text(required=True, readonly=True)

    def _erase(self, reason):
        """Remove these texts for good; the erasure itself is logged.

        :param reason: on what ground, such as the request it follows; nothing personal
        """
        events = [
            AuditEvent(
                self.env[entry.model].browse(entry.res_id),
                "audit_personal_erased",
                {"entry": entry.seq, "names": names.mapped("name"), "reason": reason},
            )
            for entry, names in self.grouped("log_id").items()
        ]
        self.unlink()
        self.env["kpi.audit.log"]._append(events)
