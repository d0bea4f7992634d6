"""What a customer is to us: classes, prospects, care."""

from .care import Birthday, Care
from .classes import Dimension, Override, Reckoned, Reckoning, Rulebook, Stage, Standing, Tenure, Turn
from .prospects import Move, Prospect, Step

__all__ = ["Birthday", "Care", "Dimension", "Move", "Override", "Prospect", "Reckoned", "Reckoning", "Rulebook", "Stage", "Standing", "Step", "Tenure", "Turn"]
