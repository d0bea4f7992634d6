"""All component macros under one name: `ui.button(...)` in every template, also in fragments rendered alone."""

from typing import Any

from django.conf import settings
from django.template import engines

from . import hot

FILES = ("marks", "flow", "fields", "choosing", "tables", "story", "tell", "floats", "figures", "forms")


class Kit:
    """Finds a component by its name: in `hot`, else a macro in `templates/ui/kit/<file>.html`; remembers it unless templates may
    change under us."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        found = hot.COMPONENTS.get(name) or _find(name)
        if not settings.DEBUG:
            self.__dict__[name] = found
        return found


def _find(name: str) -> Any:
    env = engines.all()[0].env  # type: ignore[attr-defined]
    for file in FILES:
        macro = getattr(env.get_template(f"ui/kit/{file}.html").module, name, None)
        if macro is not None:
            return macro
    raise AttributeError(f"no component called {name}; see /ui/")
