from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

AMOUNTS = ("basis_amount", "commission_amount", "commission_rate")


class KpiCommission(models.Model):
    """Commissions as programs introduce them and move them on."""

    _name = "kpi.commission"
    _inherit = ["kpi.commission", "kpi.dated.mixin"]

    deal_uuid = fields.Char("Deal UUID", related="deal_id.uuid")

    @api.model
    def _create_by_program(self, deal, given):
        """A commission of ``given``: fields by name, amounts and currencies as texts.

        :raises AccessError: not on this deal, or not for this agent
        """
        values = {"deal_id": deal.id, **given}
        if "agent_id" in values:
            deal._check_seen("agent_id", "res.users", values["agent_id"])
        values |= {name: float(given[name]) for name in AMOUNTS if name in given}
        code = values.pop("basis_currency", None)
        if code:
            values["currency_id"] = deal._currency_of("basis_currency", code).id
        return self.create(values)

    def _move_by_program(
        self, status, reason, document_id, document_uri, deadline, amount
    ):
        """Bring the commission to ``status``, as its buttons and dialogs do.

        Out of a dispute it goes by deciding it: upheld where an ``amount`` is given,
        be it 0; else rejected, or written off.

        :raises LockError: it cannot get there from where it is
        """
        self.ensure_one()
        is_disputed = self.status == "disputed" and status != "disputed"
        if amount is not None and not is_disputed:
            raise ValidationError(
                self.env._("amount: only allowed when deciding a dispute.")
            )
        if deadline and status != "disputed":
            raise ValidationError(
                self.env._("deadline: only allowed when opening a dispute.")
            )
        if is_disputed and (document_id or document_uri):
            raise ValidationError(
                self.env._("document: only allowed when opening a dispute.")
            )
        if is_disputed:
            self._decide_by_program(status, reason, amount)
            return
        document = self._document_of_program(document_id, document_uri)
        if status == "disputed":
            self.env["kpi.commission.dispute"].create(
                {
                    "commission_id": self.id,
                    "reason": reason,
                    "document_id": document.id,
                    "deadline": deadline,
                }
            )
        else:
            self._settle(status, reason, document)

    def _decide_by_program(self, status, reason, amount):
        dispute = self.dispute_ids.filtered(lambda each: each.state == "open")
        if status not in ("written_off", dispute.former_status):
            raise self._cannot_become(status)
        if status == "written_off":
            outcome = "written_off"
        else:
            outcome = "rejected" if amount is None else "upheld"
        dispute._decide(outcome, reason, float(amount or 0))

    def _document_of_program(self, document_id, uri):
        """The document that a program names; one that it says the address of is added.

        :raises UserError: there is none, or both ways are used
        """
        documents = self.env["kpi.deal.document"]
        if document_id and uri:
            raise UserError(
                self.env._("document: give its ID or its address, not both.")
            )
        if uri:
            return documents.create(
                {"deal_id": self.deal_id.id, "title": self.display_name, "uri": uri}
            )
        if not document_id:
            return documents
        document = documents.search(
            [("id", "=", document_id), ("deal_id", "=", self.deal_id.id)]
        )
        if not document:
            raise UserError(
                self.env._("document_id: the deal has no document %s.", document_id)
            )
        return document

    def _adjust_by_program(self, adjustment_type, amount, note):
        return self._adjust(adjustment_type, float(amount), note)
