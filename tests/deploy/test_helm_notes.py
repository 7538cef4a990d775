"""What helm tells whoever has installed the chart."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.deploy.test_helm import CHART, FILES, of_files, templated

pytestmark = pytest.mark.helm


def notes(folder: Path, values: Mapping[str, Any]) -> str:
    """What helm says after an installation with these values; without a cluster it says it only inside of an object."""
    chart = folder / "chart"
    shutil.copytree(CHART, chart)
    text = (chart / "templates" / "NOTES.txt").read_text()
    template = (
        '{{ define "notes" }}' + text + '{{ end }}\napiVersion: v1\nkind: ConfigMap\ndata: {notes: {{ include "notes" . | quote }}}\n'
    )
    (chart / "templates" / "notes.yaml").write_text(template)
    (folder / "values.yaml").write_text(yaml.safe_dump(dict(values)))
    done = templated(folder / "values.yaml", chart=chart)
    assert done.returncode == 0, done.stderr
    [shown] = [each["data"]["notes"] for each in yaml.safe_load_all(done.stdout) if each and "notes" in each.get("data", {})]
    return str(shown)


WARNINGS = {
    "go with it": "Files that citizens send stay in the pod",
    "review": "and review looks for them in",
    "dispatch": "and dispatch looks for them in",
    "unsigned": "anchors of the audit log are not signed",
}


@pytest.mark.parametrize(
    ("values", "warns"),
    [
        ({}, {"go with it", "unsigned"}),
        (of_files("file:///var/lib/parvis/files", mailboxes=[]), {"go with it", "unsigned"}),
        (of_files(FILES, mailboxes=[]), {"unsigned"}),
        (of_files(FILES, review_has="s3://another", mailboxes=[]), {"review", "unsigned"}),
        ({"services": {"intake": {"settings": {"PARVIS_FILES_URL": FILES}}}}, {"review", "dispatch", "unsigned"}),
        ({"settings": {"PARVIS_FILES_URL": FILES}, "secrets": {"auditKey": {"name": "audit"}}}, set()),
    ],
)
def test_who_installs_is_told_what_would_be_lost_and_only_that(tmp_path: Path, values: dict[str, Any], warns: set[str]) -> None:
    text = notes(tmp_path, values)

    assert {name for name, warning in WARNINGS.items() if warning in text} == warns
