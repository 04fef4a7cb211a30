from . import odata
