from . import export
from . import definition
from . import report
from . import measurement
from . import submission
from . import target
from . import scorecard
