from . import core
from . import alerting
