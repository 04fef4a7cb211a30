"""Routes of this addon; what every route is made of is ``kpi_base.rest``."""

from . import chat
from . import hook
from . import integration
from . import oauth
from . import webhook
