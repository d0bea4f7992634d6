"""Static files as they are sent: named by their content, styles without comments and spare spaces."""

import re
from typing import Any

from django.contrib.staticfiles.storage import ManifestStaticFilesStorage
from django.core.files.base import ContentFile, File

_QUOTED = re.compile(r'("[^"]*"|\'[^\']*\'|url\([^)]*\))')


def compact(css: str) -> str:
    """The same rules in fewer bytes. Spaces that mean something (between selectors, in calc, around `and`) stay."""
    bare = re.sub(r"/\*.*?\*/", "", css, flags=re.S)
    parts = _QUOTED.split(bare)
    parts[::2] = [
        re.sub(r"\s*([{};,])\s*", r"\1", re.sub(r"\s+", " ", part)).replace(": ", ":").replace(";}", "}")
        for part in parts[::2]
    ]
    return "".join(parts).strip()


class Compact(ManifestStaticFilesStorage):
    def _save(self, name: str, content: File) -> Any:
        if name.endswith(".css"):
            content.seek(0)
            content = ContentFile(compact(content.read().decode()).encode(), name=content.name)
        return super()._save(name, content)
