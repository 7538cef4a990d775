"""Serves an open-weight model to this machine alone, by llama.cpp's own server: OpenAI-compatible, on a port of the loopback.

A process of its own, started by the supervisor: `python -m services.local.model_server GGUF PORT`. It ends when its standard input does.
"""

import os
import sys
import time

CONTEXT = 8192  # tokens of prompt and answer together: the longest prompt has about 5,000
KEY = "PARVIS_LLM_API_KEY"


def serve(path: str, port: int) -> None:
    """Serves until whoever started this process is gone."""
    import xllamacpp  # here, since it is an extra

    params = xllamacpp.CommonParams()
    params.model.path = path
    params.n_ctx = CONTEXT
    params.n_parallel = 1  # on a processor two answers at once take twice as long each
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = threads()
    params.sampling.temp = 0.3
    params.sampling.penalty_repeat = 1.1  # or a small one may say one word until its limit
    params.warmup = False
    params.ui = False
    params.hostnames = ["127.0.0.1"]
    params.port = port
    params.api_keys = [os.environ[KEY]] if os.environ.get(KEY) else []
    began = time.monotonic()
    server = xllamacpp.Server(params)
    sys.stderr.write(f"serving {path} at {server.listening_address} after {time.monotonic() - began:.1f} s\n")
    sys.stderr.flush()
    sys.stdin.read()
    os._exit(0)  # whatever it is computing, nobody waits for it


def threads() -> int:
    """One for each core that this process may use but one, which is left to everything else.

    Threads wait for each other after every layer, turning on the spot: where one has to share its core, all are slower than one alone
    (on two busy cores 0.3 tokens a second rather than 2.9).
    """
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(cores - 1, 1)


if __name__ == "__main__":
    serve(sys.argv[1], int(sys.argv[2]))
