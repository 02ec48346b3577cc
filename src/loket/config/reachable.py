"""Where an unprivileged account can get at files: PostgreSQL refuses to run as root.

As root, the server is run by an account that may not enter every folder that root may: a checkout under
/root, say. What it needs is then kept under /var/lib/loket instead. For everybody else nothing changes.
"""

import hashlib
import os
import pwd
import shutil
import stat
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

SHARED = Path("/var/lib/loket")
_ACCOUNT = "nobody"


def is_needed() -> bool:
    return os.geteuid() == 0


def account() -> pwd.struct_passwd:
    """The account that runs the server when root starts it. Raises KeyError where the system has none."""
    return pwd.getpwnam(_ACCOUNT)


def run_as() -> Mapping[str, object]:
    """Arguments for subprocess that drop root's rights; none for an ordinary user."""
    if not is_needed():
        return {}
    owner = account()
    return {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}


def hand_over(folder: Path) -> None:
    """As root, gives the folder and all in it to the account that runs the server."""
    if is_needed():
        owner = account()
        for path in (folder, *folder.rglob("*")):
            os.chown(path, owner.pw_uid, owner.pw_gid, follow_symlinks=False)


def may_enter(folder: Path) -> bool:
    """Whether the server's account may pass through every folder on the way to `folder` (its parents)."""
    if not is_needed():
        return True
    owner = account()
    return all(_may_pass(parent.stat(), owner) for parent in folder.resolve().parents)


def place_for(folder: Path) -> Path:
    """`folder` itself where the server's account can reach it, otherwise its own place under /var/lib/loket.

    A place once taken is kept, also after the rights changed; the folder says where it is.
    """
    folder = folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    elsewhere = SHARED / hashlib.sha256(str(folder).encode()).hexdigest()[:16]
    if (folder / "data").exists() or (may_enter(folder) and not elsewhere.exists()):
        return folder
    (folder / "WHERE").write_text(f"The database of this folder is in {elsewhere}\n", encoding="utf-8")
    _make_shared()
    elsewhere.mkdir(exist_ok=True)
    return elsewhere


def copied(site: Path, parts: Sequence[str], program: str) -> Path:
    """`site` where the server's account can run `program` in it, otherwise a copy of its `parts`.

    Parts that aren't there are left out: some platforms bring their libraries in a folder of their own.
    """
    if may_enter(site / program):
        return site
    stamp = f"{site}:{(site / program).stat().st_mtime_ns}"
    target = SHARED / f"programs-{hashlib.sha256(stamp.encode()).hexdigest()[:16]}"
    if not target.exists():
        _make_shared()
        half = Path(tempfile.mkdtemp(prefix=".copying-", dir=SHARED))
        for part in parts:
            if (site / part).exists():
                shutil.copytree(site / part, half / part, symlinks=True)
        _open_up(half)
        try:
            half.rename(target)
        except OSError:  # somebody else was quicker; theirs is as good
            shutil.rmtree(half, ignore_errors=True)
    return target


def _make_shared() -> None:
    SHARED.mkdir(parents=True, exist_ok=True)
    SHARED.chmod(0o755)


def _open_up(folder: Path) -> None:
    """Lets everybody read and run what is in `folder`, whatever root's umask took away."""
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            mode = path.stat().st_mode
            path.chmod(mode | 0o044 | (0o011 if mode & stat.S_IXUSR else 0))


def _may_pass(folder: os.stat_result, owner: pwd.struct_passwd) -> bool:
    if folder.st_uid == owner.pw_uid:
        return bool(folder.st_mode & stat.S_IXUSR)
    if folder.st_gid == owner.pw_gid:
        return bool(folder.st_mode & stat.S_IXGRP)
    return bool(folder.st_mode & stat.S_IXOTH)
