from . import change
from . import forecast
