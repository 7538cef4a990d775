"""Runs work in a child process that can be killed without blocking the parent."""

import asyncio
import contextlib
import json
import logging
import pickle
import signal
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AbstractAsyncContextManager
from typing import Any, Self

from prometheus_client import REGISTRY, Metric
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector

from services.runtime import child_process, metrics
from services.runtime.errors import Unavailable
from services.runtime.worker_main import ANSWERED, ASKED, FAILED, HEAD, METRICS, READY, TOO_SLOW

log = logging.getLogger(__name__)

STOP_SECONDS = 2.0  # for what the worker still writes down when its process ends; then it is killed

Patience = Callable[[float], AbstractAsyncContextManager[Any]]
"""Raises TimeoutError in what takes longer than so many seconds."""


class WorkerFault(Exception):
    """The question has no answer, and what was asked about may be why."""


class TooSlow(WorkerFault):
    """It takes more processor time than it may. `ended`: only the end of the process has stopped it."""

    def __init__(self, *, ended: bool = False) -> None:
        super().__init__()
        self.ended = ended


class WorkerEnded(WorkerFault):
    """The process ended, or was ended because it stood still."""


class QuestionFailed(Exception):
    """What answers raised an error of its own: its name and text."""


class WorkerCannotStart(Unavailable):
    """The worker says why it can't be there; it is tried again."""


class WorkerProcess(Collector):
    """Runs `module`, sends it `setup`, and then asks one question at a time. Started anew when it is asked after it has ended.

    `bare`: it gets nothing of this process's environment but what Python needs.
    """

    def __init__(self, module: str, setup: object, patience: Patience = asyncio.timeout, *, bare: bool = False) -> None:
        self._module = module
        self._setup = setup
        self._patience = patience
        self._environment = child_process.bare_environment if bare else child_process.environment
        self._process: Process | None = None
        self._frames: asyncio.Queue[tuple[bytes, bytes]] = asyncio.Queue()
        self._listening: asyncio.Task[None] | None = None
        self._one_at_a_time = asyncio.Lock()
        self._figures = b""

    @property
    def pid(self) -> int | None:
        """Which process it is, while there is one."""
        return self._process.pid if self._process else None

    async def start(self) -> None:
        """Returns once it can be asked, however long it has to load. Raises WorkerCannotStart with its own words."""
        self._process = await asyncio.create_subprocess_exec(
            *child_process.command(self._module), env=self._environment(), stdin=PIPE, stdout=PIPE
        )
        self._frames = asyncio.Queue()
        self._listening = asyncio.create_task(self._listen(self._process, self._frames))
        try:
            await self._send(self._setup)
            kind, content = await self._frame()
        except BaseException as error:
            await self._kill()
            if isinstance(error, WorkerEnded):
                raise WorkerCannotStart(f"{self._module} ended before it could be asked: the log has its last words") from None
            raise
        if kind != READY:
            await self._kill()
            _, detail, field = json.loads(content)
            raise WorkerCannotStart(detail, field=field)

    async def ask(self, question: object, seconds: float, stuck: float) -> list[bytes]:
        """The answers. Raises TooSlow after so many seconds of processor time, WorkerEnded where it ends, or stands still for `stuck`."""
        async with self._one_at_a_time:
            if self._process is None or self._process.returncode is not None:
                await self.start()
            try:
                await self._send((seconds, question))
                kind, content = await self._frame()
                if kind != FAILED:  # begun: from here on it is the question that takes time
                    async with self._patience(stuck):
                        kind, content = await self._frame()
            except BaseException as error:
                code = await self._kill(patience=STOP_SECONDS if isinstance(error, WorkerEnded) else 0.0)
                if isinstance(error, TimeoutError):
                    log.warning("%s stood still for %.0f seconds and was ended", self._module, stuck)
                    raise WorkerEnded from None
                if isinstance(error, WorkerEnded) and code == -signal.SIGVTALRM:
                    raise TooSlow(ended=True) from None
                raise
        if kind == TOO_SLOW:
            raise TooSlow
        if kind != ANSWERED:
            name, detail, _ = json.loads(content)
            raise QuestionFailed(f"{name}: {detail}")
        return content.split(b"\n")

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[Self]:
        """Started before, stopped afterwards; its figures stand beside those of this process."""
        try:
            await self.start()
            REGISTRY.register(self)
            try:
                yield self
            finally:
                REGISTRY.unregister(self)
        finally:
            await self.stop()

    def collect(self) -> Iterable[Metric]:
        """What the worker last told of itself."""
        return text_string_to_metric_families(self._figures.decode())

    def describe(self) -> Iterable[Metric]:
        """Nothing of its own: this process has the same names, and both are added up."""
        return ()

    async def stop(self) -> None:
        """Closes its pipe, which it takes as the end, and insists after a moment."""
        process = self._process
        if process and process.stdin:
            process.stdin.close()
        await self._kill(counted=False, patience=STOP_SECONDS)

    async def _kill(self, *, counted: bool = True, patience: float = 0.0) -> int | None:
        """Its exit code. One that has closed its pipe gets some patience: asyncio may lose the code of what is killed as it ends."""
        process, self._process = self._process, None
        if process is None:
            return None
        if counted:
            metrics.WORKER_ENDED.inc(worker=self._module)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), patience)
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
        code = await process.wait()
        if self._listening:
            await asyncio.gather(self._listening, return_exceptions=True)
        return code

    async def _send(self, thing: object) -> None:
        content = pickle.dumps(thing, protocol=pickle.HIGHEST_PROTOCOL)
        try:
            assert self._process
            assert self._process.stdin
            self._process.stdin.write(HEAD.pack(ASKED, len(content)) + content)
            await self._process.stdin.drain()
        except ConnectionError:
            raise WorkerEnded from None

    async def _frame(self) -> tuple[bytes, bytes]:
        kind, content = await self._frames.get()
        if not kind:
            raise WorkerEnded
        return kind, content

    async def _listen(self, process: Process, frames: "asyncio.Queue[tuple[bytes, bytes]]") -> None:
        assert process.stdout
        try:
            while True:
                kind, size = HEAD.unpack(await process.stdout.readexactly(HEAD.size))
                content = await process.stdout.readexactly(size)
                if kind == METRICS:
                    self._figures = content
                else:
                    frames.put_nowait((kind, content))
        except (asyncio.IncompleteReadError, ConnectionError):
            frames.put_nowait((b"", b""))  # it has ended
