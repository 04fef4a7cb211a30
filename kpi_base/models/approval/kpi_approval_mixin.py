from odoo import api, fields, models
from odoo.exceptions import AccessError, LockError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, format_list

from ...actions import RELOAD, show_notification
from ...audit import AuditEvent
from ...engine.approval import Vote, decide_level, is_small
from ...rest.call import OUTSIDE
from ...rights import search_by
from ...schemas.base import Id, Nothing, Text, Word
from .kpi_approval_step import act_on_most

STATES = [
    ("none", "Not Submitted"),
    ("pending", "Waiting for Approval"),
    ("approved", "Approved"),
    ("rejected", "Rejected"),
    ("returned", "Sent Back"),
]
MOST_NAMED = 3
ASKABLE = ("none", "rejected", "returned")
VERDICTS = {"approve": "approved", "reject": "rejected", "return": "returned"}


class KpiApprovalMixin(models.AbstractModel):
    """A document that people approve; as long as it waits its content stays as it is.

    The model names what is approved, and says what follows::

        class Order(models.Model):
            _name = "my.order"
            _inherit = ["kpi.approval.mixin"]

            def _approval_content(self):
                return {"amount": None, "line_ids": {"product_id": None, "price": None}}

            def _after_approval(self):
                self.filtered(lambda order: order.approval_state == "approved")._book()

    Then ``action_ask_approval`` asks those whom a ``kpi.approval.workflow`` for the
    model names, and ``action_approve``, ``action_reject`` … decide.
    """

    _name = "kpi.approval.mixin"
    _description = "Document to Approve"
    _inherit = ["kpi.approval.resolver", "kpi.timeline.mixin"]

    approval_state = fields.Selection(
        STATES,
        "Approval",
        required=True,
        readonly=True,
        default="none",
        copy=False,
        index=True,
    )
    approval_workflow_id = fields.Many2one(
        "kpi.approval.workflow", readonly=True, copy=False, ondelete="restrict"
    )
    approval_level = fields.Integer(readonly=True, copy=False, aggregator=None)
    approval_round = fields.Integer(
        readonly=True,
        copy=False,
        aggregator=None,
        exportable=False,
        help="Number of submissions.",
    )
    approval_version = fields.Char(readonly=True, copy=False, exportable=False)
    approval_turn = fields.Integer(
        readonly=True,
        copy=False,
        aggregator=None,
        exportable=False,
    )
    approval_asked_at = fields.Datetime("Submitted At", readonly=True, copy=False)
    approval_step_ids = fields.One2many(
        "kpi.approval.step",
        "res_id",
        string="Approval Steps",
        domain=lambda self: [("res_model", "=", self._name)],
        readonly=True,
        copy=False,
    )
    can_decide = fields.Boolean(
        compute="_compute_can_decide",
        search=search_by("_get_decidable_domain"),
        exportable=False,
    )

    @api.depends_context("uid", "allowed_company_ids")
    @api.depends("approval_state", "approval_turn")
    def _compute_can_decide(self):
        decidable = self.filtered_domain(self._get_decidable_domain())
        for document in self:
            document.can_decide = document in decidable

    @api.model
    def _get_decidable_domain(self):
        """Return the domain of the documents that the user is asked about now."""
        # Whoever is asked about a document may know that they are.
        steps = self.env["kpi.approval.step"].sudo()
        asked = steps._search(
            Domain("state", "=", "asked")
            & Domain("user_id", "=", self.env.uid)
            & Domain("res_model", "=", self._name)
            & Domain("company_id", "in", [False, *self.env.companies.ids])
        )
        own = Domain("id", "in", asked.subselect(SQL("res_id")))
        return own & Domain("approval_state", "=", "pending")

    def _approval_content(self):
        """Name what is approved: field → None, or of lines a dict of their fields.

        Lines are those of one2many and many2many fields: as long as the document waits
        nobody changes them either.
        """
        raise NotImplementedError(
            f"{self._name} has no _approval_content: which fields are approved"
        )

    def _after_approval(self):
        """React to the end of the approval of these documents, by ``approval_state``.

        In the deciding transaction; what it writes to them goes by ``_write_pending``.
        """

    def _get_approval_submitters(self):
        # The steps say who did; a document shows that to whoever sees it.
        asked = self.sudo().filtered(lambda one: one.approval_state == "pending")
        known = {one.id: one.approval_step_ids[-1:].submitter_id for one in asked}
        nobody = self.env["res.users"]
        return {one: known.get(one.id, nobody) or self.env.user for one in self}

    def _get_decision_facts(self):
        is_asked = self.approval_state == "pending"
        return super()._get_decision_facts() if is_asked else self._get_approval_facts()

    def _say_effect(self):
        """Whom it goes to once this level is approved; empty: all levels are."""
        later = self._find_steps("later")
        level = min(later.mapped("level"), default=0)
        people = later.filtered(lambda step: step.level == level).user_id
        names = format_list(self.env, people.mapped("name"), "or")
        return self.env._("Next approver: %s.", names) if people else ""

    def _get_shown_version(self):
        is_asked = self.approval_state not in ("none", "returned")
        return self.approval_version if is_asked else None

    def _decide_listed(self, decision, comment=""):
        return self._decide(decision, comment)

    def _forward_listed(self, successor, comment=""):
        return self.action_forward(successor.id, comment)

    def _get_last_approved_amounts(self):
        """Document → the number that a person approved last; None = none."""
        return dict.fromkeys(self)

    def _say_approval_state(self):
        """Why nobody can decide on this document now, and who did."""
        self.ensure_one()
        last = self._find_last_decision()
        names = {"document": self.display_name, "person": last.user_id.name}
        if last and self.approval_state == "approved":
            return self.env._("%(document)s was approved by %(person)s.", **names)
        if last and self.approval_state == "rejected":
            return self.env._("%(document)s was rejected by %(person)s.", **names)
        if last and self.approval_state == "returned":
            return self.env._("%(document)s was sent back by %(person)s.", **names)
        if self.approval_state == "approved":
            return self.env._("%s was approved automatically.", self.display_name)
        if self.approval_state == "pending":
            return self.env._("%s is already waiting for approval.", self.display_name)
        return self.env._("%s is not waiting for approval.", self.display_name)

    def _find_last_decision(self):
        """The step that was decided on last; empty if none was."""
        self.ensure_one()
        # By level: who is asked in place of others comes after those of later ones.
        decided = self._find_steps("approved", "rejected", "returned")
        return decided.sorted("round, level, decided_at, id")[-1:]

    def _say_who_decides(self):
        """Whose decision this document waits for, as others cannot decide."""
        self.ensure_one()
        names = self._find_steps("asked").user_id[:MOST_NAMED].mapped("name")
        words = {"document": self.display_name, "people": ", ".join(names)}
        if self._get_approval_submitters()[self] == self.env.user:
            return self.env._(
                "%(document)s: you cannot approve your own document. Ask %(people)s.",
                **words,
            )
        return self.env._("%(document)s is waiting for %(people)s.", **words)

    def _say_approvers(self):
        """Document, stored or not → who would be asked, in a sentence.

        Those that nobody has to approve are left out.
        """
        users, said = self.env["res.users"], {}
        workflows = self._find_approval_workflows()  # as when they are submitted
        asked = self.filtered(lambda one: one in workflows)
        for workflow, documents in asked.grouped(workflows.get).items():
            documents -= documents._filter_small(workflow)
            for document, levels in documents._find_approval_seats(workflow).items():
                people = [
                    self._name_people(
                        [users.browse(seat.person).name for seat in seats], needed
                    )
                    for _level, needed, seats in levels
                ]
                said[document] = self._say_levels(people)
        return said

    @api.model
    def _say_levels(self, people):
        """:param people: text of each level, empty where nobody can decide"""
        if not people:
            return ""
        if not all(people):
            return self.env._("This value has no available approver.")
        text, *later = people
        for names in later:
            text = self.env._("%(first)s, then by %(next)s", first=text, next=names)
        return self.env._("Needs approval by %s.", text)

    @api.model
    def _name_people(self, names, needed):
        """People one of whom decides, or as many as are needed."""
        names = list(dict.fromkeys(names))
        more = len(names) - MOST_NAMED
        if more > 1:
            names = [*names[:MOST_NAMED], self.env._("%s others", more)]
        return format_list(self.env, names, "standard" if needed > 1 else "or")

    def _log_approval(self, what, values_of, comment="", notes_of=None):
        """Log what ``values_of`` each says, in a constant number of statements.

        :param notes_of: function of a document: its personal texts beside the comment
        """
        personal = {"comment": comment} if comment else {}
        self.env["kpi.audit.log"]._append(
            [
                AuditEvent(
                    document,
                    f"approval_{what}",
                    values_of(document),
                    personal | (notes_of(document) if notes_of else {}),
                )
                for document in self
            ]
        )

    def _timeline_selects(self):
        return [
            *super()._timeline_selects(),
            SQL(
                """
                SELECT 'approval', id, id, user_id, recorded_at, recorded_at, NULL::int,
                       text::jsonb -> 'values'
                       || jsonb_build_object('event', event_type)
                  FROM audit_logs
                 WHERE model = %s
                   AND res_id = %s
                   AND starts_with(event_type, 'approval_')
                """,
                self._name,
                self.id,
            ),
        ]

    def _timeline_approval(self, rows):
        labels = self.env["kpi.audit.log"]._event_labels()
        users = self.env["res.users"]
        for row in rows:
            details = row["details"]
            asked, absent = (
                ", ".join(users.browse(details.get(name) or ()).mapped("name"))
                for name in ("asked", "in_place_of")
            )
            lines = [self.env._("Asked: %s", asked)] if asked else []
            lines += [self.env._("On behalf of %s", absent)] if absent else []
            if "delay_reason" in details:
                reason = details["delay_reason"] or self.env._("Not given")
                lines.append(self.env._("Delay reason: %s", reason))
            yield {"title": labels[details["event"]], "lines": lines}

    def action_ask_approval(self):
        """Submit these documents to those who have to approve them.

        :raises UserError: one waits already, or nobody can approve it
        """
        self.check_access("write")
        self._hold_approval()
        self._check_approval_state(*ASKABLE)
        self._ask_approval()

    def preview_approvers(self, values: dict | Nothing = None):
        """Tell who would be asked about a document if it was submitted now.

        :param values: of its form, as far as it is not saved
        :return: dict of ``workflow`` (its name, or False: no approval is needed),
            ``is_automatic`` and ``levels``: dicts of ``level``, ``needed``, ``group``
            (its name, where a group is asked and nobody else) and ``people``: dicts of
            ``name`` and ``in_place_of``; ``within``, in words, where time is limited
        """
        self.check_access("read" if self else "create")
        if values or not self:
            self = self._draft(values or {})
        self.ensure_one()
        workflow = self._find_approval_workflows().get(self)
        if not workflow:
            return {"workflow": False, "is_automatic": True, "levels": []}
        # Who is asked is said to whoever asks.
        users = self.env["res.users"].sudo()
        found = [
            {
                "level": number,
                "needed": needed,
                "group": workflow._name_group(number),
                **self._prepare_level_terms(workflow, number),
                "people": [
                    {
                        "name": users.browse(seat.person).name,
                        "in_place_of": users.browse(seat.in_place_of).name,
                    }
                    for seat in seats
                ],
            }
            for number, needed, seats in self._find_approval_seats(workflow)[self]
        ]
        is_small = self in self._filter_small(workflow)
        return {"workflow": workflow.name, "is_automatic": is_small, "levels": found}

    def _prepare_level_terms(self, _workflow, _number):
        """Prepare what else people read of a level before they submit."""
        return {}

    def _draft(self, values):
        """This document with ``values`` that are not stored."""
        self._check_choices([(self, values)], values)
        try:
            return self.new(values, origin=self)
        except (ArithmeticError, KeyError, TypeError, ValueError) as error:
            raise UserError(self.env._("Invalid form values: %s", error)) from error

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
            (documents - small)._fix_steps(workflow)._open_next_level()

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
        """Approve without anybody, as ``workflow`` allows it, or as none fits."""
        if not self:
            return
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
        self._after_approval()

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
                    raise UserError(
                        self.env._(
                            "%(document)s has no available approver. Ask "
                            "%(owner)s, owner of workflow %(workflow)s.",
                            document=document.display_name,
                            owner=workflow.owner_id.name,
                            workflow=workflow.name,
                        )
                    )
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

    def _open_next_level(self):
        """Ask the people of the next level of each document; returns those without."""
        # Who was to be asked on a later level may have left since they were found.
        is_later = any(self.mapped("approval_level"))
        steps = self._take_next_level()
        if not steps:
            return self
        steps._begin()
        if is_later:
            steps._replace_held()
        asked = steps.filtered(lambda step: step.state == "asked")
        asked._notify()
        self.env["kpi.event"]._emit("approval.requested", asked)
        return self - self.browse(steps.mapped("res_id"))

    def _take_next_level(self):
        """Go on to the next level of each document; the steps that are now due."""
        later = self._find_steps("later").grouped("res_id")
        asked = self.env["kpi.approval.step"].sudo()  # as above
        for document in self:
            by_level = later.get(document.id, asked.browse()).grouped("level")
            levels = [level for level in by_level if level > document.approval_level]
            if levels:
                asked |= by_level[min(levels)]
        for level, same in asked.grouped("level").items():
            documents = self.browse(set(same.mapped("res_id")))
            documents._write_approval({"approval_level": level})
        return asked

    def _find_steps(self, *states):
        """The steps of these documents that are in one of ``states``."""
        # They say who decides; their readers are those of the documents.
        return self.sudo().approval_step_ids.filtered(lambda step: step.state in states)

    def _hold_approval(self):
        """Have no other transaction act on these approvals at the same time.

        Of two the second is run again: the rows change, so that it cannot decide by
        what it saw before the first.

        :raises LockError: one does at this moment
        """
        self.env.flush_all()
        left = self - self._count_turn(SQL("SKIP LOCKED"))
        try:
            # The rows only; what may be done with them is checked by the caller.
            left.sudo().lock_for_update(allow_referencing=True)
        except LockError as error:
            raise LockError(
                self.env._(
                    "Someone else is deciding on this right now. Reload the page."
                )
            ) from error
        left._count_turn()

    def _count_turn(self, busy=SQL()):  # noqa: B008  # SQL is never changed
        """Count this turn of these; returns them, without what ``busy`` leaves out."""
        query = SQL(
            """
            UPDATE %(table)s SET approval_turn = coalesce(approval_turn, 0) + 1
             WHERE id IN (SELECT id FROM %(table)s WHERE id = ANY(%(ids)s)
                             FOR NO KEY UPDATE %(busy)s)
         RETURNING id
            """,
            table=SQL.identifier(self._table),
            ids=self.ids,
            busy=busy,
        )
        rows = self.env.execute_query(query) if self else []
        found = self.browse(one for (one,) in rows)
        self.invalidate_recordset(["approval_turn", "can_decide"])
        return self & found

    def _check_approval_state(self, *states):
        for document in self:
            if document.approval_state not in states:
                raise UserError(document._say_approval_state())

    def _write_approval(self, vals):
        # Only methods of approvals write these fields.
        self.sudo()._write_pending(vals)

    def action_approve(self):
        """Approve these documents, as far as the user is asked."""
        return self._decide_all("approve")

    def action_reject(self, comment: Text | Nothing = ""):
        return self._decide_all("reject", comment)

    def action_return(self, comment: Text | Nothing = ""):
        """Send these documents back to their submitters, who may change them."""
        return self._decide_all("return", comment)

    def decide_approvals(self, decision: Word, comment: Text | Nothing = ""):
        """Decide on these documents where it is possible.

        The context's ``approval_versions`` lists the ``approval_version`` of each as
        it was shown: nothing is decided on another content.

        :param decision: “approve”, “reject” or “return”
        :return: list of dicts, in the order of the documents: ``id``, ``is_decided``
            and ``reason`` where it is not
        """
        self._find_verdict(decision, comment)
        refused = act_on_most(self, lambda some: some._decide(decision, comment))
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
        self._after_approval()

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
        levels = set(steps.mapped(lambda step: (step.res_id, step.round, step.level)))
        for step in self._find_steps("asked", "approved"):
            level = step.res_id, step.round, step.level
            if step.user_id == successor and level in levels:
                raise UserError(
                    self.env._(
                        "%(person)s was already asked about %(document)s. Choose "
                        "someone else.",
                        person=successor.display_name,
                        document=self.browse(step.res_id).display_name,
                    )
                )
        people = dict.fromkeys(steps, successor)
        steps._replace_by(people, "forwarded", "forwarded", comment)

    def _decide_all(self, decision, comment=""):
        """Decide on all or none; returns a notification on what changed meanwhile."""
        self.check_access("read")
        refused = self._decide(decision, comment, is_strict=True)
        if not refused:
            return None
        names = [one.display_name or one._description for one in refused]
        title = ", ".join(names[:MOST_NAMED])
        reason = next(iter(refused.values()))
        return show_notification(
            reason, type="warning", title=title, sticky=True, next=RELOAD
        )

    def _decide(self, decision, comment="", is_strict=False):
        """Decide where possible: a number of statements that does not grow with them.

        What was decided on is compared with what was submitted in this transaction;
        where it differs nothing is decided, and its people are asked anew.

        :return: dict document → why nothing was decided
        :raises UserError: ``is_strict``, and not for a changed content
        """
        verdict = self._find_verdict(decision, comment)
        readable = self._filtered_access("read")
        refused = {one: self.env._("This document does not exist.") for one in self}
        readable._hold_approval()
        steps = readable._find_own_steps()
        refused.update(dict.fromkeys(readable, ""))
        refused.update(readable._find_obstacles(verdict))
        refused.update(readable._find_refusals(steps))
        if is_strict:
            readable._raise_refusal(refused)
        decided = readable.filtered(lambda one: not refused[one])
        versions = decided._compute_versions()
        changed = decided.filtered(lambda one: versions[one] != one.approval_version)
        reason = self.env._("A newer version has been submitted.")
        refused.update(dict.fromkeys(changed, reason))
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
            raise ValidationError(
                self.env._("The decision %s does not exist.", decision)
            )
        if verdict != "approved" and not (comment or "").strip():
            raise ValidationError(self.env._("Enter a reason."))
        return verdict

    def _find_own_steps(self):
        """The steps of these documents that the user is asked on."""
        return self._find_steps("asked").filtered(
            lambda step: step.user_id == self.env.user
        )

    def _open_decision_dialog(self, decision):
        """Ask why these are rejected or sent back, or who decides instead."""
        self.check_access("read")
        name = f"kpi_base.kpi_approval_decision_action_{decision}"
        action = self.env["ir.actions.act_window"]._for_xml_id(name)
        steps = self._find_own_steps()
        context = {"default_decision": decision, "default_step_ids": steps.ids}
        return {**action, "context": context}

    def _find_refusals(self, steps):
        """Document → why the user, whose ``steps`` these are, cannot decide on it."""
        own = set(steps.mapped("res_id"))
        refused = {}
        for document in self:
            if document.approval_state != "pending":
                refused[document] = document._say_approval_state()
            elif document.id not in own:
                refused[document] = document._say_who_decides()
            elif not document._is_as_shown():
                refused[document] = document._say_changed()
            elif hold := document._say_hold():
                refused[document] = hold
        return refused

    def _say_changed(self):
        """Tell who saw another content what to do, a person or a program."""
        if "approval_versions" in self.env.context:
            return self.env._(
                "%s has changed since you opened it. Open it again.", self.display_name
            )
        return self.env._(
            "%s has changed since you were first asked. Send its "
            "“approval_version” in the context's “approval_versions”, or its ETag "
            "in “If-Match”.",
            self.display_name,
        )

    def _is_as_shown(self):
        """Check whether the user decides on the content that this document has.

        Screens, links and lists say in the context what they showed. Who calls from
        outside and says nothing may mean another content, if they were asked about one.
        """
        shown = self.env.context.get("approval_versions")
        if shown is not None:
            return isinstance(shown, list) and self.approval_version in shown
        if not self.env.context.get(OUTSIDE):
            return True
        # What they were asked themselves is no secret to them.
        steps = self.sudo().approval_step_ids
        own = steps.filtered(lambda step: step.user_id == self.env.user)
        return set(own.mapped("content_version")) <= {self.approval_version}

    def _find_obstacles(self, _verdict):
        """Document → why nobody can decide so on it now; others are left out."""
        return {}

    def _raise_refusal(self, refused):
        """:raises UserError: the first reason of ``refused``, dict document → reason"""
        for document, reason in refused.items():
            if reason:
                is_waiting = document.approval_state == "pending"
                is_of_others = is_waiting and document._is_as_shown()
                raise (AccessError if is_of_others else UserError)(reason)

    def _ask_anew(self):
        """Ask about what changed meanwhile, by the workflow it was submitted to."""
        if not self:
            return
        self._log_approval("changed", lambda _one: {})
        self._find_steps("later", "asked")._close()
        for workflow, same in self.grouped("approval_workflow_id").items():
            # Rules of approving hold for everybody, whoever may see them.
            same._fix_steps(workflow.sudo())._open_next_level()

    def _decide_steps(self, steps, verdict, comment):
        """Note what the user decided on ``steps``, and end the levels that are over."""
        if not self:
            return
        late = self._filter_late(steps)
        if late:
            late.write(self.env["kpi.approval.delay.reason"]._read_delay())
        steps.write(
            {
                "state": verdict,
                "decided_at": fields.Datetime.now(),
                "comment": comment or False,
            }
        )
        step_of = {step.res_id: step for step in steps}
        # In the language of the source, as others read the log.
        reason = late[:1].delay_reason_id.with_context(lang=None).name or None
        note = late[:1].delay_note
        is_late = set(late.mapped("res_id"))
        self._log_approval(
            verdict,
            lambda one: {
                "level": step_of[one.id].level,
                "in_place_of": step_of[one.id].for_user_id.id or None,
                "version": one.approval_version,
                **({"delay_reason": reason} if one.id in is_late else {}),
            },
            comment,
            lambda one: {"delay_note": note} if note and one.id in is_late else {},
        )
        for outcome, same in self._group_by_outcome().items():
            if outcome == "approved":
                same._find_steps("asked")._close()
                same = same._open_next_level()
            if same and outcome not in ("open", "vacant"):
                same._find_steps("later", "asked")._close()
                same._write_approval({"approval_state": outcome})
                same._after_approval()
        # Of every document, as its level may wait for others.
        self.env["kpi.event"]._emit("approval.decided", steps)

    def _group_by_outcome(self):
        """Outcome of the level at hand, by ``decide_level`` → these documents."""
        steps = self._find_steps("asked", "approved", "rejected", "returned")
        of_level = steps.grouped(lambda step: (step.res_id, step.round, step.level))

        def decide(document):
            place = document.id, document.approval_round, document.approval_level
            level = of_level[place]
            votes = [Vote(step.seat, step.user_id.id, step.state) for step in level]
            return decide_level(votes, level[0].needed_count)

        return self.grouped(decide)
