from odoo import models

from ...engine.approval import count_needed, find_seats
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

    Documents that wait while people are asked take ``kpi.approval.mixin``.
    """

    _name = "kpi.approval.resolver"
    _description = "Record to Decide About"

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
        for workflow in workflows.search_fetch([("model", "=", self._name)]):
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
