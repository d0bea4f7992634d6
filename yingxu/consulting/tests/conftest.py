from yingxu.needs.tests.conftest import story, world

__all__ = ["story", "world"]
