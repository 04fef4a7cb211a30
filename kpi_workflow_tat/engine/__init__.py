"""The turn-around clock, in plain values: no database, no clock of its own."""

from . import event_log
from . import xes
