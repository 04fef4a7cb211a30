from .models import test_kpi_achievement
from .models import test_kpi_gamification_choice
from .models import test_kpi_user_achievement
from .models import test_user_links
from .security import test_kpi_gamification_access
from .security import test_readable_rules
from .security import test_sudo_reasons
