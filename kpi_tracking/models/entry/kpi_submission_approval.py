from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import SQL

from odoo.addons.kpi_base.actions import open_dialog
from odoo.addons.kpi_base.roles import OFFICER
from odoo.addons.kpi_base.schemas.base import Nothing, Text

CONTENT = (
    "report_id",
    "contributor_id",
    "grain",
    "period_start",
    "value",
    "weight",
    "note",
    "correction_reason",
    "file_checksums",
)


class KpiSubmission(models.Model):
    """Approval of entries: what is approved, who is asked, what follows."""

    _inherit = "kpi.submission"

    approval_asked_at = fields.Datetime("Approval Requested At")
    approver_names = fields.Char(
        "Waiting For", compute="_compute_approver_names", exportable=False
    )

    def action_ask_approval(self):
        return self.action_submit()

    def action_reject(self, comment: Text | Nothing = ""):
        """Reject these entries; without ``comment`` a dialog asks for it."""
        return self._decide_or_ask("reject", comment, self.env._("Reject"))

    def action_return(self, comment: Text | Nothing = ""):
        """Send these entries back; without ``comment`` a dialog asks for it."""
        return self._decide_or_ask("return", comment, self.env._("Send Back"))

    def action_choose_successor(self):
        """Open the dialog for who decides in place of the user."""
        return self._open_decision("forward", self.env._("Forward"))

    def _decide_or_ask(self, decision, comment, title):
        if comment:
            return self._decide_all(decision, comment)
        return self._open_decision(decision, title)

    def _open_decision(self, decision, title):
        self.check_access("read")
        self._raise_refusal(self._find_refusals(self._find_own_steps()))
        return self._ask_reason(decision, title)

    def _approval_content(self):
        return dict.fromkeys(CONTENT)

    def _get_amount_text(self):
        # Who sees an entry sees its value.
        entry = self.sudo()
        return entry.definition_id._format_value(entry.value)

    def _get_approval_facts(self):
        """The value and why it was entered."""
        self.ensure_one()
        # As above.
        entry = self.sudo()
        return self._label_facts(
            {
                "value": self._get_amount_text(),
                **{name: entry[name] for name in ("note", "correction_reason")},
            }
        )

    def _say_effect(self):
        own = self.env._("It becomes the KPI's value.")
        return super()._say_effect() or own

    def _get_approval_amounts(self):
        return {entry: entry.value for entry in self}

    def _get_last_approved_amounts(self):
        """Entry → the value of its KPI, or part, that a person approved last."""
        self.env["kpi.submission"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT ON (report_id, contributor_id)
                       report_id, contributor_id, value
                  FROM kpi_submission
                 WHERE report_id = ANY(%s)
                   AND state = 'approved'
                   AND decided_by_id IS NOT NULL
                   AND withdrawn_at IS NULL
              ORDER BY report_id, contributor_id, decided_at DESC, id DESC
                """,
                self.report_id.ids,
            )
        )
        last = {(report, person): value for report, person, value in rows}
        return {
            entry: last.get((entry.report_id.id, entry.contributor_id.id or None))
            for entry in self
        }

    def _get_approval_submitters(self):
        """Entry → who entered it, whoever handed it in."""
        # Who entered a value stands on it, for whoever sees it.
        return {one: one.sudo().entered_by_id.with_env(self.env) for one in self}

    def _can_decide_alone(self, submitter):
        """Four eyes; unless there is nobody else, then an officer may."""
        return submitter.has_group(OFFICER)

    def _filter_readable_drafts(self):
        """As the record rule of those that are stored."""
        seen = self.report_id._filtered_access("read")
        return self.filtered(lambda entry: entry.report_id in seen)

    def _find_kpi_owner(self, _approver):
        return {entry: entry.report_id.owner_id for entry in self}

    def _find_kpi_managers(self, _approver):
        managers = self.report_id._find_managers()
        return {entry: managers[entry.report_id] for entry in self}

    def _find_team_leader(self, _approver):
        leaders = self.report_id._find_team_leaders()
        return {entry: leaders[entry.report_id] for entry in self}

    def _approve_automatically(self, workflow):
        """Let entries count that nobody is asked about, or that change little."""
        if workflow:
            return super()._approve_automatically(workflow)
        for entry in self.filtered("report_id.has_entry_approval"):
            raise UserError(
                self.env._(
                    "%s matches no approval workflow. Ask a KPI administrator to "
                    "add one.",
                    entry.display_name,
                )
            )
        return self._accept() if self else None

    def _after_approval(self):
        # Entries are written by their methods; who may decide was checked by approvals.
        for state, entries in self.sudo().grouped("approval_state").items():
            if state == "approved":
                by_people = entries.filtered("approval_version")
                by_people._accept(self.env.user)
                (entries - by_people)._accept()
            elif state == "rejected":
                entries._refuse("rejected")
                self.env["kpi.event"]._emit("submission.rejected", entries)
            elif state == "returned":
                entries._refuse("draft")
            else:
                entries.state = "draft"
                entries._log_each(lambda _entry: self.env._("Recalled."))

    def _refuse(self, state):
        """Give these entries back to who entered them, with the reason."""
        reasons = {
            step.res_id: step.comment
            for step in self._find_steps("rejected", "returned")
        }
        for reason, same in self.grouped(lambda entry: reasons[entry.id]).items():
            same.write({**self._decision(), "rejection_reason": reason, "state": state})
        said = self.env._("Sent back: %s")
        if state == "rejected":
            said = self.env._("Rejected: %s")
        self._log_each(lambda entry: said % entry.rejection_reason)
        self._notify_enterers()

    def _find_obstacles(self, verdict):
        """Entry → that it cannot count: archived KPI, locked period."""
        if verdict != "approved":
            return {}
        obstacles = {}
        for entry in self:
            try:
                entry.report_id._check_in_use()
                entry.report_id._check_unlocked(entry._period())
            except UserError as error:
                obstacles[entry] = str(error)
        return obstacles

    def _say_who_decides(self):
        if self._get_approval_submitters()[self] != self.env.user:
            return super()._say_who_decides()
        people = self._find_steps("asked").user_id
        return self.env._(
            "%(entry)s is your own entry. Ask %(people)s to approve it.",
            entry=self.display_name,
            people=", ".join(people[:3].mapped("name")),
        )

    def _group_by_workflow(self):
        """Workflow → entries that it approved, or would; else the default one."""
        default = self.env.ref(
            "kpi_tracking.kpi_approval_workflow_entries", raise_if_not_found=False
        )
        fitting = self._find_approval_workflows()

        def choose(entry):
            # Rules of approving hold for everybody, whoever may see them.
            asked = entry.sudo().approval_workflow_id
            # As above.
            return asked or fitting.get(entry) or (default and default.sudo())

        return {flow: same for flow, same in self.grouped(choose).items() if flow}

    def _check_can_withdraw(self):
        """Check that an approver withdraws an approved entry: four eyes as well."""
        self.report_id._check_can_enter()
        decided = self.filtered(
            lambda entry: entry.state == "approved" and entry.decided_by_id
        )
        for entry, people in decided._find_deciders().items():
            approvers = self.env["res.users"].browse(people)
            if self.env.user not in approvers and not self.env.su:
                raise AccessError(
                    self.env._(
                        "%(entry)s was approved. Correct the entry, or ask "
                        "%(people)s to withdraw it.",
                        entry=entry.display_name,
                        # Whom to ask is said to whoever is refused.
                        people=", ".join(approvers[:3].sudo().mapped("name")),
                    )
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
        """Who would approve values handed in now: key → ``Entry`` to key → sentence."""
        if not entries:
            return {}
        # Who is asked is said to whoever enters a value; it is found as it will be.
        blank = self.browse().sudo()
        drafts = {
            key: blank.new(
                {
                    **self._prepare_new_values(entry, blank),
                    "company_id": entry.report.company_id.id,
                    "definition_id": entry.report.definition_id.id,
                    "is_current": True,
                    "state": "draft",
                    "approval_state": "none",
                }
            )
            for key, entry in entries.items()
        }
        rows = self.browse().concat(*drafts.values())
        for draft, values in rows._prepare_due_values().items():
            draft.update(values)
        said = rows._say_approvers()
        return {key: said.get(draft, "") for key, draft in drafts.items()}

    def action_submit(self):
        """Hand in drafts."""
        self._hold_own("draft")
        # Entries are written by their methods; who may was checked above.
        self.sudo()._submit()

    def action_withdraw(self):
        self.report_id._check_can_enter()
        return self._ask_reason("withdraw", self.env._("Withdraw"))

    def action_correct(self):
        """Open the dialog with what was entered, to change or correct it."""
        self.ensure_one()
        action = self.report_id.action_enter_value()
        action["name"] = self.env._("Change Value")
        if self.state == "approved":
            action["name"] = self.env._("Correct Value")
        action["context"].update(
            default_day=self.period_start,
            default_contributor_id=self.contributor_id.id,
            corrected_id=self.id,
        )
        return action

    def _confirmation_text(self):
        """Say what was entered, to whoever entered it."""
        texts = {
            "draft": self.env._("Draft saved: %(value)s for %(entry)s."),
            "submitted": self.env._(
                "%(value)s entered for %(entry)s. It takes effect after approval."
            ),
        }
        text = texts.get(self.state) or self.env._("%(value)s entered for %(entry)s.")
        return text % {
            "value": self.report_id.definition_id._format_value(self.value),
            "entry": self.display_name,
        }

    def _ask_reason(self, decision, title):
        return open_dialog(
            self.env["kpi.submission.reason"],
            title,
            default_submission_ids=self.ids,
            default_decision=decision,
        )

    def _withdraw(self, reason):
        """Take mistaken entries back, and their values with them.

        :raises UserError: not current any more, a locked period, or no ``reason``
        :raises AccessError: somebody approved it, and the user may not do so
        """
        if not (reason or "").strip():
            raise ValidationError(self.env._("Enter a reason."))
        self._check_can_withdraw()
        self._hold_own("draft", "submitted", "approved", "rejected")
        # As in ``action_submit``.
        withdrawn = self.sudo()
        withdrawn._stop_approval()
        counted = withdrawn.filtered(lambda entry: entry.state == "approved")
        withdrawn.write(
            {
                "is_current": False,
                "withdrawn_by_id": self.env.uid,
                "withdrawn_at": fields.Datetime.now(),
                "withdrawal_reason": reason,
            }
        )
        counted._publish(self.env.user, reason)
        withdrawn._log_each(lambda entry: self.env._("Withdrawn: %s", reason))
        counted._log_on_kpi(
            lambda entry: self.env._(
                "Value for %(period)s withdrawn: %(reason)s",
                period=entry.period_label,
                reason=reason,
            )
        )
        self.env["kpi.event"]._emit("submission.withdrawn", withdrawn)

    def _submit(self):
        """Hand these entries in; those that nobody has to approve count at once."""
        now = fields.Datetime.now()
        for entry, values in self._prepare_due_values().items():
            entry.write({**values, "state": "submitted", "submitted_at": now})
        self._log_each(lambda entry: entry._say_entered())
        self.env["kpi.event"]._emit("submission.submitted", self)
        self._ask_approval()

    def _prepare_due_values(self):
        """Entry → when it was due, and whether it comes too late."""
        due_dates = self.report_id._due_dates([entry._period_key() for entry in self])
        values = {}
        for entry in self:
            due_date = due_dates[entry._period_key()]
            today = entry.report_id.definition_id.calendar_id._today()
            asked_from = entry.report_id.entry_date_from  # nobody was before
            was_due = asked_from and entry._period().stop > asked_from
            is_late = bool(was_due) and today > due_date
            values[entry] = {"due_date": due_date, "is_late": is_late}
        return values

    def _accept(self, approver=None):
        """Let these entries count; earlier versions are superseded."""
        earlier = self.corrects_id.filtered("is_current")
        earlier.is_current = False
        earlier.flush_recordset()
        decision = self._decision() if approver else {}
        self.write({**decision, "state": "approved"})
        self.flush_recordset()
        self._publish()
        self._log_on_kpi(lambda entry: entry._say_entered())
        self.env["kpi.event"]._emit("submission.approved", self)

    def _supersede(self):
        """Give way to values that came from elsewhere; what was entered stays."""
        self.is_current = False
        said = self.env._("Replaced by an imported or synced value.")
        self._log_each(lambda entry: said)

    def _decision(self):
        return {"decided_by_id": self.env.uid, "decided_at": fields.Datetime.now()}

    def _hold_own(self, *states):
        """Hold these entries, and refuse what the user cannot change or is past them.

        Everybody changes their own part; managers and officers those of others. Of two
        people who act at once one wins; the other reads who did.
        """
        self.report_id._check_can_enter()
        for entry in self:
            entry.report_id._find_contributor(entry.contributor_id)
        self._hold_approval()
        for entry in self:
            if entry.state not in states or not entry.is_current:
                raise UserError(entry._say_approval_state())
            entry.report_id._check_unlocked(entry._period())

    def _say_approval_state(self):
        # Who decided stands on the entry, for whoever sees it.
        person = (self.withdrawn_by_id or self.decided_by_id).sudo()
        names = {"entry": self.display_name, "person": person.name}
        if self.withdrawn_at:
            return self.env._("%(entry)s was withdrawn by %(person)s.", **names)
        if not self.is_current:
            return self.env._(
                "%(entry)s was corrected. Open the latest version.", **names
            )
        if self.decided_by_id and self.state == "approved":
            return self.env._("%(entry)s was approved by %(person)s.", **names)
        if self.decided_by_id and self.state == "rejected":
            return self.env._("%(entry)s was rejected by %(person)s.", **names)
        labels = dict(self._fields["state"]._description_selection(self.env))
        return self.env._(
            "%(entry)s: this action is not possible in status “%(state)s”.",
            entry=self.display_name,
            state=labels[self.state],
        )

    def _period_key(self):
        return self.report_id, self._period()
