from . import export
from . import period_report
from .rest import prefix
from . import token
from . import health
from . import definition
