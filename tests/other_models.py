"""Models beside the shipped one, for tests: the same network under another checksum, as nothing here can train one."""

import hashlib
import json
from pathlib import Path

from livedj import bundled
from livedj.ear.encoder import card_path


def another_model(path: Path, **card: object) -> Path:
    """Write a model that hears as the shipped one does and whose sha256 the name of `path` decides.

    `card`: values that its card says otherwise.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    content = bundled.MODEL.read_bytes() + path.stem.encode()  # what follows a flatbuffer is not read
    path.write_bytes(content)
    shipped = json.loads(card_path(bundled.MODEL).read_text(encoding="utf-8"))
    own = {"name": path.stem, "sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
    card_path(path).write_text(json.dumps({**shipped, **own, **card}), encoding="utf-8")
    return path
