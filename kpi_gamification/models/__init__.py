from . import res_company
from . import kpi_gamification_choice
from . import kpi_achievement
from . import kpi_user_link
