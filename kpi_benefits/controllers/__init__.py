from . import initiative
from . import realization
