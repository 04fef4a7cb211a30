from . import models
from .models.gamification_badge import remove_badges
