from . import export
from . import period_report
