from . import initiative
from . import benefit
from . import integration
