from . import export
from . import odata
