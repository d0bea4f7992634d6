"""All component macros under one name: `ui.button(...)` in every template, also in fragments rendered alone."""

from typing import Any

from django.conf import settings
from django.template import engines

FILES = ("marks", "flow", "fields", "choosing", "tables", "story", "tell", "floats", "figures", "forms")


class Kit:
    """Finds a macro in `templates/ui/<file>.html` by its name; remembers it unless templates may change under us."""

    def __init__(self) -> None:
        self._known: dict[str, Any] = {}

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        if name not in self._known or settings.DEBUG:
            self._known[name] = _find(name)
        return self._known[name]


def _find(name: str) -> Any:
    env = engines.all()[0].env  # type: ignore[attr-defined]
    for file in FILES:
        macro = getattr(env.get_template(f"ui/kit/{file}.html").module, name, None)
        if macro is not None:
            return macro
    raise AttributeError(f"no component called {name}; see /ui/")
