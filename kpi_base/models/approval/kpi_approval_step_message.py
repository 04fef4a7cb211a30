from odoo import api, models
from odoo.tools.misc import format_date

from ...engine.message import Action, Line, Message
from ...outbox import DeliverySkipped


class KpiApprovalStep(models.Model):
    """One message to each person who is asked, with all documents they are asked on."""

    _inherit = "kpi.approval.step"

    def _notify(self):
        """Tell those who are asked, unless they asked themselves."""
        told = self.filtered(lambda step: step.user_id != self.env.user)
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

    def _prepare_line(self):
        fields = self._fields
        # Who asks, and for whom, is said to who is asked.
        step = self.sudo()
        facts = [
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
            self.document_name, facts=tuple(facts), url=self._get_document_url()
        )

    def _get_document_url(self):
        base = self.get_base_url()
        return f"{base}/odoo/{self.res_model}/{self.res_id}"

    @api.model
    def _get_list_url(self):
        return f"{self.get_base_url()}/odoo/kpi-approvals"
