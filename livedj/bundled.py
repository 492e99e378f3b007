"""Where the files that ship with livedj lie: beside the package in a checkout, inside it in an installed wheel."""

from pathlib import Path

_PACKAGE = Path(__file__).parent
_ROOT = _PACKAGE if (_PACKAGE / "models").is_dir() else _PACKAGE.parent

MODELS = _ROOT / "models"
RESOURCES = _ROOT / "resources"
MODEL = MODELS / "livedj.tflite"
LOOP = RESOURCES / "loop.opus"
"""What is played when nothing else can be; made by `python -m livedj.demo.loop`."""
LOOP_SECONDS = 47.2
