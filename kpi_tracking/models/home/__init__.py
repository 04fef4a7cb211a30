"""The overview: what got better, what got worse, what needs whoever looks.

What other addons show there are panels of theirs: ``kpi.home._get_panels``. What a
screen hears of changes is in ``live``; pages that people arrange are not here.
"""

from . import kpi_home
from . import kpi_home_items
