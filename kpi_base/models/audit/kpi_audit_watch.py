import logging

from markupsafe import Markup

from odoo import api, fields, models
from odoo.fields import Domain

from ...repeat import repeat_late

_logger = logging.getLogger(__name__)
MOST_NAMED = 20


class KpiAuditLog(models.Model):
    """The log is verified every night; administrators hear of faults."""

    _inherit = "kpi.audit.log"

    @api.model
    def _prepare_verification(self, model=None, res_id=None):
        """Verify the chain of one record, or all: whether it is intact, and faults.

        :return: dict of ``is_whole``, ``entry_count``, ``anchored_count``, ``faults``
        """
        if model:
            found = self._record_faults(model, [res_id])
            domain = Domain("model", "=", model) & Domain("res_id", "=", res_id)
        else:
            found, domain = self._verify(), Domain.TRUE
        return {
            "is_whole": not found,
            "entry_count": self.search_count(domain),
            "anchored_count": self.env["kpi.audit.anchor"].search([], limit=1).size,
            "faults": [
                {
                    "kind": fault.kind,
                    "model": fault.model,
                    "res_id": fault.res_id,
                    "seq": fault.seq,
                    "text": self._fault_text(fault),
                }
                for fault in found
            ],
        }

    @api.model
    def _cron_verify(self):
        faults = self._verify()
        if not faults:
            return
        for fault in faults[:MOST_NAMED]:
            _logger.error("Audit log: %s", fault)
        repeat_late(self.env, self._tell_administrators, faults)

    @api.model
    def _tell_administrators(self, faults):
        """Queue a mail to administrators, one a day however often the same is found."""
        day = fields.Date.today()
        in_office = Domain("all_group_ids", "in", self.env.ref("base.group_system").ids)
        self.env["kpi.delivery"]._queue(
            [
                {
                    "key": f"audit-faults:{day}:{user.id}",
                    "user_id": user.id,
                    **self.with_context(lang=user.lang)._fault_mail(faults),
                }
                for user in self.env["res.users"].search(in_office)
            ]
        )

    @api.model
    def _fault_mail(self, faults):
        """Subject and body, in the reader's language."""
        lines = Markup("").join(
            Markup("<li>%s</li>") % self._fault_text(fault)
            for fault in faults[:MOST_NAMED]
        )
        return {
            "subject": self.env._("Audit log changed: %s problems found", len(faults)),
            "body": Markup("<p>%s</p><ul>%s</ul>")
            % (
                self.env._("These entries were changed:"),
                lines,
            ),
        }

    @api.model
    def _fault_text(self, fault):
        """A sentence that names the entry or the anchor concerned."""
        names = {
            "model": self._model_text(fault.model),
            "id": fault.res_id,
            "seq": fault.seq,
        }
        texts = {
            "changed": self.env._(
                "%(model)s %(id)s, entry %(seq)s: its text was changed.", **names
            ),
            "columns": self.env._(
                "%(model)s %(id)s, entry %(seq)s: a column was changed.", **names
            ),
            "missing": self.env._(
                "%(model)s %(id)s, entry %(seq)s was removed.", **names
            ),
            "reordered": self.env._(
                "%(model)s %(id)s, entry %(seq)s does not follow the previous entry.",
                **names,
            ),
            "truncated": self.env._(
                "%(model)s %(id)s: the entries from %(seq)s on were removed.", **names
            ),
            "head": self.env._(
                "%(model)s %(id)s: the last entry, %(seq)s, does not match the "
                "stored end of the chain.",
                **names,
            ),
            "row": self.env._(
                "%(model)s %(id)s, entry %(seq)s: %(fault)s",
                **names,
                fault=self._row_fault_text(fault),
            )
            if fault.seq
            else self.env._(
                "%(model)s %(id)s: %(fault)s",
                **names,
                fault=self._row_fault_text(fault),
            ),
            "personal": self.env._(
                "%(model)s %(id)s, entry %(seq)s: its personal text was changed.",
                **names,
            ),
            "anchor": self.env._(
                "The first %(seq)s anchored entries do not match the anchor, or "
                "its signature is not valid.",
                **names,
            ),
        }
        return texts[fault.kind]

    @api.model
    def _row_fault_text(self, fault):
        """Describe a fault of a row beside the log and name the row; nothing else."""
        if not fault.row:
            return ""
        row, row_id = fault.row
        names = {"row": self._model_text(row), "id": row_id}
        if fault.about:
            about, about_id = fault.about
            names["row"] = f"{self._model_text(about)} {about_id}, {names['row']}"
        if not row_id:
            return self.env._("%(row)s: missing.", **names)
        if not fault.seq:
            return self.env._("%(row)s %(id)s: has no log entry.", **names)
        return self.env._("%(row)s %(id)s: differs from its log entry.", **names)

    @api.model
    def _model_text(self, model):
        return self.env[model]._description if model in self.env else model
