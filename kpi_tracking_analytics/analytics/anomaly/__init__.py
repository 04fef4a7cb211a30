"""Odd values: of KPIs by period (``detect``), of long fast series (``watch``).

What they say of a period stays when more periods follow; only of the first two dozen a
value that is apart from all others is told by those after it, too.
"""

from ..forecast.detection import KINDS, Detection, detect, leave_out
from .events import Event, list_events
from .stream import Stream, watch
