from . import collaboration
