from . import models
from .hooks import add_appointments, remove_appointments
