"""The build finds a Node, or says why not."""

from pathlib import Path

import pytest

from tools import front_end


def _program(folder: Path, name: str, says: str) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\necho {says}\n")
    path.chmod(0o755)


@pytest.mark.parametrize(
    ("version", "good"), [("v20.1.0", True), ("v24.0.0", True), ("v18.19.0", False), ("?", False)]
)
def test_node_on_path_must_be_new_enough(tmp_path: Path, version: str, good: bool) -> None:
    _program(tmp_path, "node", version)
    _program(tmp_path, "npm", "10")
    assert (front_end.node_on_path(str(tmp_path)) is not None) is good


def test_node_without_npm_does_not_count(tmp_path: Path) -> None:
    _program(tmp_path, "node", "v22.0.0")
    assert front_end.node_on_path(str(tmp_path)) is None
