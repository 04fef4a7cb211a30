from markupsafe import Markup

from odoo import fields, models
from odoo.fields import Domain

RECEIVERS = "kpi_base.kpi_base_group_anchor"


class KpiAuditAnchor(models.Model):
    """Anchors go by mail to people who store them: once a day, the newest one.

    Whoever owns the database does not own their mail box.
    """

    _inherit = "kpi.audit.anchor"

    def _mail(self):
        """Put this anchor into the outbox for all who have had none today."""
        self.ensure_one()
        day = fields.Date.today()
        receivers = self.env["res.users"].search(
            Domain("all_group_ids", "in", self.env.ref(RECEIVERS).ids)
        )
        keys = {f"audit-anchor:{day}:{user.id}": user for user in receivers}
        outbox = self.env["kpi.delivery"]
        notified = set(outbox.search([("key", "in", list(keys))]).mapped("key"))
        waiting = {key: user for key, user in keys.items() if key not in notified}
        if not waiting:
            return outbox
        file = self._file()
        return outbox._queue(
            [
                {
                    "key": key,
                    "user_id": user.id,
                    "lane": "bulk",
                    "attachment_ids": file.ids,
                    **self.with_context(lang=user.lang, tz=user.tz)._mail_texts(),
                }
                for key, user in waiting.items()
            ]
        )

    def _mail_texts(self):
        """Subject and body, in the reader's language."""
        return {
            "subject": self.env._(
                "Audit log: anchor of %(count)s entries", count=f"{self.size:,}"
            ),
            "body": Markup("<p>%s</p><p>%s</p>")
            % (
                self.env._(
                    "Keep the attached file. It shows later whether the log up "
                    "to now has been changed."
                ),
                self.env._(
                    "To verify the log, upload the file under KPIs → "
                    "Configuration → Audit → Verify Audit Log."
                ),
            ),
        }

    def _file(self):
        """The anchor as a file that verifying takes."""
        return self.env["ir.attachment"].create(
            {
                "name": f"audit-anchor-{self.size}.txt",
                "raw": f"{self.text}\n".encode(),
                "mimetype": "text/plain",
                "res_model": "kpi.delivery",
            }
        )
