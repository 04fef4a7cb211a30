from . import analysis
from . import home
