"""Takes away from this process whatever setting a document doesn't need. Linux; elsewhere limits alone.

Three independent locks, because each may be missing on some kernel or be forbidden in some container:
namespaces (no network devices), Landlock (no files but those named), seccomp (no sockets, no programs).
"""

import ctypes
import os
import platform
import resource
import struct
import sys
from collections.abc import Sequence

from loket.documents.press.locks import Lock

_NEW_USER, _NEW_NETWORK = 0x1000_0000, 0x4000_0000
_NO_NEW_PRIVILEGES, _SET_SECCOMP, _FILTER = 38, 22, 2
_LANDLOCK_CREATE, _LANDLOCK_ADD, _LANDLOCK_ENTER = 444, 445, 446
_RULE_BELOW_PATH = 1
# Landlock's rights by the version that brought them: all of them are taken away; these two are given back.
_RIGHTS_BY_VERSION = {1: 13, 2: 14, 3: 15, 5: 16}
_READ_FILE, _READ_FOLDER = 1 << 2, 1 << 3
_NETWORK_RIGHTS, _FIRST_WITH_NETWORK = 0b11, 4
# The numbers of system calls: socket, socketpair, connect, execve, execveat, ptrace, process_vm_readv/writev,
# io_uring_setup, bpf, and on x86-64 fork and vfork. Threads need clone, so that one stays.
_FORBIDDEN = {
    "x86_64": (0xC000_003E, (41, 53, 42, 59, 322, 101, 310, 311, 425, 321, 57, 58)),
    "aarch64": (0xC000_00B7, (198, 199, 203, 221, 281, 117, 270, 271, 425, 280)),
}
_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_ALLOW, _KILL, _NOT_PERMITTED = 0x7FFF_0000, 0x8000_0000, 0x0005_0000 | 1
# x86-64's second table of calls, by which a filter of the first could be gone around.
_X32 = 0x4000_0000


def limit(memory: int, open_files: int = 64) -> None:
    """No more than `memory` bytes of address space, no file written, no core dumped."""
    for what, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, open_files),
    ):
        resource.setrlimit(what, (most, most))


def limit_next_seconds(seconds: int) -> None:
    """The system ends this process after that many more seconds of computing."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(used.ru_utime + used.ru_stime) + seconds + 1
    resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.RLIM_INFINITY))


def leave_network() -> tuple[Lock, ...]:
    """Moves into a network without devices. Only while there is a single thread."""
    if sys.platform != "linux":
        return ()
    return (Lock.NAMESPACE,) if _libc().unshare(_NEW_USER | _NEW_NETWORK) == 0 else ()


def close_doors(readable: Sequence[str]) -> tuple[Lock, ...]:
    """For ever: nothing can be opened but what lies in `readable`, no socket made, no program started."""
    if sys.platform != "linux" or _libc().prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0) != 0:
        return ()
    held = []
    if _enter_landlock(readable):
        held.append(Lock.LANDLOCK)
    if _enter_seccomp():
        held.append(Lock.SECCOMP)
    return tuple(held)


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _enter_landlock(readable: Sequence[str]) -> bool:
    libc = _libc()
    version = libc.syscall(_LANDLOCK_CREATE, None, 0, 1)
    if version < 1:
        return False
    known = max(rights for first, rights in _RIGHTS_BY_VERSION.items() if first <= version)
    network = _NETWORK_RIGHTS if version >= _FIRST_WITH_NETWORK else 0
    wanted = struct.pack("=QQ", (1 << known) - 1, network)[: 16 if network else 8]
    rules = libc.syscall(_LANDLOCK_CREATE, wanted, len(wanted), 0)
    if rules < 0:
        return False
    try:
        for path in readable:
            place = os.open(path, os.O_PATH | os.O_CLOEXEC)
            rule = struct.pack("=Qi", _READ_FILE | _READ_FOLDER, place)
            added = libc.syscall(_LANDLOCK_ADD, rules, _RULE_BELOW_PATH, rule, 0)
            os.close(place)
            if added != 0:
                return False
        return bool(libc.syscall(_LANDLOCK_ENTER, rules, 0) == 0)
    finally:
        os.close(rules)


def _enter_seccomp() -> bool:
    known = _FORBIDDEN.get(platform.machine())
    if known is None:
        return False
    program = _filter(*known)
    packed = b"".join(struct.pack("=HBBI", *step) for step in program)
    steps = ctypes.create_string_buffer(packed, len(packed))
    header = ctypes.create_string_buffer(struct.pack("@HP", len(program), ctypes.addressof(steps)))
    return bool(_libc().prctl(_SET_SECCOMP, _FILTER, header, 0, 0) == 0)


def _filter(machine: int, calls: tuple[int, ...]) -> list[tuple[int, int, int, int]]:
    """A program in classic BPF, as the kernel wants it: code, steps to jump if so, if not, and a number."""
    head = [(_LOAD, 0, 0, 4), (_EQUAL, 1, 0, machine), (_RETURN, 0, 0, _KILL), (_LOAD, 0, 0, 0)]
    head.append((_AT_LEAST, len(calls) + 1, 0, _X32))
    checks = [(_EQUAL, len(calls) - at, 0, call) for at, call in enumerate(calls)]
    return [*head, *checks, (_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, _NOT_PERMITTED)]
