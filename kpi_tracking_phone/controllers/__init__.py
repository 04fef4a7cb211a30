from . import app
from . import shown
