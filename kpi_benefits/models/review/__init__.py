"""Reviews of initiatives: their texts, figures frozen at submission, approval, lessons,
what stakeholders say, and the files that are made of them."""

from . import kpi_post_implementation_review
from . import kpi_review_recommendation
from . import kpi_review_figure
from . import kpi_lesson
from . import kpi_review_feedback_link
from . import kpi_post_implementation_review_suggestion
