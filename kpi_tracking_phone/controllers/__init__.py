from . import app
from . import session
from . import shown
