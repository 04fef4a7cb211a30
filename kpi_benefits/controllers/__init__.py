from . import initiative
from . import insight
from . import realization
