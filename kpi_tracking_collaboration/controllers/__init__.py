from . import action_item
from . import discussion
from . import review_meeting
