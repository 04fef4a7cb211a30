from .models import test_kpi_discussion
from .models import test_kpi_invitation
from .models import test_user_links
from .security import test_kpi_collaboration_access_matrix
from .security import test_kpi_collaboration_access_methods
from .security import test_readable_rules
from .security import test_sudo_reasons
