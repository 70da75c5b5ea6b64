"""The JSON card beside a weights file: where the weights came from, and the hash that pins them. Torch-free."""

import json
from pathlib import Path
from typing import Any

from embeddings.errors import EncoderError


def read_card(path: Path) -> dict[str, Any]:
    """The card at ``path``. Raises EncoderError when it is missing, broken or lacks the hash of its weights."""
    try:
        card = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise EncoderError(f"The card {path} cannot be read: {error}") from error
    if not isinstance(card, dict) or not isinstance(card.get("sha256"), str):
        raise EncoderError(f"The card {path} does not name the SHA-256 of its weights")
    return card
