"""What a customer is to us: classes, prospects, care."""

from .classes import Dimension, Override, Reckoned, Reckoning, Rulebook, Stage, Standing, Tenure, Turn

__all__ = ["Dimension", "Override", "Reckoned", "Reckoning", "Rulebook", "Stage", "Standing", "Tenure", "Turn"]
