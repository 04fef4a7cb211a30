from odoo import api, models
from odoo.tools.misc import format_date

from ...engine.message import Action, Line, Message
from ...outbox import DeliverySkipped


class KpiApprovalStep(models.Model):
    """One message to each person who is asked, with all documents they are asked on."""

    _inherit = "kpi.approval.step"

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
        """Write which documents still wait for the reader.

        :raises DeliverySkipped: all were decided on meanwhile
        """
        asked = self.search(
            [
                ("id", "in", [line.data["step"] for line in lines]),
                ("state", "=", "asked"),
                ("user_id", "=", self.env.uid),
            ]
        )
        if not asked:
            raise DeliverySkipped(self.env._("All of it was decided on meanwhile."))
        if len(asked) == 1:
            title = self.env._("Approve %s", asked.document_name)
        else:
            title = self.env._("%s documents wait for your approval", len(asked))
        return Message(
            title,
            lines=tuple(step._prepare_line() for step in asked),
            actions=(Action(self.env._("My Approvals"), self._get_list_url()),),
        )

    def _prepare_line(self, name=""):
        """Describe the document, with a link on which the reader decides.

        :param name: of the document; empty: as the reader sees it
        """
        fields = self._fields
        # Who asks, and for whom, is said to who is asked.
        step = self.sudo()
        facts = [
            fact
            for documents in self._find_seen_documents()
            for document in documents
            for fact in document._get_approval_facts()
        ]
        facts += [
            (
                fields["submitter_id"]._description_string(self.env),
                step.submitter_id.name,
            ),
            (
                fields["asked_at"]._description_string(self.env),
                format_date(self.env, step.asked_at),
            ),
        ]
        if step.for_user_id:
            label = fields["for_user_id"]._description_string(self.env)
            facts.append((label, step.for_user_id.name))
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
    def _get_list_url(self):
        return f"{self.get_base_url()}/odoo/my-approvals"
