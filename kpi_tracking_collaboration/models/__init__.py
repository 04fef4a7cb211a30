from . import invitation
from . import discussion
