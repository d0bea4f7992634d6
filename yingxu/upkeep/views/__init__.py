from . import reports, rounds, setting

__all__ = ["reports", "rounds", "setting"]
