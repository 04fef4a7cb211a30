"""Events that addons listen to, in the transaction in which they happen.

Nothing is stored or sent here: a listener queues a message, marks or recomputes.
"""

from . import kpi_event
