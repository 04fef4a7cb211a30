from . import gamification
