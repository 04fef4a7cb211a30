"""The overview: how the KPIs are, what changed, what waits for whoever looks.

- ``kpi_home``: the cards, and what changed
- ``kpi_home_needs``: what waits for the user, and what calls for attention
- ``kpi_home_digest``: what happened since a day

What other addons show there are panels of theirs: ``kpi.home._get_panels``. What a
screen hears of changes is in ``live``; pages that people arrange are not here.
"""

from . import kpi_home
from . import kpi_home_needs
from . import kpi_home_digest
from . import kpi_start
