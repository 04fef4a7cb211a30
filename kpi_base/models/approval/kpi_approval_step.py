import logging
import textwrap
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ...actions import open_form
from ...engine.approval import find_due
from ...engine.message import Action, Line, Message
from ...engine.worktime import Timeline
from ...fields import OptionalFloat
from ...formatting import format_day
from ...outbox import DeliverySkipped
from ...repeat import repeat_late, run_apart
from ...rights import readable_domain, search_by
from ..record.base import find_heirs, name_heirs
from .people import build_situations

# What became of a person's part; those that are left can decide.
STATES = [
    ("later", "Upcoming"),
    ("asked", "Waiting"),
    ("approved", "Approved"),
    ("rejected", "Rejected"),
    ("returned", "Sent Back"),
    ("forwarded", "Forwarded"),
    ("replaced", "Replaced"),
    ("closed", "No Longer Needed"),
]
# Age → days after which it is older; their order is the alphabet's.
AGES = {"1d": 1, "3d": 3, "7d": 7}
OLDEST = "older"

_logger = logging.getLogger(__name__)
BATCH = 500
LONGEST = 200  # letters of a fact in a line


class KpiApprovalStep(models.Model):
    """One person who is, was or will be asked about one document.

    The rows are made when the document is handed in and hold all that deciding needs:
    a workflow that is changed meanwhile changes nothing for it.
    """

    _name = "kpi.approval.step"
    _description = "Approval Step"
    _inherit = ["kpi.readonly.mixin"]
    _order = "id"
    _rec_name = "user_id"

    res_model = fields.Char("Document Model", required=True, readonly=True)
    res_id = fields.Many2oneReference(
        "Document ID", model_field="res_model", required=True, readonly=True
    )
    company_id = fields.Many2one("res.company", readonly=True, ondelete="cascade")
    workflow_id = fields.Many2one(
        "kpi.approval.workflow", readonly=True, ondelete="restrict", index=True
    )
    submitter_id = fields.Many2one(
        "res.users", "Submitted By", required=True, readonly=True, ondelete="restrict"
    )
    round = fields.Integer(
        required=True, readonly=True, aggregator=None, exportable=False
    )
    document_name = fields.Char(
        "Document", compute="_compute_document", search="_search_document_name"
    )
    level = fields.Integer(required=True, readonly=True, aggregator=None)
    seat = fields.Integer(
        required=True,
        readonly=True,
        aggregator=None,
        exportable=False,
        help="Any approver with the same seat can approve for the others.",
    )
    needed_count = fields.Integer(
        "Approvals Needed", required=True, readonly=True, aggregator=None
    )
    user_id = fields.Many2one(
        "res.users", "Approver", required=True, readonly=True, ondelete="restrict"
    )
    for_user_id = fields.Many2one(
        "res.users",
        "On Behalf Of",
        readonly=True,
        ondelete="restrict",
        index="btree_not_null",
    )
    reason = fields.Selection(
        [
            ("named", "Workflow"),
            ("delegated", "Deputy"),
            ("absent", "Approver Away"),
            ("next_up", "No Other Approver"),
            ("forwarded", "Forwarded"),
            ("escalated", "Escalated to Manager"),
        ],
        "Assignment Reason",
        required=True,
        readonly=True,
        default="named",
    )
    state = fields.Selection(
        STATES, "Status", required=True, readonly=True, default="later"
    )
    content_version = fields.Char(required=True, readonly=True, exportable=False)
    timeout_hours = fields.Integer(readonly=True, aggregator=None)
    asked_at = fields.Datetime(string="Requested At", readonly=True, copy=False)
    due_at = fields.Datetime("Escalates At", readonly=True, copy=False)
    escalated_at = fields.Datetime(readonly=True, copy=False)
    decided_at = fields.Datetime(readonly=True, copy=False)
    comment = fields.Text(readonly=True, copy=False)
    delay_reason_id = fields.Many2one(
        "kpi.approval.delay.reason",
        readonly=True,
        copy=False,
        ondelete="restrict",
        index="btree_not_null",
        help="Why the decision was late. Blank if on time or no reason was given.",
    )
    delay_note = fields.Text(readonly=True, copy=False)
    is_late = fields.Boolean(
        "Overdue",
        compute="_compute_is_late",
        exportable=False,
        help="The decision is overdue. If delay reasons are defined, one is required.",
    )
    can_see_document = fields.Boolean(
        compute="_compute_document",
        search=search_by("_get_documents_domain"),
        exportable=False,
    )
    facts = fields.Char("Details", compute="_compute_facts")
    details = fields.Json("Facts", compute="_compute_facts", exportable=False)
    amount = OptionalFloat("Numeric Amount", compute="_compute_facts", exportable=False)
    amount_text = fields.Char("Amount", compute="_compute_facts", exportable=False)
    decide_by = fields.Datetime(compute="_compute_facts", exportable=False)
    needs_dialog = fields.Boolean(compute="_compute_facts", exportable=False)
    can_decide = fields.Boolean(compute="_compute_facts", exportable=False)
    kind = fields.Selection(
        lambda self: name_heirs(self.env, "kpi.approval.mixin"),
        compute="_compute_kind",
        search="_search_kind",
    )
    age = fields.Selection(
        [
            ("1d", "Up to a Day"),
            ("3d", "Up to 3 Days"),
            ("7d", "Up to a Week"),
            (OLDEST, "More than a Week"),
        ],
        "Waiting Time",
        compute="_compute_age",
        search="_search_age",
    )
    document_id = fields.Integer(
        "Record ID", compute="_compute_document_id", exportable=False, aggregator=None
    )

    # “My approvals”, and whether somebody may decide on a document
    _asked_idx = models.Index("(user_id, res_model, res_id) WHERE state = 'asked'")
    _queue_idx = models.Index("(user_id, asked_at, id) WHERE state = 'asked'")
    _document_idx = models.Index("(res_model, res_id)")
    _due_idx = models.Index(
        "(due_at) WHERE state = 'asked' AND escalated_at IS NULL AND due_at IS NOT NULL"
    )

    @api.depends_context("uid", "lang", "allowed_company_ids")
    @api.depends("res_model", "res_id")
    def _compute_document(self):
        """Name the documents that the user may see, by a few statements a model."""
        names = {
            (one._name, one.id): one.display_name
            for documents in self._find_seen_documents()
            for one in documents
        }
        for step in self:
            key = step.res_model, step.res_id
            step.document_name = names.get(key, "")
            step.can_see_document = key in names

    @api.depends_context("uid", "lang", "allowed_company_ids")
    @api.depends("res_model", "res_id", "content_version", "due_at")
    def _compute_facts(self):
        """What the reader decides on: its number, when it is due, and facts.

        Only of the content that they were asked about. Lists have columns for the
        amount and the due date; their line of facts leaves these out.
        """
        said = {
            (document._name, document.id, document._get_shown_version()): (
                amount,
                document._get_amount_text(),
                document._get_decision_facts(),
                document._get_due_label(),
                document._get_approval_due(),
                bool(document._open_approval_dialog()),
                not document._say_hold(),
            )
            for documents in self._find_seen_documents()
            for document, amount in documents._get_approval_amounts().items()
        }
        unknown = None, "", [], "", False, False, True
        for step in self:
            key = step.res_model, step.res_id, step.content_version
            amount, written, facts, due_label, due_at, has_dialog, is_open = said.get(
                key, unknown
            )
            step.needs_dialog = has_dialog
            step.can_decide = is_open and step.state == "asked"
            step.decide_by = due_at or step.due_at
            step.amount = False if amount is None else amount
            step.amount_text = written
            step.details = [{"label": label, "text": text} for label, text in facts]
            step.facts = " · ".join(
                f"{label}: {textwrap.shorten(text, LONGEST, placeholder='…')}"
                for label, text in facts
                if text != written and label != due_label
            )

    @api.depends("state", "res_model", "res_id")
    def _compute_is_late(self):
        of_model, late = self.grouped("res_model"), self.browse()
        for documents in self._get_documents():
            late |= documents._filter_late(of_model[documents._name])
        for step in self:
            step.is_late = step in late

    def _get_documents(self):
        """The documents of these steps that are there: recordsets, one a model."""
        resolver, found = self.env.registry["kpi.approval.resolver"], []
        for model, steps in self.grouped("res_model").items():
            if model in self.env and isinstance(self.env[model], resolver):
                every = self.env[model].browse(steps.mapped("res_id"))
                # What was read in this transaction is there.
                names = {"approval_state", "create_date"} & every._fields.keys()
                unread = every.filtered(
                    lambda one, names=names: (
                        not any(name in one._cache for name in names)
                    )
                )
                found.append(every - (unread - unread.exists()))
        return [documents for documents in found if documents]

    @api.model
    def _search_document_name(self, operator, value):
        return self._get_documents_domain(Domain("display_name", operator, value))

    @api.model
    def _get_documents_domain(self, domain=Domain.TRUE):
        """Steps of documents that fit ``domain`` and the user may read."""
        return Domain.OR(
            readable_domain(documents, "res_model", "res_id", domain)
            for documents in self._list_kinds()
        )

    def _find_seen_documents(self):
        """Documents of these steps that the user may read: recordsets, one a model."""
        # As the user: what they may not see is not there for them.
        return [
            documents.sudo(False)._filtered_access("read")
            for documents in self._get_documents()
        ]

    @api.model
    def _list_kinds(self):
        """An empty recordset of each model whose documents these may be about."""
        return find_heirs(self.env, "kpi.approval.mixin")

    @api.depends("res_model")
    def _compute_kind(self):
        known = {one._name for one in self._list_kinds()}
        for step in self:
            step.kind = step.res_model in known and step.res_model

    @api.model
    def _search_kind(self, operator, value):
        if operator != "in":
            return NotImplemented
        return Domain("res_model", "in", value)

    @api.depends("asked_at")
    def _compute_age(self):
        now = fields.Datetime.now()
        for step in self:
            waited = now - (step.asked_at or now)
            step.age = next(
                (age for age, days in AGES.items() if waited < timedelta(days=days)),
                OLDEST,
            )

    @api.model
    def _search_age(self, operator, value):
        if operator != "in":
            return NotImplemented
        ages = list(filter(None, value))
        return Domain("asked_at", "!=", False) & Domain.custom(
            to_sql=lambda steps, alias, query: SQL(
                "%s = ANY(%s)", steps._field_to_sql(alias, "age", query), ages
            )
        )

    @api.depends("res_id")
    def _compute_document_id(self):
        for step in self:
            step.document_id = step.res_id

    def _field_to_sql(self, alias, field_expr, query=None):
        """Let lists be grouped by kind and age, which follow from other columns."""
        if field_expr != "age":
            column = "res_model" if field_expr == "kind" else field_expr
            return super()._field_to_sql(alias, column, query)
        asked_at = super()._field_to_sql(alias, "asked_at", query)
        now = fields.Datetime.now()
        younger = [
            SQL("WHEN %s > %s THEN %s", asked_at, now - timedelta(days=days), age)
            for age, days in AGES.items()
        ]
        return SQL("(CASE %s ELSE %s END)", SQL(" ").join(younger), OLDEST)

    def action_open_document(self):
        """Open the document; the user may not be asked about it any more."""
        self.ensure_one()
        self.check_access("read")
        return open_form(self.env[self.res_model].browse(self.res_id))

    def action_approve(self):
        """Approve the documents of these steps, as far as the user is asked."""
        decision = self.env["kpi.approval.decision"].create(
            {"decision": "approve", "step_ids": [fields.Command.set(self.ids)]}
        )
        return decision._decide_chosen()

    def action_hand_over(self):
        """Hand over all that those who are asked answer for, as when they leave."""
        self.check_access("read")
        return self.user_id.action_kpi_hand_over()

    def _decide(self, decision, comment=""):
        """Decide where the user can; returns dict step → why nothing was decided."""
        self.env["kpi.approval.mixin"]._find_verdict(decision, comment)
        self.env["kpi.approval.delay.reason"]._read_delay()
        return self._act_on_documents(
            lambda some: some._decide_listed(decision, comment)
        )

    def _forward(self, successor, comment=""):
        """Have somebody else decide in place of the user; returns as ``_decide``."""
        return self._act_on_documents(
            lambda some: some._forward_listed(successor, comment)
        )

    def _hold(self):
        """Have nobody else act on the documents of these steps meanwhile."""
        for documents in self._get_documents():
            documents._hold_approval()

    def _say_why_closed(self):
        """Why nobody is asked on this step, as the document says it."""
        for document in self._get_documents():
            if self.round < document.approval_round:
                return self.env._(
                    "A newer approval request for %s replaced this one.",
                    document.display_name,
                )
            return document._say_approval_state()
        return self.env._("This document does not exist.")

    def _act_on_documents(self, act):
        """Act on their documents, if they have the content that these were asked about.

        :return: dict step → why nothing was done
        :param act: callable of documents → dict document → why nothing was done, or
            None; may raise a ``UserError``
        """
        gone, reasons = self.env._("This document does not exist."), {}
        versions = self.mapped("content_version")
        for documents in self._get_documents():
            named = documents.with_context(approval_versions=versions)
            refused = act_on_most(named, act)
            reasons |= {(one._name, one.id): refused.get(one) for one in documents}
        found = {one: reasons.get((one.res_model, one.res_id), gone) for one in self}
        return {step: reason for step, reason in found.items() if reason}

    @api.model_create_multi
    def create(self, vals_list):
        steps = super().create(vals_list)
        steps._announce_asked()
        return steps

    def write(self, vals):
        """Note whom a successor decides for, as when somebody leaves."""
        if vals.keys() & {"state", "user_id"}:
            self._announce_asked()
        if "user_id" not in vals:
            result = super().write(vals)
            self._announce_asked()
            return result
        for former, steps in self.grouped("user_id").items():
            steps._check_can_take(self.env["res.users"].browse(vals["user_id"]))
            super(KpiApprovalStep, steps).write({**vals, "for_user_id": former.id})
            steps._log_people("replaced")
        self.filtered(lambda step: step.state == "asked")._notify()
        self._announce_asked()
        return True

    def _announce_asked(self):
        """Have the badges of those count anew who are asked on one of these."""
        asked = self.filtered(lambda step: step.state == "asked")
        self.env["kpi.approval.item"]._announce(asked.user_id)

    def _check_can_take(self, user):
        """:raises UserError: ``user`` must not or cannot decide on one of them"""
        name = user.display_name
        if user in self.submitter_id:
            raise UserError(
                self.env._("%s submitted this document and cannot approve it.", name)
            )
        if not (user.active and user._is_internal()):
            raise UserError(self.env._("%s cannot approve.", name))
        for documents in self._get_documents():
            # What they may not see they cannot decide on.
            hidden = documents - documents._filter_readable_by(user)
            if hidden:
                raise UserError(
                    self.env._(
                        "%(person)s has no access to %(document)s.",
                        person=name,
                        document=hidden[0].display_name,
                    )
                )

    def _begin(self):
        """Let these people decide from now on; nobody is told."""
        # Who leaves at this moment is seen as this runs again, or by the job after it.
        ids = self.user_id.ids
        lock = SQL("SELECT id FROM res_users WHERE id = ANY(%s) FOR SHARE", ids)
        self.env.execute_query(lock)
        now = fields.Datetime.now()
        self.write({"state": "asked", "asked_at": now})
        self._plan_escalation(now)
        self._log_people("requested")

    def _plan_escalation(self, now):
        """Set when managers may decide too, by the working hours of who is asked."""
        timed = self.filtered("timeout_hours")
        for (user, company), same in timed.grouped(
            lambda step: (step.user_id, step.company_id)
        ).items():
            timeline = _get_timeline(user, company or user.company_id)
            for hours, steps in same.grouped("timeout_hours").items():
                steps.due_at = find_due(timeline, now, hours)

    def _close(self):
        self.write({"state": "closed"})

    def _ask_beside(self, people, reason):
        """Ask ``people`` (step → user) on the seats of these steps: the new ones."""
        now = fields.Datetime.now()
        new = self.create(
            [
                {
                    **step.copy_data()[0],
                    "user_id": user.id,
                    "for_user_id": step.user_id.id,
                    "reason": reason,
                    "state": "asked",
                    "asked_at": now,
                }
                for step, user in people.items()
            ]
        )
        new._plan_escalation(now)
        return new

    def _replace_by(self, people, reason, what, comment=""):
        """Ask ``people`` (step → user) instead: these are ``what``, as is logged."""
        new = self._ask_beside(people, reason)
        old = self.browse(step.id for step in people)
        old.write({"state": what, "comment": comment or False})
        new._log_people(what, comment)
        new._notify()
        self.env["kpi.event"]._emit("approval.requested", new)

    def _log_people(self, what, comment=""):
        """Log who is asked about each document, and in whose place."""
        of_document = self.grouped(lambda step: (step.res_model, step.res_id))

        def describe(document):
            steps = of_document[document._name, document.id]
            return {
                "level": steps[0].level,
                "needed": steps[0].needed_count,
                "asked": steps.user_id.ids,
                "in_place_of": steps.for_user_id.ids,
                "version": steps[0].content_version,
            }

        for documents in self._get_documents():
            documents._log_approval(what, describe, comment)

    def _notify(self):
        """Tell those who are asked, but for who submitted it."""
        told = self.filtered(lambda step: step.user_id != step.submitter_id)
        self.env["kpi.approval.link"]._make(told)
        self.env["kpi.delivery"]._queue(
            [
                {
                    "key": f"approval:{user.id}:{steps[0].id}:{steps[0].state}",
                    "user_id": user.id,
                    "subject": self.env._("Approvals requested"),
                    "company_id": steps.company_id[:1].id,
                    "renderer": self._name,
                    "lines": [
                        {
                            "res_model": step.res_model,
                            "res_id": step.res_id,
                            "data": {"step": step.id},
                        }
                        for step in steps
                    ],
                }
                for user, steps in told.grouped("user_id").items()
            ]
        )

    @api.model
    def _render_delivery(self, delivery, lines):
        """Write which documents still wait for the reader, if any does."""
        asked = self.search(
            [
                ("id", "in", [line.data["step"] for line in lines]),
                ("state", "=", "asked"),
                ("user_id", "=", self.env.uid),
            ]
        )
        if not asked:
            raise DeliverySkipped(self.env._("These items have already been decided."))
        if len(asked) == 1:
            title = self.env._("Approve %s", asked.document_name)
        else:
            title = self.env._("%s documents are waiting for your approval", len(asked))
        url = f"{self.get_base_url()}/odoo/my-approvals"
        return Message(
            title,
            lines=tuple(step._prepare_line() for step in asked),
            actions=(Action(self.env._("Approvals"), url),),
        )

    def _prepare_line(self, name=""):
        """Describe the document, as the reader sees it, with a link to decide on it."""
        facts = [(fact["label"], fact["text"]) for fact in self.details or ()]
        # Who asks, and for whom, is said to who is asked.
        step = self.sudo()
        texts = {
            "submitter_id": step.submitter_id.name,
            "asked_at": format_day(self.env, step.asked_at),
            "for_user_id": step.for_user_id.name,
        }
        facts += [
            (self._fields[field]._description_string(self.env), text)
            for field, text in texts.items()
            if text
        ]
        return Line(
            name or self.document_name, facts=tuple(facts), url=self._get_decision_url()
        )

    def _get_decision_url(self):
        """Address of the page of the reader's link; else that of the document."""
        # Whoever is asked gets the link that is theirs.
        links = self.env["kpi.approval.link"].sudo()
        link = links.search([("step_id", "=", self.id), ("user_id", "=", self.env.uid)])
        if not link or not link._is_open():
            return self._get_document_url()
        return link._get_link(link._get_text(link.step_id))

    def _get_document_url(self):
        # What somebody is asked about is no secret to them.
        step = self.sudo()
        return f"{step.get_base_url()}/odoo/{step.res_model}/{step.res_id}"

    @api.model
    def _sweep_due(self):
        """Ask the managers of those who let the timeout pass; when one is due next."""
        now = fields.Datetime.now()
        waits = Domain("state", "=", "asked") & Domain("escalated_at", "=", False)
        is_due = waits & Domain("due_at", "<=", now)
        due = self.search(is_due, order="due_at, id", limit=BATCH)
        held = due.try_lock_for_update()
        held.invalidate_recordset()  # what others changed meanwhile is read anew
        run_apart(
            self.env,
            held.filtered_domain(is_due)._hold_documents(),
            lambda steps: steps._escalate(now),
            lambda step, error: step._put_off_escalation(now, error),
        )
        if len(due) == BATCH:
            return now
        later = waits & Domain("due_at", ">", now)
        return self.search(later, order="due_at", limit=1).due_at or None

    def _hold_documents(self):
        """Those of these steps whose documents nobody acts on at this moment."""
        held = set()
        for documents in self._get_documents():
            free = documents._count_turn(SQL("SKIP LOCKED"))
            free.invalidate_recordset()  # as others changed it before
            pending = free.filtered(lambda one: one.approval_state == "pending")
            held.update((one._name, one.id) for one in pending)
        return self.filtered(lambda step: (step.res_model, step.res_id) in held)

    def _escalate(self, now):
        """Let the managers of these people decide too, or the workflows' owners.

        Where nobody is there it is tried again a day later.
        """
        people = {}
        for step, situation in self._find_situations():
            taken = step._find_level().user_id.ids
            above = situation.find_next_up(step.user_id.id, taken)
            if above is not None:
                people[step] = self.env["res.users"].browse(above)
        escalated = self.browse(step.id for step in people)
        escalated.write({"escalated_at": now})
        (self - escalated).write({"due_at": now + timedelta(days=1)})
        new = self._ask_beside(people, "escalated")
        new._log_people("escalated")
        new._notify()
        self.env["kpi.event"]._emit("approval.escalated", new)

    def _put_off_escalation(self, now, error):
        """Try again a day later, as where nobody is there."""
        _logger.warning("Nobody else is asked for %s", self, exc_info=error)
        self.due_at = now + timedelta(days=1)

    @api.model
    def _replace_missing_soon(self):
        """Have those who went away replaced by a job right after this transaction."""
        # The job belongs to the suite, not to whoever notes an absence.
        self.env.ref("kpi_base.kpi_approval_step_cron").sudo()._trigger()

    @api.model
    def _cron_replace_missing(self):
        """Replace those who are asked and are away or cannot decide."""
        asked = self.search([("state", "=", "asked")])
        missing = self.browse(
            step.id
            for step, around in asked._find_situations()
            if not around.is_there(step.user_id.id)
        )
        self.env["ir.cron"]._commit_progress(remaining=len(missing))
        for steps in missing.grouped(
            lambda step: (step.res_model, step.res_id)
        ).values():
            repeat_late(self.env, steps._replace_missing)
            if not self.env["ir.cron"]._commit_progress(len(steps)):
                break

    def _replace_missing(self):
        self._hold_documents()._replace_held()

    def _replace_held(self):
        """Ask others in place of those of these people who cannot decide.

        A delegate always; else whoever is above, where too few of the level are left.
        Where enough are left, who works here no more is not asked. For a delegate those
        are asked who would be for whoever they stand in for.
        """
        people = {"delegated": {}, "absent": {}}
        spared = self.browse()
        for step, situation in self._find_situations():
            if situation.is_there(step.user_id.id):
                continue
            named = step.for_user_id if step.reason == "delegated" else step.user_id
            person = named.id
            found = situation.find_stand_in(person)
            reason = "absent" if found in (None, person) else "delegated"
            if found is None:
                level = step._find_level()
                left = level.filtered(
                    lambda one, around=situation: (
                        one.state == "approved" or around.is_there(one.user_id.id)
                    )
                )
                if len(set(left.mapped("seat"))) < step.needed_count:
                    found = situation.find_next_up(person, level.user_id.ids)
                elif not step.user_id.active:
                    spared |= step
            if found not in (None, step.user_id.id):
                people[reason][step] = self.env["res.users"].browse(found)
        spared._close()
        for reason, asked in people.items():
            if asked:
                self._replace_by(asked, reason, "replaced")

    def _find_level(self):
        """The steps on the level of this one that people have a part in."""
        names = ("res_model", "res_id", "round", "level")
        same = [(name, "=", self[name]) for name in names]
        return self.search([*same, ("state", "in", ("asked", "approved"))])

    def _find_situations(self):
        """Each of these steps, and the people around its document."""
        alike = self.grouped(lambda step: (step.workflow_id, step.res_model))
        for (workflow, _model), steps in alike.items():
            for documents in steps._get_documents():
                own = {step: documents.browse(step.res_id) for step in steps}
                submitters = {own[step]: step.submitter_id for step in steps}
                found = build_situations(documents, workflow, submitters)
                for step, document in own.items():
                    if document in found:
                        yield step, found[document]


def act_on_most(documents, act):
    """Act on as many as possible: on all at once, or on halves where one refuses."""
    try:
        with documents.env.cr.savepoint():
            return act(documents) or {}
    except UserError as error:
        if len(documents) < 2:
            return dict.fromkeys(documents, str(error))
    middle = len(documents) // 2
    return act_on_most(documents[:middle], act) | act_on_most(documents[middle:], act)


def _get_timeline(user, company):
    """The working hours of a person, their leaves included."""
    return Timeline(user._kpi_get_work_calendar(company))
