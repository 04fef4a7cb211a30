from . import dashboard
from . import initiative
from . import insight
from . import realization
