from odoo import models


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

    def _call_approval_method(self, kind, name, *arguments):
        """Call the method ``_<kind>_<name>`` that an addon brings for a selection."""
        method = getattr(self, f"_{kind}_{name}", None)
        if method is None:
            raise NotImplementedError(
                f"{self._name} has no method _{kind}_{name}, which approvals need"
            )
        return method(*arguments)

    def _filter_every_document(self):
        return self
