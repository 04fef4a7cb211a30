from . import action_item
from . import discussion
