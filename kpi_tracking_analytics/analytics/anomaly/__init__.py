"""Odd values: of KPIs by period (``detect``), of long fast series (``watch``).

Both look back only: what they say of a period stays when more periods follow.
"""

from .detection import KINDS, Detection, detect
from .events import Event, list_events
from .stream import Stream, watch
