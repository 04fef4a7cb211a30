"""Invoices, payments and refunds of customers; amounts are decimal texts."""

from datetime import date, datetime
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from odoo.addons.kpi_base.schemas.base import (
    Body,
    Day,
    Filter,
    ListQuery,
    Reference,
    Row,
    Word,
    query_of,
)
from odoo.addons.kpi_base.schemas.money import Amount, AmountIn

BillingType = Literal["invoice", "payment", "refund"]


class BillingOut(Row):
    needs: ClassVar = ("create_date", "write_date")

    deal: Reference
    billing_type: BillingType
    date: date
    reference: str | None
    product: str | None
    currency: Reference
    amount_untaxed: Amount
    margin: Amount
    is_void: bool = Field(description="Its document is cancelled: it counts no more")
    created_at: datetime
    updated_at: datetime


BillingQuery = query_of(BillingOut)


class BillingsQuery(ListQuery):
    row: ClassVar = BillingOut
    sortable: ClassVar = ("date",)

    billing_type: Annotated[BillingType | None, Filter("billing_type")] = None
    reference: Annotated[Word | None, Filter("reference")] = None
    first: Annotated[Day | None, Filter("date", ">=")] = None
    last: Annotated[Day | None, Filter("date", "<=")] = None


class BillingIn(Body):
    billing_type: BillingType = "invoice"
    date: Day
    amount_untaxed: AmountIn = Field(
        description="Above 0, in the deal's currency; a refund, too"
    )
    margin: AmountIn | None = Field(
        None, description="Of an invoice: what is left of it after costs"
    )
    reference: Word | None = Field(None, description="Document number")
    product: Word | None = None
