from . import core
from . import alerting
from . import display
