from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

# Age → days after which it is older; their order is the alphabet's.
AGES = {"1d": 1, "3d": 3, "7d": 7}
OLDEST = "older"


class KpiApprovalStep(models.Model):
    """Lists of what waits: by kind, by age, and the document behind each."""

    _inherit = "kpi.approval.step"

    kind = fields.Selection(
        "_select_kinds",
        compute="_compute_kind",
        search="_search_kind",
    )
    age = fields.Selection(
        [
            ("1d", "Up to a day"),
            ("3d", "Up to 3 days"),
            ("7d", "Up to a week"),
            (OLDEST, "More than a week"),
        ],
        "Waiting For",
        compute="_compute_age",
        search="_search_age",
    )
    document_id = fields.Integer(
        "Record ID", compute="_compute_document_id", exportable=False, aggregator=None
    )

    @api.model
    def _select_kinds(self):
        # What a kind of records is called is no secret.
        kinds = self.env["ir.model"].sudo()
        return [
            (documents._name, kinds._get(documents._name).name)
            for documents in self._list_kinds()
        ]

    @api.depends("res_model")
    def _compute_kind(self):
        known = {documents._name for documents in self._list_kinds()}
        for step in self:
            step.kind = step.res_model if step.res_model in known else False

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
        ages = [age for age in (*AGES, OLDEST) if age in value]
        return Domain.OR(self._get_age_domain(age) for age in ages)

    @api.model
    def _get_age_domain(self, age):
        edges = [None, *AGES.values(), None]
        place = [*AGES, OLDEST].index(age)
        youngest, oldest = edges[place], edges[place + 1]
        now = fields.Datetime.now()
        domain = Domain.TRUE
        if youngest is not None:
            domain &= Domain("asked_at", "<=", now - timedelta(days=youngest))
        if oldest is not None:
            domain &= Domain("asked_at", ">", now - timedelta(days=oldest))
        return domain

    @api.depends("res_id")
    def _compute_document_id(self):
        for step in self:
            step.document_id = step.res_id

    def _field_to_sql(self, alias, field_expr, query=None):
        """Let lists be grouped by kind and age, which follow from other columns."""
        if field_expr == "kind":
            return super()._field_to_sql(alias, "res_model", query)
        if field_expr != "age":
            return super()._field_to_sql(alias, field_expr, query)
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
        return {
            "type": "ir.actions.act_window",
            "res_model": self.res_model,
            "res_id": self.res_id,
            "views": [(False, "form")],
        }

    def action_approve(self):
        """Approve the documents of these steps, as far as the user is asked."""
        decision = self.env["kpi.approval.decision"].create(
            {"decision": "approve", "step_ids": [fields.Command.set(self.ids)]}
        )
        return decision.action_decide()

    def action_hand_over(self):
        """Hand over all that those who are asked answer for, as when they leave."""
        self.check_access("read")
        return self.user_id.action_kpi_hand_over()

    def _decide(self, decision, comment=""):
        """Decide on the documents of these steps, as far as the user can.

        :param decision: as ``decide_approvals`` of documents takes it
        :return: dict step → why nothing was decided
        :raises ValidationError: there is no such decision, or no reason for it
        """
        self.env["kpi.approval.mixin"]._find_verdict(decision, comment)
        return self._act_on_documents(lambda some: some._decide(decision, comment))

    def _forward(self, successor, comment=""):
        """Have somebody else decide in place of the user, as far as possible.

        :return: dict step → why it was not forwarded
        """

        def forward(documents):
            documents.action_forward(successor.id, comment)
            return {}

        return self._act_on_documents(forward)

    def _hold(self):
        """Have nobody else act on the documents of these steps meanwhile.

        :raises LockError: somebody does at this moment
        """
        for documents in self._get_documents():
            documents._hold_approval()

    def _say_why_closed(self):
        """Why nobody is asked on this step, as the document says it."""
        for document in self._get_documents():
            return document._say_approval_state()
        return self.env._("There is no such document.")

    def _act_on_documents(self, act):
        """Act on the documents of these steps: those that cannot be are left out.

        :param act: callable of documents → dict document → why nothing was done; may
            raise a ``UserError``
        :return: dict step → why nothing was done
        """
        reasons = {}
        for documents in self._get_documents():
            refused = _act_on_most(documents, act)
            for document in documents:
                reasons[document._name, document.id] = refused.get(document, "")
        gone = self.env._("There is no such document.")
        found = {
            step: reasons.get((step.res_model, step.res_id), gone) for step in self
        }
        return {step: reason for step, reason in found.items() if reason}


def _act_on_most(documents, act):
    """Act on as many as possible: on all at once, or on halves where one refuses."""
    try:
        with documents.env.cr.savepoint():
            return act(documents)
    except UserError as error:
        if len(documents) == 1:
            return {documents: str(error)}
    middle = len(documents) // 2
    return {
        **_act_on_most(documents[:middle], act),
        **_act_on_most(documents[middle:], act),
    }
