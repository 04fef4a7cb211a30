from . import export
from . import odata
from . import mcp
from . import oauth
