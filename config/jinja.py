"""Jinja2 for pages: Django's own backend, looking for templates in each room's `templates/`."""

from typing import Any

from django.middleware.csrf import get_token
from django.template.backends.jinja2 import Jinja2
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import get_language
from jinja2 import Environment, StrictUndefined

from yingxu.ui.places import fixed
from yingxu.ui.words import gettext, ngettext, npgettext, pgettext


class Pages(Jinja2):
    app_dirname = "templates"


def environment(**options: Any) -> Environment:
    env = Environment(  # noqa: S701  autoescape comes with the options
        **{**options, "undefined": StrictUndefined},
        extensions=["jinja2.ext.i18n", "jinja2.ext.do", "jinja2.ext.loopcontrols"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.policies["ext.i18n.trimmed"] = True
    env.install_gettext_callables(  # type: ignore[attr-defined]  # of the i18n extension
        gettext, ngettext, newstyle=True, pgettext=pgettext, npgettext=npgettext
    )
    env.globals.update(static=static, url=_url, language=get_language, csrf=get_token)
    from yingxu.ui import show

    env.filters.update(show.FILTERS)
    env.globals.update(show.GLOBALS)
    return env


def _url(name: str, *args: Any, **kwargs: Any) -> str:
    return reverse(name, args=args or None, kwargs=kwargs or None) if args or kwargs else fixed(name)
