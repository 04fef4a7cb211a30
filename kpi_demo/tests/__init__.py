from . import test_demo_alerts
from . import test_demo_kpis
from . import test_demo_story
from . import test_demo_gallery
from . import test_demo_scorecards
from . import test_demo_dashboards
from . import test_demo_deals
from . import test_demo_trust
