from . import app
from . import photo
