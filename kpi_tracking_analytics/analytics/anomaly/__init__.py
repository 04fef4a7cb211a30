"""Odd values of KPIs by period (``detect``).

It looks back only: what it says of a period stays when more periods follow.
"""

from .detection import KINDS, Detection, detect
from .events import Event, list_events
