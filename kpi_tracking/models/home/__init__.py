"""The overview: how the KPIs are, what changed, what waits for whoever looks.

What other addons show there are panels of theirs: ``kpi.home._get_panels``. What a
screen hears of changes is in ``live``; pages that people arrange are not here.
"""

from . import kpi_home
