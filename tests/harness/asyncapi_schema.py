"""The official JSON Schema of AsyncAPI 3.0.0, fetched by npm the first time into a cache outside the checkout."""

import json
import os
import shutil
import subprocess
import tarfile
from pathlib import Path
from typing import Any

from tests.harness.processes import CannotStart

PACKAGE, VERSION = "@asyncapi/specs", "6.11.1"


def official_schema() -> dict[str, Any]:
    """Raises CannotStart where npm is missing, or could not fetch it."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "parvis"
    archive = cache / f"asyncapi-specs-{VERSION}.tgz"
    if not archive.exists():
        if not shutil.which("npm"):
            raise CannotStart("npm not found: apt-get install npm")
        cache.mkdir(parents=True, exist_ok=True)
        command = ["npm", "pack", "--silent", f"{PACKAGE}@{VERSION}", "--pack-destination", str(cache)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
        if done.returncode:
            raise CannotStart(f"npm could not fetch {PACKAGE} {VERSION}:\n{done.stderr[-1000:]}")
    with tarfile.open(archive) as package:
        member = package.extractfile("package/schemas/3.0.0.json")
        assert member
        schema: dict[str, Any] = json.load(member)
        return schema
