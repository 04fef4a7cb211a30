from . import invitation
from . import discussion
from . import action
from . import meeting
from . import coaching
from . import webhook
from . import audit
