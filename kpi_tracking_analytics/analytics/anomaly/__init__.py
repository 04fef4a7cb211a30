"""Odd values: of KPIs by period (``detect``), of long fast series (``watch``).

Both look back only: what they say of a period stays when more periods follow.
"""

from ..forecast.detection import KINDS, Detection, detect, leave_out
from .events import Event, list_events
from .stream import Stream, watch
