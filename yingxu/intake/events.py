"""The facts imports can state."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from yingxu.base.events import Event


@dataclass(frozen=True, kw_only=True)
class ImportFinished(Event):
    ICON = "inbox"
    name: str
    run: int
    done: int
    repeated: int
    refused: int

    def sentence(self):
        return (
            _("imported %(name)s: %(done)s taken in, %(repeated)s already there, %(refused)s refused") % self.__dict__
        )


@dataclass(frozen=True, kw_only=True)
class ImportUndone(Event):
    ICON = "back"
    name: str
    run: int
    undone: int
    kept: int

    def sentence(self):
        return (
            _("undid the import of %(name)s: %(undone)s declared void, %(kept)s kept because they were worked on")
            % self.__dict__
        )
