from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from ...engine.approval.level import Vote, decide_level
from ...schemas.base import Id, Nothing, Text, Word

VERDICTS = {"approve": "approved", "reject": "rejected", "return": "returned"}


class KpiApprovalMixin(models.AbstractModel):
    """Deciding: each on their own step, and what follows for the document."""

    _inherit = "kpi.approval.mixin"

    def action_approve(self):
        """Approve these documents, as far as the user is asked."""
        return self._decide_all("approve")

    def action_reject(self, comment: Text | Nothing = ""):
        return self._decide_all("reject", comment)

    def action_return(self, comment: Text | Nothing = ""):
        """Send these documents back to their submitters, who may change them."""
        return self._decide_all("return", comment)

    def decide_approvals(self, decision: Word, comment: Text | Nothing = ""):
        """Decide on these documents one by one, where it is possible.

        :param decision: “approve”, “reject” or “return”
        :return: list of dicts, in the order of the documents: ``id``, ``is_decided``
            and ``reason`` where it is not
        """
        refused = self._decide(decision, comment)
        return [
            {
                "id": document.id,
                "is_decided": document not in refused,
                "reason": refused.get(document, ""),
            }
            for document in self
        ]

    def action_recall(self):
        """Take documents back that nobody has decided on finally.

        :raises AccessError: somebody else submitted one
        """
        self.check_access("read")
        self._hold_approval()
        self._check_approval_state("pending")
        submitters = self._get_approval_submitters()
        for document in self:
            if submitters[document] != self.env.user and not self.env.su:
                raise AccessError(
                    self.env._(
                        "Only %(person)s, who submitted %(document)s, can recall it.",
                        person=submitters[document].name,
                        document=document.display_name,
                    )
                )
        self._stop_approval()
        self._finish_approval()

    def _stop_approval(self):
        """End the approval of those that wait, without a decision."""
        pending = self.filtered(lambda one: one.approval_state == "pending")
        if pending:
            pending._log_approval("recalled", lambda _one: {})
            pending._find_steps("later", "asked")._close()
            pending._write_approval({"approval_state": "none", "approval_level": 0})

    def action_forward(self, user_id: Id, comment: Text | Nothing = ""):
        """Have somebody else decide in place of the user.

        :raises UserError: who cannot decide on one of them
        """
        successor = self.env["res.users"].browse(user_id)
        self.check_access("read")
        self._hold_approval()
        steps = self._find_own_steps()
        self._raise_refusal(self._find_refusals(steps))
        steps._check_can_take(successor)
        self._check_not_deciding(steps, successor)
        people = dict.fromkeys(steps, successor)
        steps._replace_by(people, "forwarded", "forwarded", comment)

    def _check_not_deciding(self, steps, user):
        """Refuse to have one person decide for two on the same level.

        :raises UserError: ``user`` is asked beside ``steps``, or has approved
        """
        levels = set(steps.mapped(lambda step: (step.res_id, step.round, step.level)))
        for step in self._find_steps("asked", "approved"):
            level = step.res_id, step.round, step.level
            if step.user_id == user and level in levels:
                raise UserError(
                    self.env._(
                        "%(person)s is asked about %(document)s already. Choose"
                        " somebody else.",
                        person=user.display_name,
                        document=self.browse(step.res_id).display_name,
                    )
                )

    def _decide_all(self, decision, comment=""):
        """Decide on all of them or none; what changed meanwhile is asked anew.

        :raises UserError: naming the first document that the user cannot decide on
        """
        self.check_access("read")
        refused = self._decide(decision, comment, is_strict=True)
        return self._say_asked_anew(refused) if refused else None

    def _decide(self, decision, comment="", is_strict=False):
        """Decide where possible: a number of statements that does not grow with them.

        What was decided on is compared with what was submitted in this transaction;
        where it differs nothing is decided, and its people are asked anew.

        :return: dict document → why nothing was decided
        :raises UserError: ``is_strict``, and not for a changed content
        """
        verdict = self._find_verdict(decision, comment)
        readable = self._filtered_access("read")
        refused = {one: self.env._("There is no such document.") for one in self}
        readable._hold_approval()
        steps = readable._find_own_steps()
        refused.update(dict.fromkeys(readable, ""))
        refused.update(readable._find_obstacles(verdict))
        refused.update(readable._find_refusals(steps))
        if is_strict:
            readable._raise_refusal(refused)
        decided = readable.filtered(lambda one: not refused[one])
        changed = decided._filter_changed()
        refused.update(
            dict.fromkeys(
                changed,
                self.env._("It was changed meanwhile, and has been submitted anew."),
            )
        )
        changed._ask_anew()
        decided -= changed
        decided._decide_steps(
            steps.filtered(lambda step: step.res_id in set(decided.ids)),
            verdict,
            (comment or "").strip(),
        )
        return {one: reason for one, reason in refused.items() if reason}

    @api.model
    def _find_verdict(self, decision, comment):
        """:raises ValidationError: there is no such decision, or no reason for it"""
        verdict = VERDICTS.get(decision)
        if not verdict:
            raise ValidationError(self.env._("There is no decision %s.", decision))
        if verdict != "approved" and not (comment or "").strip():
            raise ValidationError(self.env._("Enter a reason."))
        return verdict

    def _find_own_steps(self):
        """The steps of these documents that the user is asked on."""
        return self._find_steps("asked").filtered(
            lambda step: step.user_id == self.env.user
        )

    def _find_refusals(self, steps):
        """Document → why the user cannot decide on it; those they can are left out.

        :param steps: of the user
        """
        own = set(steps.mapped("res_id"))
        refused = {}
        for document in self:
            if document.approval_state != "pending":
                refused[document] = document._say_approval_state()
            elif document.id not in own:
                refused[document] = document._say_who_decides()
        return refused

    def _find_obstacles(self, _verdict):
        """Document → why nobody can decide so on it now; others are left out."""
        return {}

    def _raise_refusal(self, refused):
        """:raises UserError: the first reason of ``refused``, dict document → reason"""
        for document, reason in refused.items():
            if reason and document.approval_state == "pending":
                raise AccessError(reason)
            if reason:
                raise UserError(reason)

    def _filter_changed(self):
        """Those of these documents whose content is not what was submitted."""
        versions = self._compute_versions()
        return self.filtered(lambda one: versions[one] != one.approval_version)

    def _ask_anew(self):
        """Ask about what changed meanwhile, by the workflow it was submitted to."""
        if not self:
            return
        self._log_approval("changed", lambda _one: {})
        self._find_steps("later", "asked")._close()
        for workflow, same in self.grouped("approval_workflow_id").items():
            # Rules of approving hold for everybody, whoever may see them.
            same._ask_by(workflow.sudo())

    def _decide_steps(self, steps, verdict, comment):
        """Note what the user decided on ``steps``, and end the levels that are over."""
        if not self:
            return
        steps.write(
            {
                "state": verdict,
                "decided_at": fields.Datetime.now(),
                "comment": comment or False,
            }
        )
        step_of = {step.res_id: step for step in steps}
        self._log_approval(
            verdict,
            lambda one: {
                "level": step_of[one.id].level,
                "in_place_of": step_of[one.id].for_user_id.id or None,
                "version": one.approval_version,
            },
            comment,
        )
        outcomes = self._find_outcomes()
        for outcome, same in self.grouped(outcomes.get).items():
            if outcome == "approved":
                same._find_steps("asked")._close()
                same._open_next_level()._end_approval("approved")
            elif outcome in ("rejected", "returned"):
                same._end_approval(outcome)
        # Of every document, as its level may wait for others.
        self.env["kpi.event"]._emit("approval.decided", steps)

    def _find_outcomes(self):
        """Document → outcome of its level, by ``decide_level``."""
        steps = self._find_steps("asked", "approved", "rejected", "returned")
        of_document = steps.grouped("res_id")
        outcomes = {}
        for document in self:
            level = of_document[document.id].filtered(
                lambda step, one=document: (
                    step.level == one.approval_level
                    and step.round == one.approval_round
                )
            )
            votes = [Vote(step.seat, step.user_id.id, step.state) for step in level]
            outcomes[document] = decide_level(votes, level[:1].needed_count)
        return outcomes

    def _end_approval(self, state):
        if not self:
            return
        self._find_steps("later", "asked")._close()
        self._write_approval({"approval_state": state})
        self._finish_approval()
