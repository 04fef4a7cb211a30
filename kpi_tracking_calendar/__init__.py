from . import models
from .hooks import remove_appointments
