"""Office files are ZIP archives; packed again with fixed times and order, equal text gives equal bytes."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from typing import Final

_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
_CONTENT_TYPES: Final = "[Content_Types].xml"
_CORE: Final = "docProps/core.xml"
_MODIFIED: Final = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*(</dcterms:)")


def repack(data: bytes, stand: dt.date) -> bytes:
    """Return the archive `data` with the times of all entries fixed and `stand` as the time of its making."""
    moment = f"{stand.isoformat()}T00:00:00Z".encode()
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(target, "w") as packed:
        for name in sorted(source.namelist(), key=lambda entry: (entry != _CONTENT_TYPES, entry)):
            content = source.read(name)
            if name == _CORE:
                content = _MODIFIED.sub(lambda match: match[1] + moment + match[2], content)
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3  # not the system that happens to run this
            packed.writestr(entry, content, compresslevel=9)
    return target.getvalue()
