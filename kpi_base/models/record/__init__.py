"""Mixins for all records: who may read and change them, when they were made, what
their fields take, and links that open them without a login.

Mixins of one theme lie with that theme.
"""

from . import base
from . import ir_model
from . import kpi_access_mixin
from . import kpi_append_only_mixin
from . import kpi_claim
from . import kpi_dated_mixin
from . import kpi_findable_mixin
from . import kpi_input_mixin
from . import kpi_link_mixin
from . import kpi_thread_mixin
from . import kpi_use_link
from . import kpi_view_mixin
from . import record_names
