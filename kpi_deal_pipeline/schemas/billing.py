"""Invoices, payments and refunds of customers; amounts are decimal texts."""

from datetime import date, datetime
from typing import ClassVar, Literal

from pydantic import Field

from odoo.addons.kpi_base.schemas import base
from odoo.addons.kpi_base.schemas.money import Amount, AmountIn

BillingType = Literal["invoice", "payment", "refund"]


class BillingOut(base.Row):
    needs: ClassVar = ("create_date", "write_date")

    deal: base.Reference
    billing_type: BillingType
    date: date
    reference: str | None
    product: str | None
    currency: base.Reference
    amount_untaxed: Amount
    margin: Amount
    is_void: bool = Field(description="Its document is cancelled: it counts no more")
    created_at: datetime
    updated_at: datetime


class BillingIn(base.Body):
    billing_type: BillingType = "invoice"
    date: base.Day
    amount_untaxed: AmountIn = Field(
        description="Above 0, in the deal's currency; a refund, too"
    )
    margin: AmountIn | None = Field(
        None, description="Of an invoice: what is left of it after costs"
    )
    reference: base.Word | None = Field(None, description="Document number")
    product: base.Word | None = None
