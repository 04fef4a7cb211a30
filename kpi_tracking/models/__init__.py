from . import core
from . import audit
from . import alerting
from . import display
from . import entry
from . import integration
from . import gallery
from . import live
