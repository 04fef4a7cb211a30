from odoo import fields, models
from odoo.exceptions import LockError, UserError
from odoo.tools import SQL

from ...engine.approval.automatic import is_small
from ...engine.approval.level import find_next_level

ASKABLE = ("none", "rejected", "returned")


class KpiApprovalMixin(models.AbstractModel):
    """Asking for approval: who is asked is fixed as rows, and told level by level."""

    _inherit = "kpi.approval.mixin"

    def action_ask_approval(self):
        """Submit these documents to those who have to approve them.

        :raises UserError: one waits already, or nobody can approve it
        """
        self.check_access("write")
        self._hold_approval()
        self._check_approval_state(*ASKABLE)
        self._ask_approval()

    def preview_approvers(self):
        """Tell who would be asked about a document if it was submitted now.

        :return: dict of ``workflow`` (its name, or False: no approval is needed),
            ``is_automatic`` and ``levels``: dicts of ``level``, ``needed``, ``group``
            (its name, where a group is asked and nobody else) and ``people``: dicts of
            ``name`` and ``in_place_of``
        """
        self.ensure_one()
        self.check_access("read")
        workflow = self._find_approval_workflows().get(self)
        if not workflow:
            return {"workflow": False, "is_automatic": True, "levels": []}
        levels = self._find_approval_seats(workflow)[self]
        users = self.env["res.users"]

        def name(user_id):
            # Who is asked is said to whoever asks.
            return users.browse(user_id).sudo().name if user_id else False

        return {
            "workflow": workflow.name,
            "is_automatic": self in self._filter_small(workflow),
            "levels": [
                {
                    "level": number,
                    "needed": needed,
                    "group": workflow._name_group(number),
                    "people": [
                        {
                            "name": name(seat.person),
                            "in_place_of": name(seat.in_place_of),
                        }
                        for seat in seats
                    ],
                }
                for number, needed, seats in levels
            ],
        }

    def _ask_approval(self):
        """Ask about these documents, by the workflow that fits each.

        What no workflow fits, and what changes little, is approved at once.
        """
        workflows = self._find_approval_workflows()
        free = self.filtered(lambda one: one not in workflows)
        free._approve_automatically(self.env["kpi.approval.workflow"])
        for workflow, documents in (self - free).grouped(workflows.get).items():
            documents._check_can_ask(workflow)
            small = documents._filter_small(workflow)
            small._approve_automatically(workflow)
            (documents - small)._ask_by(workflow)

    def _check_can_ask(self, workflow):
        """:raises UserError: something is missing that ``workflow`` wants to know"""

    def _filter_small(self, workflow):
        """Those of these documents whose change is approved automatically."""
        if not workflow.auto_approve_threshold:
            return self.browse()
        amounts, last = self._get_approval_amounts(), self._get_last_approved_amounts()
        return self.filtered(
            lambda one: is_small(
                amounts[one], last[one], workflow.auto_approve_threshold
            )
        )

    def _approve_automatically(self, workflow):
        """Approve without anybody; the log says so.

        :param workflow: which allows it; empty: none fits these documents
        """
        self._write_approval(
            {
                "approval_state": "approved",
                "approval_workflow_id": workflow.id,
                "approval_version": False,
                "approval_level": 0,
                "approval_asked_at": fields.Datetime.now(),
            }
        )
        self._log_approval("automatic", lambda _one: {"workflow": workflow.id or None})
        self._finish_approval()

    def _ask_by(self, workflow):
        """Fix who is asked about these documents, and ask the first level.

        :raises UserError: nobody can approve one of them
        """
        self._fix_steps(workflow)._open_next_level()

    def _fix_steps(self, workflow):
        """Fix who will be asked about these documents; what nobody is, is approved.

        :return: the documents that wait now
        :raises UserError: nobody can approve one of them
        """
        versions = self._compute_versions()
        submitters = self._get_approval_submitters()
        companies = self._get_approval_companies()
        rows, nobody = [], self.browse()
        for document, levels in self._find_approval_seats(workflow).items():
            if not levels:  # nobody has to, by the conditions of all levels
                nobody |= document
            common = {
                "res_model": document._name,
                "res_id": document.id,
                "company_id": companies[document].id,
                "workflow_id": workflow.id,
                "submitter_id": submitters[document].id,
                "round": document.approval_round + 1,
                "content_version": versions[document],
                "timeout_hours": workflow.escalation_timeout,
            }
            for level, needed, seats in levels:
                if not seats:
                    document._refuse_without_approver(workflow)
                rows += [
                    {
                        **common,
                        "level": level,
                        "needed_count": needed,
                        "seat": place,
                        "user_id": seat.person,
                        "for_user_id": seat.in_place_of,
                        "reason": seat.reason,
                    }
                    for place, seat in enumerate(seats)
                ]
        nobody._approve_automatically(workflow)
        asked = self - nobody
        # Steps are written by approvals only; who may ask was checked by the caller.
        self.env["kpi.approval.step"].sudo().create(rows)
        now = fields.Datetime.now()
        for document in asked:
            document._write_approval(
                {
                    "approval_state": "pending",
                    "approval_workflow_id": workflow.id,
                    "approval_version": versions[document],
                    "approval_round": document.approval_round + 1,
                    "approval_level": 0,
                    "approval_asked_at": now,
                }
            )
        return asked

    def _refuse_without_approver(self, workflow):
        raise UserError(
            self.env._(
                "Nobody can approve %(document)s now. Ask %(owner)s, the owner of the"
                " workflow %(workflow)s.",
                document=self.display_name,
                owner=workflow.owner_id.name,
                workflow=workflow.name,
            )
        )

    def _open_next_level(self):
        """Ask the people of the next level of each document.

        :return: the documents that have none left
        """
        steps = self._take_next_level()
        steps._ask()
        return self - self.browse(steps.mapped("res_id"))

    def _take_next_level(self):
        """Go on to the next level of each document; the steps that are now due."""
        steps = self._find_steps("later")
        levels = {
            res_id: sorted(set(of_one.mapped("level")))
            for res_id, of_one in steps.grouped("res_id").items()
        }
        next_levels = {
            document.id: find_next_level(
                levels.get(document.id, ()), document.approval_level
            )
            for document in self
        }
        asked = steps.filtered(lambda step: step.level == next_levels[step.res_id])
        open_ones = self.browse(asked.mapped("res_id"))
        for level, same in open_ones.grouped(lambda one: next_levels[one.id]).items():
            same._write_approval({"approval_level": level})
        return asked

    def _find_steps(self, *states):
        """The steps of these documents that are in one of ``states``."""
        # They say who decides; their readers are those of the documents.
        steps = self.env["kpi.approval.step"].sudo()
        return steps.search(
            [
                ("res_model", "=", self._name),
                ("res_id", "in", self.ids),
                ("state", "in", states),
            ]
        )

    def _hold_approval(self):
        """Have no other transaction act on these approvals at the same time.

        Of two the second is run again: the rows change, so that it cannot decide by
        what it saw before the first.

        :raises LockError: one does at this moment
        """
        self.env.flush_all()
        try:
            # The rows only; what may be done with them is checked by the caller.
            self.sudo().lock_for_update(allow_referencing=True)
        except LockError as error:
            raise LockError(
                self.env._("Someone else is deciding on this right now. Reload it.")
            ) from error
        self._count_turn()

    def _count_turn(self):
        self.env.cr.execute(
            SQL(
                "UPDATE %s SET approval_turn = coalesce(approval_turn, 0) + 1"
                " WHERE id = ANY(%s)",
                SQL.identifier(self._table),
                self.ids,
            )
        )
        self.invalidate_recordset()

    def _check_approval_state(self, *states):
        for document in self:
            if document.approval_state not in states:
                raise UserError(document._say_approval_state())

    def _write_approval(self, vals):
        # Only methods of approvals write these fields.
        self.sudo()._write_pending(vals)

    def _finish_approval(self):
        if self:
            self._after_approval()
