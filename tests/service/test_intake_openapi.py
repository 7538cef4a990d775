"""Whatever is sent to intake, it answers what its OpenAPI document says, and never with a fault of its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.harness.intake_server import intake_server

SCHEMATHESIS = Path(sys.executable).with_name("schemathesis")
HERE = Path(__file__).parent
SECONDS = "20"  # of made-up requests, after those that are derived from the document one by one


@pytest.mark.timeout(300)
def test_whatever_is_sent_is_answered_as_the_document_says(tmp_path: Path) -> None:
    with intake_server(tmp_path) as server:
        command = [str(SCHEMATHESIS), "--config-file", str(HERE / "schemathesis.toml"), "run", f"{server.url}/openapi.json"]
        options = ["--header", f"Authorization: Bearer {server.key}", "--max-time", SECONDS, "--no-color"]
        environment = os.environ | {"SCHEMATHESIS_HOOKS": "schemathesis_hooks", "PYTHONPATH": str(HERE)}
        run = subprocess.run([*command, *options], capture_output=True, text=True, check=False, env=environment, cwd=tmp_path)
    assert run.returncode == 0, run.stdout[-6000:] + run.stderr[-2000:]
