"""Webhooks: what happens to KPIs, sent to other systems, signed.

Events are kept in batches beside the outbox, in the transaction of their cause; what a
webhook's owner may read of them is said when they are sent.
"""

from . import kpi_endpoint_mixin
from . import kpi_webhook_change
from . import kpi_webhook
