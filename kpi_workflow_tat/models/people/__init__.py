"""Departments: the working hours that requests to their people count by."""

from . import hr_department
from . import resource_calendar
