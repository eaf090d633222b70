"""Work in a process of its own, beside one that goes on; it ends with the one that made it."""

from __future__ import annotations

import importlib
import multiprocessing
import os
import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection


class Aside:
    """A process that does one thing after the other.

    Args:
        make: A function of a module, called there once; what it returns does the work and may keep
            what it needs.
        gives_way: Niceness of the process, from its first import on.
    """

    def __init__(self, make: Callable[[], Callable[..., Any]], *, gives_way: int = 0) -> None:
        context = multiprocessing.get_context("spawn")
        self._ours, theirs = context.Pipe()
        named = make.__module__, make.__name__  # so that it is imported when it gives way
        self._process = context.Process(target=_serve, args=(theirs, gives_way, named), daemon=True)
        self._process.start()
        theirs.close()

    def ask(self, *what: Any) -> Future[Any]:  # noqa: ANN401 - what the work takes and returns
        """Return what the work will return; nothing else may be asked before it is there.

        Its errors come as `RuntimeError`, in words.
        """
        found: Future[Any] = Future()
        threading.Thread(target=self._ask, args=(what, found), daemon=True).start()
        return found

    @property
    def ended(self) -> bool:
        """Whether the process is no more: somebody killed it, or there was no memory."""
        return not self._process.is_alive()

    def _ask(self, what: tuple[Any, ...], found: Future[Any]) -> None:
        try:
            self._ours.send(what)
            told = self._ours.recv()
        except (EOFError, OSError) as error:
            self._process.join()
            found.set_exception(RuntimeError(f"its process ended: {type(error).__name__}"))
            return
        if isinstance(told, Exception):
            found.set_exception(told)
        else:
            found.set_result(told)


def _serve(asked: Connection, gives_way: int, make: tuple[str, str]) -> None:
    os.nice(gives_way)
    threading.Thread(target=_wait_for_parent, daemon=True).start()
    work = getattr(importlib.import_module(make[0]), make[1])()
    while True:
        try:
            what = asked.recv()
        except EOFError:
            return
        asked.send(_done_or_not(work, what))


def _done_or_not(work: Callable[..., Any], what: tuple[Any, ...]) -> Any:  # noqa: ANN401
    try:
        return work(*what)
    except Exception as error:  # noqa: BLE001 - told as text: not every error can be sent
        return RuntimeError(f"{type(error).__name__}: {error}")


def _wait_for_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
    os._exit(1)
