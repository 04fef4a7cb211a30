from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ...engine.approval import count_needed, find_seats
from ...rights import look_up_once
from .people import build_situations, choose_employee, get_manager


class KpiApprovalResolver(models.AbstractModel):
    """Records that people decide about, found by a ``kpi.approval.workflow``.

    A model with states of its own asks who may decide now; nobody is asked, and nothing
    is stored. One person's decision is enough::

        class Claim(models.Model):
            _name = "my.claim"
            _inherit = ["kpi.approval.resolver"]

            def _get_approval_submitters(self):
                return {claim: claim.user_id for claim in self}

            def action_settle(self):
                decidable = self._find_decidable()  # claim → in place of whom

    **Approvals** lists those that ``_get_undecided_domain`` finds, with the facts of
    ``_get_approval_facts`` and what ``_say_effect`` says, beside all else that waits
    for the reader; ``_decide_listed`` decides on them there, and ``_announce`` of
    ``kpi.approval.item`` says that there are others now.

    Documents that wait while people are asked take ``kpi.approval.mixin``.
    """

    _name = "kpi.approval.resolver"
    _description = "Record to Decide On"
    # Field of the facts that is the moment of ``_get_approval_due``, if there is one.
    _approval_due_field = ""

    def _find_decidable(self):
        """Find those of these that the user may decide about now.

        :return: dict record → the person in whose place they decide; empty: in nobody's
        """
        seen = self._filtered_access("read")
        users = self.env["res.users"]
        return {
            record: users.browse(people[self.env.uid] or ())
            for record, people in seen._find_deciders().items()
            if self.env.uid in people
        }

    def _find_deciders(self):
        """Find who may decide about these now, by the workflow that fits each.

        Where none does it is nobody.

        :return: dict record → dict id of a user → id of the person in whose place they
            decide, None = in nobody's
        """
        found = {record: {} for record in self}
        for workflow, records in self._group_by_workflow().items():
            for record, levels in records._find_approval_seats(workflow).items():
                for _level, _needed, seats in levels:
                    found[record].update(
                        {seat.person: seat.in_place_of for seat in seats}
                    )
        return found

    def _group_by_workflow(self):
        """Workflow → those of these that people decide about by it."""
        workflows = self._find_approval_workflows()
        fitting = self.filtered(lambda record: record in workflows)
        return fitting.grouped(workflows.get)

    def _get_approval_submitters(self):
        """Document → who asks for its approval."""
        return dict.fromkeys(self, self.env.user)

    def _get_undecided_domain(self):
        """Domain of the records that wait for a decision and are listed with others."""
        return Domain.FALSE

    def _get_approval_askers(self):
        """Document → who brought it up, as lists say."""
        return self._get_approval_submitters()

    def _get_waiting_since(self):
        """Document → since when it waits."""
        return {document: document.create_date for document in self}

    def _get_approval_amounts(self):
        """Document → its number, for conditions and automatic approval; None = none."""
        return dict.fromkeys(self)

    def _get_subject(self):
        """What is decided on, in lists that also name the person who asks."""
        return self.display_name

    def _get_amount_text(self):
        """The amount that is decided on, as the reader writes it; "" if none."""
        return ""

    def _get_approval_facts(self):
        """Pairs (label, text) on a document, for messages and pages to decide on."""
        return []

    def _get_decision_facts(self):
        """As above, with what happens once it is approved."""
        effect = self._say_effect()
        said = [(self.env._("If approved"), effect)] if effect else []
        return [*self._get_approval_facts(), *said]

    def _say_effect(self):
        """What happens once this document is approved; empty: nothing beyond that."""
        return ""

    def _say_rejection(self):
        """What is lost once this document is rejected; empty: nothing."""
        return ""

    def _say_hold(self):
        """Why nobody can decide on this document for now; empty: people can."""
        return ""

    def _get_approval_due(self):
        """When the reader's decision on this document is due.

        :return: a moment, or a day that they have the whole of; False = no such time
        """
        return False

    def _get_due_label(self):
        """Label of the fact that lists leave out, as they have a column for it."""
        name = self._approval_due_field
        return self._fields[name]._description_string(self.env) if name else ""

    def _filter_late(self, steps):
        """Those of ``steps``, of these documents, whose decision is overdue."""
        return steps.browse()

    def _get_shown_version(self):
        """Content that people see now, as steps name the one that they are about."""
        return False

    def _label_facts(self, said):
        """Facts of ``said``, dict field → text, without those that say nothing."""
        return [
            (self._fields[name]._description_string(self.env), text)
            for name, text in said.items()
            if text
        ]

    def _open_approval_dialog(self):
        """Action that asks what approving this needs to know; None: nothing."""
        return None

    def _decide_listed(self, _decision, _comment=""):
        """Decide on what was chosen in the list of all kinds.

        :param _decision: “approve”, “reject” or “return”
        :return: dict record → why nothing was decided, or None
        :raises UserError: one of them cannot be decided on so
        """
        raise UserError(
            self.env._(
                "%s cannot be decided on from the list. Open it instead.",
                self[:1].display_name,
            )
        )

    def _forward_listed(self, _successor, _comment=""):
        """Have somebody else decide; as above."""
        raise UserError(
            self.env._(
                "%s cannot be forwarded: its approval workflow defines the approver.",
                self[:1].display_name,
            )
        )

    def _get_approval_parties(self):
        """Document → others with a part in it, who cannot decide about it."""
        return dict.fromkeys(self, self.env["res.users"])

    def _get_approval_companies(self):
        """Document → company whose people decide."""
        if "company_id" not in self._fields:
            return dict.fromkeys(self, self.env["res.company"])
        return {document: document.company_id for document in self}

    def _filter_every_document(self):
        return self

    def _find_approval_workflows(self):
        """Document → the first workflow that fits it; those of none are left out."""
        # Rules of approving hold for everybody, whoever may see them.
        workflows = self.env["kpi.approval.workflow"].sudo()
        found, left = {}, self.with_env(workflows.env)
        # There are few: read at once for all kinds of documents.
        active = workflows.with_context(active_test=True)
        every = look_up_once(self.env, active._name, lambda: active.search_fetch([]))
        for workflow in every.with_env(workflows.env):
            if workflow.model != self._name:
                continue
            fitting = workflow._filter_documents(left)
            found.update(dict.fromkeys(fitting._ids, workflow))
            left -= fitting
        return {own: found[own.id] for own in self if own.id in found}

    def _find_approval_seats(self, workflow):
        """Find who would be asked: document → list of (level, needed, seats).

        Levels that nobody of is asked about a document are left out. On a level that
        somebody has to decide and nobody can, the seats are empty.
        """
        submitters = self._get_approval_submitters()
        situations = build_situations(self, workflow, submitters)
        found = {document: [] for document in self}
        levels = workflow.level_ids
        # Nothing is approved because nobody was named.
        levels = levels.sorted() or levels.new({"rule": "any"})
        # Read at once, as they are looked at one by one; who is there is no secret.
        people = levels.approver_ids.user_id.sudo()
        people.fetch(["active", "share"])
        for number, level in enumerate(levels, start=1):
            for document, candidates in self._find_candidates(level).items():
                seats = find_seats(
                    candidates,
                    level.rule,
                    level.quorum,
                    situations[document],
                    may_decide_alone=workflow.allow_self_if_alone
                    and document._can_decide_alone(submitters[document]),
                )
                needed = count_needed(level.rule, level.quorum, len(seats))
                found[document].append((number, needed, seats))
        return found

    def _can_decide_alone(self, _submitter):
        """Check whether its submitter may decide where only they are named."""
        return True

    def _filter_readable_by(self, user):
        """Those of these documents that somebody may see in any of their companies.

        A model that shows its documents to whoever is asked says who can be.
        """
        # Where somebody works is no secret: whoever asks may not see the company.
        companies = list(user.sudo()._get_company_ids())
        # As the person: their rights, in all their companies.
        own = self.with_user(user).with_context(allowed_company_ids=companies)
        stored = own.filtered("id")
        seen = stored._filtered_access("read")
        return (seen | (own - stored)._filter_readable_drafts()).with_env(self.env)

    def _filter_readable_drafts(self):
        """Those of these, which are not stored, that the user would see."""
        return self

    def _find_candidates(self, level):
        """Document → ids of the people that a level names for it, in their order."""
        found = {} if level.approver_ids else {document: {} for document in self}
        nobody = self.env["res.users"]
        for approver in level.approver_ids.sorted():
            asked = approver._filter_documents(self)
            people = asked and getattr(asked, f"_find_{approver.whom}")(approver)
            for document in asked:
                users = people.get(document, nobody)
                found.setdefault(document, {}).update(dict.fromkeys(users.ids))
        return {document: list(ids) for document, ids in found.items()}

    def _find_user(self, approver):
        return dict.fromkeys(self, approver.user_id)

    def _find_group(self, approver):
        members = approver.group_id.all_user_ids.filtered("active").sorted("id")
        companies = self._get_approval_companies()
        return {
            one: members.filtered(
                lambda user, company=companies[one]: (
                    not company or company in user.company_ids
                )
            )
            for one in self
        }

    def _find_department_head(self, _approver):
        return {
            one: employee.department_id.manager_id.user_id
            for one, employee in self._find_submitting_employees().items()
        }

    def _find_manager(self, approver):
        found = {}
        for document, employee in self._find_submitting_employees().items():
            for _step in range(approver.steps_up):
                employee = get_manager(employee)
            found[document] = employee.user_id
        return found

    def _find_submitting_employees(self):
        submitters = self._get_approval_submitters()
        companies = self._get_approval_companies()
        people = self.env["res.users"].union(*submitters.values())
        # Who leads whom is no secret.
        employees = people.sudo()._kpi_find_employees().grouped("user_id")
        return {
            document: choose_employee(
                employees.get(submitter, self.env["hr.employee"]), companies[document]
            )
            for document, submitter in submitters.items()
        }
