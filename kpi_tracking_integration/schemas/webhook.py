"""Subscriptions: webhooks that programs make for themselves."""

from typing import Any, ClassVar

from pydantic import Field

from odoo.addons.kpi_base.schemas import base

EVENT = Field(description="measurement, alert, submission, target, …")


class WebhookOut(base.Row):
    of: ClassVar = base.Fields("kpi.webhook", "name address owner company state")


class WebhookIn(base.Body):
    address: base.Place = Field(description="Where messages are posted")
    event: base.Word = EVENT
    name: base.Name | None = Field(None, description="Default: the address")
    report_ids: list[base.Id] = Field(
        [], max_length=1000, description="Of these KPIs only; default: all"
    )
    secret: base.Word | None = Field(
        None, description="whsec_…, with which messages are signed; default: a new one"
    )


class SamplesQuery(base.Query):
    event: base.Word = EVENT


class MessageData(base.Answer):
    items: list[dict[str, Any]] = Field(description="As described in docs/webhooks.md")


class MessageOut(base.Answer):
    type: str
    timestamp: str
    data: MessageData


class SamplesOut(base.Answer):
    messages: list[MessageOut]
