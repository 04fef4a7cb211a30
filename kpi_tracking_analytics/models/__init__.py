from . import analysis
from . import anomaly
from . import change
from . import dashboard
from . import event
from . import home
from . import period_report
