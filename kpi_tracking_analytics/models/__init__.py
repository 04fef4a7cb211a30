from . import analysis
from . import anomaly
from . import home
