from . import dashboard
from . import dashboard_api
from . import share
