"""Keys, scopes, limits and the access log of the REST interface.

Routes are ``controllers/``; what they take and give is ``schemas/``.
"""

from . import kpi_api_counter
from . import kpi_api_scope
from . import kpi_api_key
from . import kpi_api_idempotency
from . import kpi_api_log
from . import ir_http
