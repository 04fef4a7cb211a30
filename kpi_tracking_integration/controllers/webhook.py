from odoo import http
from odoo.http import request

from odoo.addons.kpi_base.rest.resource import Resource
from odoo.addons.kpi_base.rest.route import route

from ..schemas import webhook as schemas

WEBHOOKS = Resource("/api/kpi/hooks/<kpi_id:hook_id>", schemas.WebhookOut)
SCOPE = "kpi.hooks"


class KpiWebhookApi(http.Controller):
    """Subscriptions: programs are notified of events of KPIs."""

    @WEBHOOKS.post(
        "Subscribe to events",
        schemas.WebhookIn,
        scope=SCOPE,
        example={"address": "https://example.com/kpi", "event": "measurement"},
    )
    def subscribe(self, webhooks, body):
        """For KPI officers. Makes a webhook of the key's user, who is sent what they
        may see. The same address and event again is the same subscription."""
        return webhooks._subscribe(**body.model_dump())

    @WEBHOOKS.remove("Unsubscribe", scope=SCOPE)
    def unsubscribe(self, webhook, **_given):
        """No more messages are sent, including queued ones."""
        webhook.unlink()

    @route(
        "/api/kpi/hooks/samples",
        scope=SCOPE,
        summary="The latest events, as messages have them",
        query=schemas.SamplesQuery,
        response=schemas.SamplesOut,
    )
    def list_samples(self, query):
        """The newest first, as far as the key's user can see them. They are available
        for days after they were sent. Before the first there are the newest
        values, with “sequence” 0."""
        return {"messages": request.env["kpi.webhook"]._list_samples(query.event)}
