from . import initiative
from . import baseline
from . import realization
from . import insight
from . import link
from . import review
from . import review_feedback
from . import files
