"""`parvis up` and `parvis serve`."""

import asyncio
import gc
import logging
import os
import signal
import sys
import threading
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from services.cli import preflight
from services.runtime.errors import InvalidInput
from services.runtime.settings import MAIL_IN, SERVICES, Settings

PROCESSES = (*SERVICES, MAIL_IN)

DataDir = Annotated[Path | None, typer.Option("--data-dir", help="Where everything is kept; PARVIS_DATA_DIR, or ./var.")]

out = Console(highlight=False, soft_wrap=True)


def up_cli(
    gguf: Annotated[Path | None, typer.Argument(help="With --local-model: the model's file; nothing: a small one of the extra.")] = None,
    data_dir: DataDir = None,
    port: Annotated[int, typer.Option(help="The pages; the intake is on the next port.", min=1, max=65534)] = 8000,
    kafka_port: Annotated[int | None, typer.Option(help="The embedded broker's port; a free one by default.")] = None,
    local_model: Annotated[
        bool, typer.Option("--local-model", help="Serve an open-weight model on this machine, and draft with it: --local-model [GGUF].")
    ] = False,
    demo: Annotated[bool, typer.Option("--demo", help="Send sample requests and make people to sign in as.")] = False,
) -> None:
    """Run everything on this machine, with no other server: the embedded broker, all services, SQLite."""
    from services.local import local_model as models
    from services.local.supervisor import MODEL, Supervisor, only_one

    settings = Settings()
    if data_dir:
        settings = settings.model_copy(update={"data_dir": data_dir})
    if gguf and not local_model:
        raise InvalidInput(f"GGUF: {gguf} is only served with --local-model", field="GGUF")
    preflight.check(settings)
    model = models.chosen(gguf, settings.llm) if local_model else None
    logging.basicConfig(level="INFO", format="%(message)s", stream=sys.stderr)
    for chatty in ("kafka", "httpx"):
        logging.getLogger(chatty).setLevel("ERROR")
    logging.getLogger("alembic").setLevel("WARNING")
    with only_one(settings.data_dir.resolve()):
        supervisor = Supervisor(settings, port, kafka_port, model)

        def end(*_: object) -> None:
            if not supervisor.started:
                raise SystemExit(0)  # what has started so far is stopped below
            supervisor.stopping = True

        signal.signal(signal.SIGTERM, end)
        signal.signal(signal.SIGINT, end)
        try:
            run = supervisor.start()
            out.print("Parvis is ready.")
            addresses = {"pages": run.review_url, "intake": run.intake_url, "Kafka": run.kafka_bootstrap, "data": supervisor.data_dir}
            if model:
                addresses |= {"model": f"{model.path.stem}, {supervisor.url_of(MODEL)}"}
            for what, where in addresses.items():
                out.print(f"  {what:<7} {where}")
            if demo:
                from services.local.demo import prepare

                for line in prepare(settings, run):
                    out.print(line, markup=False)
            else:
                out.print("Sign in: `parvis people add EMAIL --role caseworker` prints a password.", markup=False)
            out.print("Ctrl-C stops it.")
            supervisor.watch()
        finally:
            supervisor.stop()
        out.print("Parvis has stopped; everything is kept in the data directory.")


def serve_cli(
    service: Annotated[str, typer.Argument(help=f"One of {', '.join(PROCESSES)}.")],
    port: Annotated[int, typer.Option(help="Where it answers HTTP.", min=1, max=65535)] = 8080,
    stop_with_parent: Annotated[bool, typer.Option("--stop-with-parent", hidden=True)] = False,
) -> None:
    """Run one service against the configured Kafka and database."""
    gc.disable()  # until all is imported: what that makes stays, and to look through it again and again takes a tenth of the start
    from services.runtime import telemetry

    if service not in PROCESSES:
        raise InvalidInput(f"there is no service {service!r}: use one of {', '.join(PROCESSES)}", field="service")
    settings = Settings()
    if not settings.kafka.bootstrap and service != MAIL_IN:
        raise InvalidInput("PARVIS_KAFKA_BOOTSTRAP is empty: set your Kafka's address, or use `parvis up`", field="PARVIS_KAFKA_BOOTSTRAP")
    preflight.check(settings, [service])
    telemetry.configure(service, settings)
    if stop_with_parent:
        threading.Thread(target=_end_with_parent, daemon=True).start()
    _run(_application(service, settings), settings, port)


def _application(service: str, settings: Settings) -> Any:  # noqa: ANN401 - a FastAPI
    from importlib import import_module

    application = import_module("services.intake.mail.app" if service == MAIL_IN else f"services.{service}.app")
    if service == "review":  # the one whose pages keep what all services know
        agency_keys, deliveries = (import_module(f"services.local.{name}") for name in ("agency_provisioning", "delivery_access"))
        return application.create(settings, agency_keys.for_pages(), deliveries.for_pages())
    return application.create(settings)


def _run(application: Any, settings: Settings, port: int) -> None:  # noqa: ANN401
    from services.runtime import http_server, process

    gc.collect()
    gc.freeze()
    gc.enable()
    signal.signal(signal.SIGTERM, process.end_with_code)  # uvicorn stops everything first, and then raises the signal once more
    asyncio.run(http_server.server(application, settings.host, port, settings.client_seconds).serve())


def _end_with_parent() -> None:
    # The supervisor holds the other end: when it is gone, however it went, this read ends.
    os.read(0, 1)
    os.kill(os.getpid(), signal.SIGTERM)
