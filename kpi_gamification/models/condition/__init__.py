from . import kpi_achievement_kind
from . import kpi_achievement_kind_action
from . import kpi_achievement_kind_better
from . import kpi_achievement_kind_coached
from . import kpi_achievement_kind_entry
from . import kpi_achievement_kind_first
from . import kpi_achievement_kind_green
from . import kpi_achievement_kind_streak
