from . import dashboard
from . import baseline
from . import initiative
from . import insight
from . import realization
