from . import kpi_dialog_mixin
from . import kpi_explanation
from . import kpi_lock_wizard
from . import kpi_recompute_wizard
from . import kpi_scorecard_wizard
from . import kpi_submission_reason
from . import kpi_track_wizard
from . import kpi_value_entry
