from . import cards, news, reports, rounds, setting

__all__ = ["cards", "news", "reports", "rounds", "setting"]
