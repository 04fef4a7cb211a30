"""Work in the background: what was asked, how far it is, what came of it.

What a kind of job does belongs to the addon that adds the kind.
"""

from . import kpi_job
from . import ir_cron
