from odoo import api, fields, models
from odoo.tools import format_date

from .kpi_approval_change import CHANGE


class KpiApprovalChange(models.Model):
    """Before and after in words, field by field; the record's screen."""

    _inherit = CHANGE

    comparison = fields.Json(
        compute="_compute_comparison",
        exportable=False,
        help="What it changes: label, before and after of each field.",
    )
    summary = fields.Char("Changes", compute="_compute_summary")

    @api.depends_context("lang", "uid")
    @api.depends("present_values", "vals", "operation", "approval_state")
    def _compute_comparison(self):
        for change in self:
            record = change._get_shown_record()
            if record is None:
                record = change._get_record().browse()
            before = change._get_values_before()
            after = {} if change.operation == "unlink" else change.vals or {}
            change.comparison = [
                row
                for name in change._get_changed_names()
                if (row := change._compare_field(record, name, before, after))
            ]

    def _get_values_before(self):
        """What it replaces; once it has taken effect what it has replaced."""
        if self.approval_state == "approved":
            return self.values_before or {}
        return self.present_values or {}

    def _compare_field(self, record, name, before, after):
        """Row of the comparison; None where nothing is to see."""
        if name in self.env[self.res_model]._hidden_in_proposals:
            return None
        # Who reads the proposal reads what it changes.
        words = record.with_env(self.env).sudo()
        old = words._say_value(name, before.get(name))
        new = words._say_value(name, after.get(name))
        if old == new and self.operation != "write":
            return None
        label = record._fields[name]._description_string(self.env)
        return {"label": label, "before": old, "after": new, "is_other": old != new}

    @api.depends("comparison")
    def _compute_summary(self):
        for change in self:
            change.summary = ", ".join(
                f"{label}: {text}" for label, text in change._list_differences()
            )

    def _list_differences(self):
        """Pairs (label, before and after) of what it changes."""
        return [
            (row["label"], f"{row['before'] or '–'} → {row['after'] or '–'}")
            for row in self.comparison or ()
            if row["is_other"]
        ]

    def _get_approval_facts(self):
        """What it changes, from when on, and why."""
        self.ensure_one()
        facts = self._list_differences()
        if self.valid_from:
            label = self._fields["valid_from"]._description_string(self.env)
            facts.append((label, format_date(self.env, self.valid_from)))
        label = self._fields["reason"]._description_string(self.env)
        return [*facts, (label, self.reason)]

    def action_open_propose_again(self):
        """Ask what is proposed once more, beside what the record says now.

        Where the record has no dialog for it, it is proposed as it was.
        """
        self.ensure_one()
        self.check_access("read")
        record = self._get_record().with_env(self.env)
        return record._open_proposal_again(self) or self.action_propose_again()

    def action_open_reject(self):
        """Ask why it is rejected."""
        return self._open_decision("reject")

    def action_open_return(self):
        """Ask why it is sent back."""
        return self._open_decision("return")

    def action_open_forward(self):
        """Ask who decides instead."""
        return self._open_decision("forward")

    def _open_decision(self, decision):
        self.check_access("read")
        name = f"kpi_base.kpi_approval_decision_action_{decision}"
        action = self.env["ir.actions.act_window"]._for_xml_id(name)
        steps = self._find_own_steps()
        context = {"default_decision": decision, "default_step_ids": steps.ids}
        return {**action, "context": context}

    def action_open_record(self):
        """Open what it changes; of a new one what that belongs to."""
        self.ensure_one()
        self.check_access("read")
        record = self._get_record().exists() or self._get_subject()
        return {
            "type": "ir.actions.act_window",
            "res_model": record._name,
            "res_id": record.id,
            "views": [(False, "form")],
        }

    @api.model
    def _show(self, changes):
        """Action that shows what became of proposals."""
        waiting = changes.filtered(lambda one: one.approval_state == "pending")
        others = waiting.user_id - self.env.user
        if len(changes) == 1:
            shown = {"res_id": changes.id, "views": [(False, "form")]}
        else:
            views = [(False, "list"), (False, "form")]
            shown = {"domain": [("id", "in", changes.ids)], "views": views}
        if others and len(changes) == 1:
            message = self.env._(
                "%s has proposed the same, and it waits for approval. Your reason is"
                " on its timeline.",
                others.name,
            )
        elif waiting:
            message = self.env._("Waiting for approval: %s", len(waiting))
        else:
            message = self.env._("Nobody has to approve it: it applies now.")
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "info" if waiting else "success",
                "message": message,
                "next": {
                    "type": "ir.actions.act_window",
                    "name": self.env._("Proposed Changes"),
                    "res_model": self._name,
                    **shown,
                },
            },
        }
