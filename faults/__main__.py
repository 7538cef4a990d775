"""`python -m faults --minutes 10 --seed 1`: a run, its report, and exit code 1 on any loss, doubling or stuck case."""

import argparse
import contextlib
import sys
import tempfile
import threading
import time
from pathlib import Path

import psycopg

from faults import fault_schedule, report
from faults.fault_injector import World
from faults.fault_schedule import Fault
from faults.load_generator import Load
from faults.process_restarter import Keeper
from faults.simulated_approver import Decider
from tests.harness.fleet import Fleet
from tests.harness.kafka_cluster import KafkaCluster
from tests.harness.mail_server import MailServer
from tests.harness.model_endpoint import ModelEndpoint
from tests.harness.postgres import Postgres
from tests.harness.running_stack import add_agency, add_caseworker
from tests.harness.waiting import until

AGENCY = "faultland"
FAULTS_A_MINUTE = 7.5
STANDSTILL_SECONDS = 180.0  # nothing has moved for so long: longer than any pause between two tries here


def run(minutes: float, seed: int, brokers: int, count: int, rate: float, keep: Path | None) -> report.Report:
    """The whole run: servers, processes, load, faults, and rest at the end."""
    with contextlib.ExitStack() as stack:
        folder = keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="parvis-faults-")))
        folder.mkdir(parents=True, exist_ok=True)
        kafka = stack.enter_context(KafkaCluster(brokers))
        postgres = stack.enter_context(Postgres())
        mail = stack.enter_context(MailServer())
        model = stack.enter_context(ModelEndpoint())
        url = postgres.url(stack.enter_context(postgres.database("faults")))
        environment = kafka.environment | {
            "PARVIS_DATABASE_URL": url,
            "PARVIS_SMTP_URL": mail.url,
            "PARVIS_LLM_BASE_URL": model.url,
            "PARVIS_LLM_TIMEOUT_SECONDS": "2",
            "PARVIS_UNDO_SECONDS": "0.5",
            "PARVIS_RECONCILE_SECONDS": "20",
            "PARVIS_DELIVERY_PAUSE_SECONDS": "0.5",
            "PARVIS_KAFKA_PARTITIONS": "4",
            "OMP_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
        }
        fleet = Fleet(folder / "data", environment, each=2)
        stack.callback(fleet.end)
        fleet.prints("db", "upgrade")
        fleet.prints("topics", "apply")
        fleet.prints("classify", "warm up the model")
        agency, approver = add_agency(fleet, AGENCY), add_caseworker(fleet, "decider@city.example")
        fleet.start()
        stack.enter_context(Keeper(fleet))
        load = Load(_urls(fleet, "intake"), agency.key, AGENCY, kafka.bootstrap, per_second=rate, seed=seed)
        decider = Decider(_urls(fleet, "review"), approver.token, mail)
        load.start()
        decider.start()
        world = World(kafka, postgres, mail, model, fleet, load)
        _inflict_all(world, fault_schedule.draw(seed, count, minutes * 60))
        load.stop()
        print("no more faults and no more requests; waiting until everything has come to rest", flush=True)
        _come_to_rest(url, load)
        decider.stop()
        return report.count(
            url,
            load.accepted,
            mail.counts,
            world.ends,
            sent_again=frozenset(decider.sent_again),
            confirmed=decider.confirmed,
            repeated=load.sent_again,
        )


def _inflict_all(world: World, faults: list[Fault]) -> None:
    start = time.monotonic()
    running: list[threading.Thread] = []
    for fault in faults:
        threading.Event().wait(max(start + fault.at - time.monotonic(), 0))
        whom = f" {fault.service}-{fault.process}" if "service" in fault.kind or "storm" in fault.kind else ""
        print(f"{time.monotonic() - start:6.1f} s  {fault.kind}{whom}{f' for {fault.seconds} s' if fault.seconds else ''}", flush=True)
        thread = threading.Thread(target=world.inflict, args=(fault,), daemon=True)
        thread.start()
        running.append(thread)
    for thread in running:
        thread.join()


def _cases(url: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute("select count(*) from review_cases").fetchone()
    return int(row[0]) if row else 0


def _come_to_rest(url: str, load: Load) -> None:
    """Waits as long as anything moves: what stands still after that is in the report."""
    accepted = len(set(load.accepted))
    with contextlib.suppress(AssertionError):
        until(
            lambda: not report.stuck(url) and accepted <= _cases(url),
            "every accepted request is sent or closed",
            seconds=STANDSTILL_SECONDS,
            moves=lambda: (_cases(url), sorted(report.stuck(url).items())),
        )


def _urls(fleet: Fleet, service: str) -> list[str]:
    return [member.url for member in fleet.of(service)]


def main() -> int:
    """Prints the plan's seed first and the report last."""
    parser = argparse.ArgumentParser(prog="faults", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10, help="how long faults are injected")
    parser.add_argument("--seed", type=int, default=1, help="the same seed draws the same faults")
    parser.add_argument("--brokers", type=int, default=3)
    parser.add_argument("--faults", type=int, help=f"how many; {FAULTS_A_MINUTE} a minute by default")
    parser.add_argument("--rate", type=float, default=2.0, help="requests a second")
    parser.add_argument("--keep", type=Path, help="a folder that keeps the logs")
    arguments = parser.parse_args()
    count = arguments.faults or round(arguments.minutes * FAULTS_A_MINUTE)
    print(f"seed {arguments.seed}: {count} faults in {arguments.minutes} minutes, {arguments.brokers} brokers", flush=True)
    print(fault_schedule.told(fault_schedule.draw(arguments.seed, count, arguments.minutes * 60)), flush=True)
    outcome = run(arguments.minutes, arguments.seed, arguments.brokers, count, arguments.rate, arguments.keep)
    print(outcome.text())
    print("NOTHING LOST, NOTHING DOUBLED, NOTHING STUCK" if outcome.good else "FAILED")
    return 0 if outcome.good else 1


if __name__ == "__main__":
    sys.exit(main())
