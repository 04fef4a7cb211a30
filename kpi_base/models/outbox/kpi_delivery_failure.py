from datetime import timedelta

from odoo import fields, models
from odoo.fields import Domain

from ...tell import TOLD, tell_owner

QUIET = timedelta(days=1)


class KpiDelivery(models.Model):
    """A message that fails for good tells whoever set it up, once a day."""

    _inherit = "kpi.delivery"

    def _mark(self, state, *details):
        result = super()._mark(state, *details)
        if state == "failed":
            self.invalidate_recordset()
            if self.state == "failed":
                self._tell_failed()
        return result

    def _tell_failed(self):
        """Have somebody know, unless others of the same record were told of.

        What itself tells of a failure is only seen in the outbox.
        """
        if self.key.startswith(TOLD):
            return
        same = Domain("res_model", "=", self.res_model)
        same &= Domain("res_id", "=", self.res_id)
        told = self.search(
            same
            & Domain("id", "!=", self.id)
            & Domain("state", "=", "failed")
            & Domain("write_date", ">", fields.Datetime.now() - QUIET),
            limit=1,
        )
        if told:
            return
        tell_owner(
            self,
            self._find_owner(),
            self.env._("Not delivered: %s", self.subject),
            self.env._(
                "To %(person)s: %(reason)s",
                person=self.recipient,
                reason=self.last_error or "",
            ),
        )

    def _find_owner(self):
        """Who made the record that the message is about; nobody if it is gone.

        Of a message about no record that goes to no person, who answers for it.
        """
        people = self.env["res.users"]
        if not self.res_id:
            return people if self.user_id else self.reader_id
        if self.res_model not in self.env:
            return people
        record = self.env[self.res_model].browse(self.res_id).exists()
        return record.create_uid if "create_uid" in record._fields else people
