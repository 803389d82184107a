"""What lies in a cache: entries that must be whole, and what a killed writer left beside them."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from why_bird.measure.entry import Key, unseal


def entries(cache: Path) -> dict[str, int]:
    """Return every entry of a cache with its inode, which changes when it is made again; each is read and proved."""
    found = {}
    for folder in folders(cache):
        if folder.parent.name == "measurements":
            said = json.loads((folder / "entry.json").read_text())["key"]
            key = Key(said["measure"], said["version"], said["parts"])
            assert key.name == folder.name
            # Raises where a byte is missing or differs.
            assert unseal(folder, key, checksums=True) is not None
        else:
            for name, said in json.loads((folder / "sums.json").read_text()).items():
                content = (folder / name).read_bytes()
                # The pixels' size is kept, and the checksums of all else.
                assert said == (len(content) if isinstance(said, int) else hashlib.sha256(content).hexdigest())
        found[f"{folder.parent.name}/{folder.name}"] = folder.stat().st_ino
    return found


def folders(cache: Path) -> list[Path]:
    """Return where the entries lie, without a look into them."""
    below = [path for kind in ("measurements", "images") for path in sorted((cache / kind).glob("[!.]*"))]
    return [path for path in below if path.suffix != ".lock"]


def unfinished(cache: Path) -> list[Path]:
    """Return what is neither an entry nor a lock."""
    return [path for kind in ("measurements", "images") for path in (cache / kind).glob(".*")]
