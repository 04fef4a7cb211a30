import base64

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..actions import open_dialog
from ..engine.audit import AuditError, parse_anchor


class KpiAuditCheck(models.TransientModel):
    """Verifies the log, on request with anchors that were stored elsewhere."""

    _name = "kpi.audit.check"
    _description = "Verify Audit Log"

    anchor_file = fields.Binary(
        "External Anchors",
        attachment=False,
        help="One anchor per line. Without a file, the log is only compared with "
        "anchors in this database.",
    )
    anchor_file_name = fields.Char()
    state = fields.Selection(
        [("ask", "Not Verified"), ("whole", "Unchanged"), ("broken", "Changed")],
        "Status",
        default="ask",
        readonly=True,
    )
    faults = fields.Text("Problems Found", readonly=True)
    entry_count = fields.Integer("Entries", compute="_compute_reach")
    anchored_count = fields.Integer("Anchored Entries", compute="_compute_reach")
    anchored_at = fields.Datetime("Last Anchor", compute="_compute_reach")
    is_signed = fields.Boolean("Signed", compute="_compute_reach")

    @api.depends("state")
    def _compute_reach(self):
        anchor = self.env["kpi.audit.anchor"].search([], limit=1)
        self.entry_count = self.env["kpi.audit.log"].search_count([])
        self.anchored_count = anchor.size
        self.anchored_at = anchor.anchored_at
        self.is_signed = anchor.is_signed

    def action_verify(self):
        """Show what was changed."""
        self.ensure_one()
        log = self.env["kpi.audit.log"]
        log.check_access("read")
        found = log._verify(anchor_texts=self._anchor_texts())
        self.faults = "\n".join(map(log._fault_text, found))
        self.state = "broken" if found else "whole"
        return open_dialog(self, self.env._("Verify Audit Log"))

    def _anchor_texts(self):
        """Lines of the file; a UserError names one that is no anchor."""
        if not self.anchor_file:
            return []
        content = base64.b64decode(self.anchor_file).decode("utf-8", "replace")
        lines = [line for line in content.splitlines() if line.strip()]
        for number, line in enumerate(lines, 1):
            try:
                parse_anchor(line)
            except AuditError as error:
                raise UserError(
                    self.env._(
                        "Line %(number)s of the file is not a valid anchor: "
                        "%(problem)s",
                        number=number,
                        problem=error,
                    )
                ) from error
        return lines
