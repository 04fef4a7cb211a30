from . import core
from . import audit
from . import alerting
from . import display
from . import integration
from . import entry
from . import gallery
