from . import initiative
from . import benefit
from . import baseline
from . import insight
from . import review
from . import integration
from . import portfolio
from . import measures
