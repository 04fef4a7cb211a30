from . import analysis
from . import anomaly
from . import event
from . import home
