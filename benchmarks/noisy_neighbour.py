"""Measures how long another agency waits behind a burst of one: `python -m benchmarks.noisy_neighbour [N]` on a data directory of its own.

Starts `parvis up`, hands over N urgent texts (2,000 unless told) of one key as a batch, then one request of another, and prints
when that one stands before a caseworker, and at which places its agency stands in the queue.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from uuid import uuid4

import httpx

PARVIS = Path(sys.executable).with_name("parvis")
TEXT = "Fire in the house at 12 Elm Street, people are trapped on the second floor, please send help now! Number {n}"
READY_SECONDS = 120.0
PORT = 18_400


def main(count: int) -> None:
    """Prints one line."""
    with tempfile.TemporaryDirectory(prefix="parvis-fairness-") as folder:
        data = Path(folder) / "data"
        environment = os.environ | {"PARVIS_DATA_DIR": str(data)}
        running = subprocess.Popen([PARVIS, "up", "--data-dir", data, "--port", str(PORT)], env=environment, stdout=subprocess.DEVNULL)
        try:
            _measure(count, data, environment)
        finally:
            running.terminate()
            running.wait(60)


def _measure(count: int, data: Path, environment: dict[str, str]) -> None:
    def prints(*words: str) -> str:
        return subprocess.run([PARVIS, *words], env=environment, capture_output=True, text=True, check=True).stdout.strip()

    until = time.monotonic() + READY_SECONDS
    while not (data / "run.json").exists():
        assert time.monotonic() < until, "parvis up did not become ready"
        time.sleep(0.2)
    run = json.loads((data / "run.json").read_text())
    burst, other = prints("agencies", "add", "burst"), prints("agencies", "add", "other")
    prints("people", "add", "anna@city.example", "--role", "supervisor")
    token = prints("tokens", "issue", "anna@city.example")
    lines = "\n".join(json.dumps({"channel": "web", "body": TEXT.format(n=n), "request_id": str(uuid4())}) for n in range(count))
    with httpx.Client(timeout=600) as client:
        review, people = f"{run['review_url']}/api/v1", {"Authorization": f"Bearer {token}"}
        client.post(f"{run['intake_url']}/v1/requests/batch", content=lines, headers={"Authorization": f"Bearer {burst}"})
        began = time.monotonic()
        sent = {"channel": "web", "body": TEXT.format(n="other")}
        request_id = client.post(f"{run['intake_url']}/v1/requests", json=sent, headers={"Authorization": f"Bearer {other}"}).json()[
            "request_id"
        ]
        while client.get(f"{review}/cases/{request_id}", headers=people).json().get("state") not in ("awaiting_approval", "needs_triage"):
            time.sleep(0.2)
        waited = time.monotonic() - began
        queue = client.get(f"{review}/cases", params={"limit": 200}, headers=people).json()["items"]
    places = [place for place, line in enumerate(queue, 1) if line["agency"] == "other"]
    print(f"burst of {count}: the other agency waited {waited:.1f} s, and stands at {places} of the first {len(queue)} places")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2_000)
