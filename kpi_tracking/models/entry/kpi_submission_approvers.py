from odoo import api, fields, models


class KpiSubmission(models.Model):
    """Approvers in words: of entries that wait, and of values not handed in yet."""

    _inherit = "kpi.submission"

    approver_names = fields.Char(
        "Waiting For", compute="_compute_approver_names", exportable=False
    )

    @api.depends_context("lang")
    @api.depends("approval_state", "approval_turn")
    def _compute_approver_names(self):
        waiting = self.filtered(lambda entry: entry.approval_state == "pending")
        steps = waiting._find_steps("asked").grouped("res_id") if waiting else {}
        for entry in self:
            asked = steps.get(entry.id)
            entry.approver_names = asked and self._name_people(
                asked.user_id.mapped("name"), asked[0].needed_count
            )

    @api.model
    def _preview_approvers(self, entries):
        """Say who would approve values if they were handed in now.

        A number of statements that does not grow with them. Nothing is written.

        :param entries: dict key → ``Entry``; the value is NaN where it is not known yet
        :return: dict key → sentence; empty where nobody has to
        """
        if not entries:
            return {}
        # Who is asked is said to whoever enters a value; it is found as it will be.
        drafts = {key: self.sudo()._make_draft(one) for key, one in entries.items()}
        rows = self.browse().concat(*drafts.values())
        for draft, values in rows._prepare_due_values().items():
            draft.update(values)
        said = rows._say_approvers()
        return {key: said.get(draft, "") for key, draft in drafts.items()}

    @api.model
    def _make_draft(self, entry):
        nothing = self.browse()
        return self.new(
            {
                **self._new_values(entry, nothing),
                "company_id": entry.report.company_id.id,
                "definition_id": entry.report.definition_id.id,
                "is_current": True,
                "state": "draft",
                "approval_state": "none",
            }
        )
