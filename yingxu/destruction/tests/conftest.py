from yingxu.needs.tests.conftest import enter, story, world

__all__ = ["enter", "story", "world"]
