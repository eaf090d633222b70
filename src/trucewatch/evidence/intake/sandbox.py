"""What a worker does to itself after its imports and before it reads a byte from outside.

Two locks, either of which is enough for files, and a third for where they are missing:

- *seccomp*: a list of the system calls that a parser needs. All others, among them every way to
  open a file or a socket, to start a program or a process, and to look into another one, fail with
  "operation not permitted". It holds for all threads and needs no privilege.
- *Landlock*: no file may be opened, changed or listed, no TCP port used (from ABI 4), no signal
  sent outside (from ABI 6).
- *namespace*: a network of its own without interfaces, tried where seccomp cannot be had.

Nothing here can be undone by the process that did it.

Source: Linux Documentation/userspace-api/landlock.rst and seccomp_filter.rst, linux/landlock.h and
linux/filter.h; numbers of system calls from arch/x86/entry/syscalls/syscall_64.tbl and
uapi/asm-generic/unistd.h (aarch64).
"""

from __future__ import annotations

import ctypes
import os
import resource
import struct
import sys
from pathlib import Path

MEMORY = "memory"
PROCESSOR = "processor time"
NO_FILES = "no files"
NO_NETWORK = "no network"
NO_PROCESSES = "no processes"
NO_PRIVILEGES = "no new privileges"
REQUIRED = frozenset({NO_FILES, NO_NETWORK})
"""Limits without which a worker refuses to parse."""

MEMORY_MAX = 512 << 20  # bytes of address space beyond what the imports took
LIFE_S = 60  # seconds of processor time after which a worker should be replaced

_PR_SET_DUMPABLE, _PR_SET_NO_NEW_PRIVS = 4, 38  # prctl
_LANDLOCK_CREATE, _LANDLOCK_RESTRICT = 444, 446  # system calls, the same on all machines
_LANDLOCK_VERSION = 1  # flag: answer the ABI
_LANDLOCK_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}  # ABI: how many rights on files it knows
_LANDLOCK_NET, _LANDLOCK_SCOPE = 4, 6  # first ABI with TCP ports; with signals and sockets
_CAPABILITY_VERSION = 0x20080522
_CLONE_NEWUSER, _CLONE_NEWNET, _CLONE_THREAD = 0x10000000, 0x40000000, 0x10000

# Reading and writing what is open already, memory, clocks, locks, signals to oneself, ending.
_X86_64 = {
    "read": 0, "write": 1, "close": 3, "fstat": 5, "poll": 7, "lseek": 8, "mmap": 9,
    "mprotect": 10, "munmap": 11, "brk": 12, "rt_sigaction": 13, "rt_sigprocmask": 14,
    "rt_sigreturn": 15, "pread64": 17, "readv": 19, "writev": 20, "sched_yield": 24,
    "mremap": 25, "madvise": 28, "nanosleep": 35, "getpid": 39, "exit": 60, "gettimeofday": 96,
    "getrlimit": 97, "getrusage": 98, "sysinfo": 99, "times": 100, "sigaltstack": 131,
    "gettid": 186, "futex": 202, "sched_getaffinity": 204, "clock_gettime": 228,
    "clock_getres": 229, "clock_nanosleep": 230, "exit_group": 231, "set_robust_list": 273,
    "getrandom": 318, "membarrier": 324, "rseq": 334,
}  # fmt: skip
_AARCH64 = {
    "read": 63, "write": 64, "close": 57, "fstat": 80, "ppoll": 73, "lseek": 62, "mmap": 222,
    "mprotect": 226, "munmap": 215, "brk": 214, "rt_sigaction": 134, "rt_sigprocmask": 135,
    "rt_sigreturn": 139, "pread64": 67, "readv": 65, "writev": 66, "sched_yield": 124,
    "mremap": 216, "madvise": 233, "nanosleep": 101, "getpid": 172, "exit": 93,
    "gettimeofday": 169, "getrlimit": 163, "getrusage": 165, "sysinfo": 179, "times": 153,
    "sigaltstack": 132, "gettid": 178, "futex": 98, "sched_getaffinity": 123,
    "clock_gettime": 113, "clock_getres": 114, "clock_nanosleep": 115, "exit_group": 94,
    "set_robust_list": 99, "getrandom": 278, "membarrier": 283, "rseq": 293,
}  # fmt: skip
# machine: its mark in seccomp_data, seccomp, clone, prlimit64, clone3, all that is allowed
_MACHINES = {
    "x86_64": (0xC000003E, 317, 56, 302, 435, _X86_64),
    "aarch64": (0xC00000B7, 277, 220, 261, 435, _AARCH64),
}
_LOAD, _EQUAL, _HAS, _RETURN = 0x20, 0x15, 0x45, 0x06  # instructions of the packet filter
_KILL, _ALLOW, _EPERM, _ENOSYS = 0x80000000, 0x7FFF0000, 0x00050001, 0x00050026
_AT_NUMBER, _AT_MACHINE, _AT_ARGUMENT = 0, 4, 16  # places in seccomp_data
_FILTER_MODE, _ALL_THREADS = 1, 1


def close(*, memory: int, limit_s: int) -> frozenset[str]:
    """Give up all that parsing does not need, for good, and return what could be given up.

    Call with one thread where possible: Landlock binds only the calling one, so that it is not
    counted on when there are more.

    Args:
        memory: Most bytes of address space beyond what is in use now.
        limit_s: Seconds of processor time for one request; see `begin_request`.

    Returns:
        Words of this module, such as `NO_FILES`, and how: "landlock 7", "seccomp", "namespace".
    """
    had = {PROCESSOR}
    alone = _threads() == 1
    if _limit_resources(memory, LIFE_S + 2 * limit_s):
        had.add(MEMORY)
    if not sys.platform.startswith("linux"):
        return frozenset(had)
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall.restype = ctypes.c_long
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0:
        had.add(NO_PRIVILEGES)
    libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)  # no other program of this user may look inside
    if (abi := _landlock(libc)) and alone:
        had |= {NO_FILES, f"landlock {abi}"}
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))  # what is open stays open; nothing more
    # A namespace must come before capabilities go, and they go before system calls do.
    if _machine() is None and libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET) == 0:
        had |= {NO_NETWORK, "namespace"}
    libc.capset(struct.pack("=Ii", _CAPABILITY_VERSION, 0), bytes(24))
    if _seccomp(libc):
        had |= {NO_FILES, NO_NETWORK, NO_PROCESSES, "seccomp"}
    return frozenset(had)


def begin_request(limit_s: int) -> None:
    """Allow another `limit_s` seconds of processor time; beyond it the process is killed."""
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    soft = int(used_s()) + 1 + limit_s
    resource.setrlimit(resource.RLIMIT_CPU, (min(soft, hard), hard))


def used_s() -> float:
    """Return the processor time of this process so far, in seconds."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _threads() -> int:
    tasks = Path("/proc/self/task")
    return len(list(tasks.iterdir())) if tasks.is_dir() else 0


def _limit_resources(memory: int, life_s: int) -> bool:
    """Set the limits; say whether the memory in use could be told, and so limited."""
    limits = {
        resource.RLIMIT_CORE: 0,  # a core file would hold what was sent
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_CPU: int(used_s()) + life_s,
    }
    taken = Path("/proc/self/statm")
    if taken.exists():
        pages = int(taken.read_text().split(maxsplit=1)[0])
        limits[resource.RLIMIT_AS] = pages * os.sysconf("SC_PAGE_SIZE") + memory
    for which, wanted in limits.items():
        _, hard = resource.getrlimit(which)
        most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(which, (most, most))
    return resource.RLIMIT_AS in limits


def _landlock(libc: ctypes.CDLL) -> int:
    """Return the ABI under which all rights on files were given up, or 0."""
    abi: int = libc.syscall(_LANDLOCK_CREATE, None, 0, _LANDLOCK_VERSION)
    if abi < 1:
        return 0
    files = (1 << _LANDLOCK_RIGHTS[min(abi, max(_LANDLOCK_RIGHTS))]) - 1
    handled = struct.pack("=Q", files)
    handled += struct.pack("=Q", 3) if abi >= _LANDLOCK_NET else b""  # bind and connect
    handled += struct.pack("=Q", 3) if abi >= _LANDLOCK_SCOPE else b""  # named sockets, signals
    ruleset = libc.syscall(_LANDLOCK_CREATE, handled, len(handled), 0)
    if ruleset < 0:
        return 0
    done = libc.syscall(_LANDLOCK_RESTRICT, ruleset, 0) == 0
    os.close(ruleset)
    return abi if done else 0


def _machine() -> str | None:
    machine = os.uname().machine
    return machine if machine in _MACHINES and sys.byteorder == "little" else None


def _seccomp(libc: ctypes.CDLL) -> bool:
    machine = _machine()
    if machine is None:
        return False
    program = ctypes.create_string_buffer(_filter(machine))
    count = (len(program) - 1) // 8
    header = struct.pack("@HP", count, ctypes.addressof(program))
    number = _MACHINES[machine][1]
    return bool(libc.syscall(number, _FILTER_MODE, _ALL_THREADS, header) == 0)


def _filter(machine: str) -> bytes:
    """Return the packet filter: allowed calls pass, all others fail, foreign machines die."""
    mark, _, clone, prlimit, clone3, allowed = _MACHINES[machine]
    steps = [
        (_LOAD, 0, 0, _AT_MACHINE),
        (_EQUAL, 1, 0, mark),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _AT_NUMBER),
    ]
    for number in allowed.values():
        steps += [(_EQUAL, 0, 1, number), (_RETURN, 0, 0, _ALLOW)]
    # The C library falls back to `clone`, whose flags a filter can see.
    steps += [(_EQUAL, 0, 1, clone3), (_RETURN, 0, 0, _ENOSYS)]
    steps += _only_if(clone, (_HAS, _CLONE_THREAD))  # a thread, never a process
    steps += _only_if(prlimit, (_EQUAL, 0))  # its own limits, never those of others
    steps.append((_RETURN, 0, 0, _EPERM))
    return b"".join(struct.pack("=HBBI", *step) for step in steps)


def _only_if(number: int, test: tuple[int, int]) -> list[tuple[int, int, int, int]]:
    code, value = test
    return [
        (_EQUAL, 0, 4, number),
        (_LOAD, 0, 0, _AT_ARGUMENT),
        (code, 0, 1, value),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _EPERM),
    ]
