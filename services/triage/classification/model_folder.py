"""Tells by its file names what a folder is: a trained model, a registry of models, or neither."""

from pathlib import Path

from services.runtime.errors import Conflict, InvalidInput

MODEL = "model.npz"
FORMER_MODEL = "model.skops"
"""What it was called before models were arrays: such a one is not read, and is no stranger's file."""
POINTER = "current"
OF_THE_SYSTEM = frozenset({"lost+found"})


def is_model(folder: Path) -> bool:
    """Whether the folder is what `parvis train --out` writes."""
    return (folder / MODEL).is_file()


def check(folder: Path) -> None:
    """Raises InvalidInput where the folder has something in it, and neither is a model nor holds any."""
    if not folder.exists() or is_model(folder) or (folder / POINTER).is_file():
        return
    if not folder.is_dir():
        raise InvalidInput(f"PARVIS_MODEL_DIR: {folder} is no folder: {_WANTED}", field="PARVIS_MODEL_DIR")
    if (folder / FORMER_MODEL).is_file():
        raise InvalidInput(f"PARVIS_MODEL_DIR: {folder} is a model of an earlier version: train it again", field="PARVIS_MODEL_DIR")
    entries = [entry for entry in folder.iterdir() if not entry.name.startswith(".") and entry.name not in OF_THE_SYSTEM]
    if entries and not any(is_model(entry) or (entry / FORMER_MODEL).is_file() for entry in entries):
        raise InvalidInput(f"PARVIS_MODEL_DIR: {folder} holds other things and no model: {_WANTED}", field="PARVIS_MODEL_DIR")


def must_be_registry(folder: Path) -> None:
    """Raises Conflict where the folder is one model, so that no other can take its place."""
    if is_model(folder):
        raise Conflict(
            f"{folder} is a model itself and in use as it is: set PARVIS_MODEL_DIR to a folder that holds models to promote one or go back"
        )


_WANTED = "give the folder that `parvis train --out` wrote, a folder of such folders, or an empty one"
