"""`python -m faults.named [--only disk_full,model_hanging]`: breaks ten dependencies, and measures how soon each place names the cause.

Exit code 1 where one of the four places has not named a cause within 30 seconds, or still does two minutes after it was mended.
"""

import argparse
import contextlib
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx

from faults import named_sites
from faults.named_faults import FAULTS, NamedFault
from faults.named_sites import Site
from faults.named_views import VIEWS, Sighting, View, Views, Watch
from tests.harness.waiting import until

WITHIN = 30.0
FIRING = 75.0  # seconds more in which an alert may begin to call somebody: the longest `for` of these alerts is a minute
CLEAR = 180.0


@dataclass(frozen=True)
class Outcome:
    """What one fault has shown."""

    name: str
    sightings: dict[View, Sighting]
    cleared: dict[View, float | None]
    trouble: str = ""

    @property
    def good(self) -> bool:
        """Whether all four named it in time, and none says it any more."""
        named = [sighting.named_after is not None and sighting.named_after <= WITHIN for sighting in self.sightings.values()]
        return not self.trouble and len(named) == len(VIEWS) and all(named) and None not in self.cleared.values()

    def row(self) -> list[str]:
        """Its line of the table."""
        alert = self.sightings.get("alert")
        clear = list(self.cleared.values())
        return [
            self.name,
            *(_seconds(self.sightings[view].named_after) if view in self.sightings else "-" for view in VIEWS),
            _firing(alert) if alert else "-",
            _seconds(max(s for s in clear if s is not None)) if clear and None not in clear else "NOT" if clear else "-",
            "yes" if self.good else "NO",
        ]


def _firing(alert: Sighting) -> str:
    waits_long = alert.named_after is not None and alert.fired_after is None and alert.fires_by_rule
    return f"after {alert.fires_by_rule / 60:g} min" if waits_long else _seconds(alert.fired_after)


def _seconds(value: float | None) -> str:
    return "not" if value is None else f"{value:.1f}"


def measure(fault: NamedFault, site: Site, views: Views) -> Outcome:
    """Breaks it, looks, mends it, and looks again."""
    watch = Watch(views, fault.words)
    cleared: dict[View, float | None] = {}
    try:
        until(lambda: _quiet(watch), f"nothing is said of {fault.name} before it is broken", seconds=CLEAR)
        with fault.breaks(site):
            watch.until_named(site.broke_at, WITHIN, FIRING)
        cleared = watch.until_clear(CLEAR)
    except (AssertionError, httpx.TransportError) as error:  # of a service that ended, too
        return Outcome(fault.name, watch.sightings, cleared, f"{type(error).__name__}: {error}".splitlines()[0][:300])
    return Outcome(fault.name, watch.sightings, cleared)


def _quiet(watch: Watch) -> bool:
    return all(not watch.naming(view) for view in ("/ops", "alert"))


def run(chosen: Sequence[NamedFault], folder: Path) -> list[Outcome]:
    """One installation after the other, and on each one fault after the other."""
    outcomes: list[Outcome] = []
    for site_name in ("embedded", "servers"):
        faults = [fault for fault in chosen if fault.site == site_name]
        if not faults:
            continue
        place = folder / site_name
        place.mkdir(parents=True, exist_ok=True)
        with contextlib.ExitStack() as stack:
            if site_name == "embedded":
                site = stack.enter_context(named_sites.embedded(place, small_disk=any(f.name == "disk_full" for f in faults)))
            else:
                site = stack.enter_context(named_sites.on_servers(place))
            views = Views(site.at, site.prometheus)
            stack.callback(views.close)
            for fault in faults:
                outcome = measure(fault, site, views)
                print(f"{' | '.join(outcome.row())}", flush=True)
                for view, sighting in outcome.sightings.items():
                    print(f"    {view}: {sighting.line or f'nothing like {sighting.words!r}'}", flush=True)
                for note in site.notes:
                    print(f"    {note}", flush=True)
                site.notes.clear()
                if outcome.trouble:
                    print(f"    trouble: {outcome.trouble}", flush=True)
                outcomes.append(outcome)
    return outcomes


def table(outcomes: Sequence[Outcome]) -> str:
    """All of it, for a page."""
    heads = ["fault", *(f"{view} names it" for view in VIEWS[:3]), "alert pending", "alert firing", "clear again", f"within {WITHIN:g} s"]
    lines = [heads, ["---"] * len(heads), *(outcome.row() for outcome in outcomes)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def main() -> int:
    """Prints each fault as it is measured, and the table last."""
    parser = argparse.ArgumentParser(prog="faults.named", description=__doc__)
    parser.add_argument("--only", default="", help=f"some of {','.join(fault.name for fault in FAULTS)}")
    parser.add_argument("--keep", type=Path, help="a folder that keeps the logs")
    arguments = parser.parse_args()
    names = [name for name in arguments.only.split(",") if name]
    if unknown := set(names) - {fault.name for fault in FAULTS}:
        parser.error(f"there is no {', '.join(sorted(unknown))}")
    chosen = [fault for fault in FAULTS if not names or fault.name in names]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that what was started ends as well
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="parvis-named-") as temporary:
        outcomes = run(chosen, arguments.keep or Path(temporary))
    print(table(outcomes))
    print("seconds; of an alert: until its condition held (pending), and until it had held for as long as its rule asks (firing);")
    print("`after N min` is a rule's own patience, which was not waited for")
    good, seconds = sum(outcome.good for outcome in outcomes), time.monotonic() - began
    print(f"{good} of {len(outcomes)} named by all four within {WITHIN:g} s; {seconds:.0f} s in all")
    return 0 if all(outcome.good for outcome in outcomes) else 1


if __name__ == "__main__":
    sys.exit(main())
