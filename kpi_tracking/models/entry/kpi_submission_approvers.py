from odoo import api, fields, models
from odoo.tools import format_list

MOST_NAMED = 3


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

    def _say_approvers(self):
        workflows = self._find_approval_workflows()
        asked = self.filtered(lambda entry: entry in workflows)
        said = {}
        for workflow, entries in asked.grouped(workflows.get).items():
            entries -= entries._filter_small(workflow)
            for entry, levels in entries._find_approval_seats(workflow).items():
                said[entry] = self._say_levels(levels)
        return said

    @api.model
    def _say_levels(self, levels):
        """:param levels: triples (level, needed, seats)"""
        users = self.env["res.users"]
        people = [
            self._name_people(
                [users.browse(seat.person).name for seat in seats], needed
            )
            for _level, needed, seats in levels
        ]
        if not levels:
            return ""
        if not all(people):
            return self.env._("Nobody can approve this value now.")
        text, *later = people
        for names in later:
            text = self.env._("%(first)s, then by %(next)s", first=text, next=names)
        return self.env._("To be approved by %s.", text)

    @api.model
    def _name_people(self, names, needed):
        """People one of whom decides, or as many as are needed."""
        names = list(dict.fromkeys(names))
        more = len(names) - MOST_NAMED
        if more > 1:
            others = self.env._("%s others", more)
            names = [*names[:MOST_NAMED], others]
        style = "standard" if needed > 1 else "or"
        return format_list(self.env, names, style)
