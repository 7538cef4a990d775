"""Main loop of a worker process: reads questions on stdin, answers on stdout, each within a limit of processor time."""

import contextlib
import json
import logging
import os
import pickle
import signal
import struct
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from types import FrameType
from typing import Any, BinaryIO, Protocol

log = logging.getLogger(__name__)

HEAD = struct.Struct("<cI")
"""Of every frame: its kind, and how many bytes follow."""
ASKED, READY, BEGUN, ANSWERED, TOO_SLOW, FAILED, METRICS = b"Q", b"R", b"B", b"A", b"S", b"F", b"T"
"""A question; loaded; the question is begun; its answers, a line each; stopped by its time; an error's name and detail; figures."""

HARD = 2
"""What is not stopped by an exception, inside of a C library, is ended with the whole process at so many times its processor time."""

LEAST = 0.01
GRACE = 0.5
"""Seconds more before that end: until the exception is raised, another thread or the garbage collector may have its turn."""
"""Seconds, the resolution of such timers on many machines."""


class Stopped(BaseException):
    """Not an `Exception`, which what is stopped might catch."""


class Answering(Protocol):
    """What the process was made for."""

    def refresh(self) -> None:
        """Whatever is to be done before a question and does not count as its time."""

    def answer(self, question: Any) -> Sequence[bytes]:  # noqa: ANN401 - what is asked
        """One line for each thing that was asked about."""

    def answered(self) -> None:
        """The answers have left."""

    def close(self) -> None:
        """Nobody asks any more."""


class Channel:
    """The two pipes to the process that asks."""

    def __init__(self, questions: BinaryIO, answers: BinaryIO) -> None:
        self._questions = questions
        self._answers = answers
        self._sending = threading.Lock()

    def send(self, kind: bytes, content: bytes = b"") -> None:
        """One frame, whole, from whichever thread."""
        with self._sending:
            self._answers.write(HEAD.pack(kind, len(content)) + content)
            self._answers.flush()

    def receive(self) -> Any:  # noqa: ANN401 - what is asked
        """The next thing that is sent. Raises EOFError once nobody is there any more."""
        head = self._questions.read(HEAD.size)
        if len(head) < HEAD.size:
            raise EOFError
        _, size = HEAD.unpack(head)
        content = self._questions.read(size)
        if len(content) < size:
            raise EOFError
        return pickle.loads(content)  # noqa: S301 - from the process that started this one


def serve(load: Callable[[Any, Channel], Answering]) -> None:
    """Loads what the first thing that is sent asks for, and answers until the other end closes, however that comes about.

    Signals that end a group of processes are for the one that asks: it may still have to finish what it has in hand.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what a library prints is no answer
    channel = Channel(sys.stdin.buffer, answers)
    with contextlib.suppress(EOFError, BrokenPipeError):
        setup = channel.receive()
        try:
            answering = load(setup, channel)
        except Exception as error:
            log.exception("the worker can't start")
            channel.send(FAILED, _told(error))
            raise SystemExit(1) from None
        channel.send(READY)
        try:
            while True:
                _answer(answering, channel, *channel.receive())
        finally:
            answering.close()


def _answer(answering: Answering, channel: Channel, seconds: float, question: Any) -> None:  # noqa: ANN401
    try:
        answering.refresh()
        channel.send(BEGUN)
        with limited(seconds):
            answers = answering.answer(question)
    except Stopped:
        channel.send(TOO_SLOW)
    except Exception as error:  # noqa: BLE001 - the one that asks decides what becomes of it
        channel.send(FAILED, _told(error))
    else:
        channel.send(ANSWERED, b"\n".join(answers))
        answering.answered()


def _told(error: Exception) -> bytes:
    detail = getattr(error, "detail", None) or str(error)
    return json.dumps([type(error).__name__, detail, getattr(error, "field", None)]).encode()


@contextlib.contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Stops what takes more processor time, whatever else the machine does; `re` asks for signals in the middle of a pattern.

    The timers count all threads of the process. What others than this one have used meanwhile is given once more.
    """
    armed = True
    ends_at = time.thread_time() + seconds

    def arm(left: float) -> None:
        signal.setitimer(signal.ITIMER_VIRTUAL, HARD * left + GRACE)
        signal.setitimer(signal.ITIMER_PROF, left)

    def stop(_: int, __: FrameType | None) -> None:
        if armed:
            left = ends_at - time.thread_time()
            if left <= 0:
                raise Stopped
            arm(max(left, LEAST))

    signal.signal(signal.SIGPROF, stop)
    signal.signal(signal.SIGVTALRM, signal.SIG_DFL)
    arm(seconds)
    try:
        yield
    finally:
        armed = False
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
