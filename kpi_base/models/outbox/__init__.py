"""Messages on their way: queued with their cause, sent once, tried again.

What a message says belongs to whoever queues it.
"""

from . import kpi_delivery
from . import kpi_delivery_host
from . import kpi_delivery_email
from . import kpi_delivery_sending
from . import kpi_reminder_mixin
