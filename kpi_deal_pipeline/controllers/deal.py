from odoo import http

from odoo.addons.kpi_base.controllers.prefix import RestPrefix
from odoo.addons.kpi_base.rest.resource import Resource
from odoo.addons.kpi_base.rest.rows import read_values
from odoo.addons.kpi_base.schemas.base import Day, Filter

from ..schemas import deal as schemas

DEALS = Resource("/api/v1/deals/<uuid:deal_id>", schemas.DealOut, scope="deals")


class DealsApi(RestPrefix, http.Controller, prefix="/api/v1", title="Deals API"):
    """The family of paths of deals and commissions."""


class DealApi(http.Controller):
    """Deals, their stages and what happened to them."""

    list_deals = DEALS.list(
        "Deals",
        "agent_id status property_id project_id asset_type external_ref",
        sortable="title opened_at pipeline_stage status estimated_value_amount"
        " weighted_amount expected_close_date actual_close_date created_at updated_at",
        stage=Filter("pipeline_stage", kind=schemas.Stage),
        text=Filter("title", "ilike", description="Part of the title"),
    )
    get_deal = DEALS.get("One deal")

    @DEALS.post(
        "Open a deal",
        schemas.DealIn,
        example={
            "title": "e.g. Sale of Harbor House",
            "asset_type": "office",
            "deal_type": "sell_side",
            "estimated_value_amount": "1250000.00",
            "estimated_value_currency": "EUR",
            "confidence": 0.4,
        },
    )
    def create_deal(self, deals, body):
        """Without an agent it is the deal of the key's owner."""
        return deals._create_by_program(body.model_dump(exclude_none=True))

    @DEALS.change(
        "Change a deal",
        schemas.DealChange,
        example={"expected_close_date": "2026-12-31", "confidence": 0.6},
    )
    def change_deal(self, deal, body):
        """With “If-Match” only if it has not changed since."""
        deal._change_by_program(body.model_dump(exclude_unset=True))

    @DEALS.act(
        "stage",
        "Move a deal to another stage",
        schemas.StageIn,
        example={"to_stage": "negotiation", "note": "Terms are agreed"},
    )
    def move_deal(self, deal, body):
        """With “If-Match” only if it has not changed since."""
        deal._move_by_program(**body.model_dump())

    @DEALS.act("cancel", "Cancel a deal")
    def cancel_deal(self, deal):
        """An open deal that is no longer pursued, without a decision against it.
        With “If-Match” only if it has not changed since."""
        deal.action_cancel()

    @DEALS.act(
        "reopen",
        "Reopen a deal",
        schemas.ReopenIn,
        example={"reason": "The contract was not signed"},
    )
    def reopen_deal(self, deal, body):
        """A closed or canceled deal continues in its last stage. With
        “If-Match” only if it has not changed since."""
        deal._reopen(body.reason)

    @DEALS.part("timeline", "What happened to a deal", response=schemas.TimelineOut)
    def get_timeline(self, deal):
        """Latest first; each event with its position in the audit log."""
        return {"items": deal._timeline_for_programs()}

    @DEALS.part("audit", "Verify what happened to a deal", response=schemas.AuditOut)
    def verify_deal(self, deal):
        """Compares the events with the audit log, and the log with itself."""
        return deal.verify_history()


OF_DEAL = {"scope": "deals", "within": (DEALS, "deal_id")}
CONTACTS = Resource(
    f"{DEALS.one}/contacts/<kpi_id:contact_id>", schemas.ContactOut, **OF_DEAL
)
DOCUMENTS = Resource(
    f"{DEALS.one}/documents/<kpi_id:document_id>", schemas.DocumentOut, **OF_DEAL
)
BILLINGS = Resource(f"{DEALS.one}/billings", schemas.BillingOut, **OF_DEAL)


class DealContactApi(http.Controller):
    """People on the sides of a deal; who may change the deal changes them."""

    list_contacts = CONTACTS.list(
        "Contacts of a deal", "contact_type partner_id", sortable="name contact_type"
    )
    get_contact = CONTACTS.get("One contact of a deal")

    @CONTACTS.post(
        "Add a contact to a deal",
        schemas.ContactIn,
        example={"contact_type": "legal", "name": "Ines Berg", "company": "Berg & Co"},
    )
    def create_contact(self, contacts, deal, body):
        """What is known of a linked contact (partner_id) need not be sent."""
        return contacts.create({"deal_id": deal.id, **read_values(body, contacts)})

    @CONTACTS.change(
        "Change a contact of a deal",
        schemas.ContactChange,
        example={"phone": "+49 40 123456"},
    )
    def change_contact(self, contact, body):
        """With “If-Match” only if it has not changed since."""
        contact.write(read_values(body, contact))

    @CONTACTS.remove("Remove a contact from a deal")
    def remove_contact(self, contact):
        """With “If-Match” only if it has not changed since."""
        contact.unlink()


class DealDocumentApi(http.Controller):
    """Documents of deals, by their addresses."""

    list_documents = DOCUMENTS.list(
        "Documents of a deal", "document_type", sortable="title uploaded_at"
    )
    get_document = DOCUMENTS.get("One document of a deal")

    @DOCUMENTS.post(
        "Add a document to a deal",
        schemas.DocumentIn,
        example={
            "document_type": "agreement",
            "title": "Agreement",
            "uri": "https://files.example.com/agreement.pdf",
        },
    )
    def create_document(self, documents, deal, body):
        """By its address; files are attached on the screens."""
        return documents.create({"deal_id": deal.id, **read_values(body, documents)})

    @DOCUMENTS.change(
        "Change a document of a deal",
        schemas.DocumentChange,
        example={"title": "Agreement, signed"},
    )
    def change_document(self, document, body):
        """With “If-Match” only if it has not changed since."""
        document.write(read_values(body, document))

    @DOCUMENTS.remove("Remove a document from a deal")
    def remove_document(self, document):
        """With “If-Match” only if it has not changed since."""
        document.unlink()


class BillingApi(http.Controller):
    """Invoices, payments and refunds of the customers of deals."""

    list_billings = BILLINGS.list(
        "Billings of a deal",
        "billing_type reference",
        sortable="date amount_untaxed billing_type",
        first=Filter("date", ">=", Day),
        last=Filter("date", "<=", Day),
    )

    @BILLINGS.post(
        "Enter an invoice, payment or refund",
        schemas.BillingIn,
        example={
            "billing_type": "invoice",
            "date": "2026-05-31",
            "amount_untaxed": "12500.00",
            "reference": "INV/2026/00042",
        },
    )
    def create_billing(self, billings, deal, body):
        """Recalculates the commissions that depend on it."""
        return billings._create_by_program(deal, body.model_dump(exclude_none=True))
