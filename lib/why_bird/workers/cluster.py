"""Workers by Dask: tasks go out, answers come back in the order in which they are ready."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError
from contextlib import ExitStack, contextmanager, suppress
from secrets import token_hex
from typing import Any

import distributed
from distributed.comm.core import CommClosedError, connect
from distributed.scheduler import KilledWorker
from distributed.utils import LoopRunner, silence_logging_cmgr

from why_bird.errors import BadInput
from why_bird.progress import Progress
from why_bird.workers.plugin import Ready, identity, perform
from why_bird.workers.shared import marked
from why_bird.workers.threads import threads_of_a_worker
from why_bird.workers.work import Task, Where, Work

SECONDS = 30
"""So long it is waited for a scheduler, and for its first worker."""

_RETRIES, _ATTEMPTS = 2, 3


class Workers:
    """What does the work; where it is, is said in words."""

    def __init__(self, client: distributed.Client, work: Work, marks: tuple[str, ...], where: str) -> None:
        self._client, self._work, self._marks, self._where = client, work, marks, where
        self._resources = {"GPU": 1} if work.gpu else None

    def do(
        self,
        tasks: Iterable[Task],
        done: Callable[[str, str], Iterable[Task]],
        *,
        label: str,
        total: int,
        progress: Progress,
    ) -> None:
        """Have tasks done, and those that follow from them.

        Parameters
        ----------
        done : callable
            Given the key and the answer of a task that was done, returns what can be done now.
        label : str
            What is done, for people.
        total : int
            At most so many tasks.

        Raises
        ------
        BadInput
            If the scheduler is gone, or, when all others are done, some tasks failed.
        """
        flying = distributed.as_completed(loop=self._client.loop)
        failed: dict[str, Exception] = {}
        finished = 0

        def send(more: Iterable[Task]) -> None:
            for task in more:
                flying.add(
                    self._client.submit(
                        perform,
                        identity(),
                        self._marks,
                        self._work.perform,
                        self._work.setup,
                        task.asked,
                        key=task.key,
                        resources=self._resources,
                        retries=_RETRIES,
                    )
                )

        with progress(label, total) as advance:
            send(tasks)
            for batch in flying.batches():
                failed |= {future.key: future.exception() for future in batch if future.status == "error"}
                ready = [future for future in batch if future.status != "error"]
                try:
                    # All at once: each answer has to be fetched.
                    answers = self._client.gather(ready)
                except (CommClosedError, CancelledError):
                    raise BadInput(
                        f"{self._where} is gone after {finished} of {total} {label}: what was made is kept, so start "
                        "it, and give the same command again"
                    ) from None
                finished += len(ready)
                for future, answer in zip(ready, answers, strict=True):
                    send(done(future.key, answer))
                advance(len(batch))
        if failed:
            key, first = next(iter(failed.items()))
            raise BadInput(
                f"{len(failed)} of {total} {label} failed; of {key}: {_reason(first)}; what was made is kept: the same "
                "command goes on with the rest"
            )


def _reason(error: Exception) -> str:
    if isinstance(error, KilledWorker):
        return "its worker died each time, as one with too little memory does"
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return lines[-1] if isinstance(error, BadInput) else f"{type(error).__name__}: {lines[-1]}"


@contextmanager
def workers(where: Where, work: Work) -> Iterator[Workers]:
    """Open workers: processes on this machine, which end with the block, or those of a scheduler.

    Parameters
    ----------
    where : int or str
        A number of processes, or an address.

    Raises
    ------
    BadInput
        If there is no such scheduler, it has no workers, or one of them is not fit.
    """
    name = f"the scheduler at {where}" if isinstance(where, str) else f"the scheduler of {where} processes here"
    with ExitStack() as stack:
        # What Dask logs of a lost connection are tracebacks; what matters of it is said in a sentence.
        stack.enter_context(silence_logging_cmgr(logging.CRITICAL))
        marks, threads = stack.enter_context(marked(work.shared)), 1
        if isinstance(where, int):
            threads = threads_of_a_worker(where)
            where = stack.enter_context(_processes(where, gpu=work.gpu))
        client = _connect(where, name)
        stack.callback(_leave, client)
        _await_workers(client, name, gpu=work.gpu)
        plugin = f"why-bird-{token_hex(8)}"
        _make_ready(client, Ready(work, identity(), marks, threads), plugin)
        try:
            yield Workers(client, work, marks, name)
        finally:
            if client.status == "running":
                with suppress(OSError):  # of a worker that dies just now
                    client.unregister_worker_plugin(plugin)


@contextmanager
def _processes(count: int, *, gpu: bool) -> Iterator[str]:
    with distributed.LocalCluster(
        n_workers=count,
        threads_per_worker=1,
        dashboard_address="127.0.0.1:0",
        silence_logs=logging.CRITICAL,
        resources={"GPU": 1} if gpu else None,
    ) as cluster:
        yield cluster.scheduler_address


def _connect(address: str, name: str) -> distributed.Client:
    """Return a client, or raise BadInput before there is half a one.

    Of a client that could not be started Dask closes the rest when garbage is collected, and waits then for a lock
    that whoever starts the next client may hold.
    """
    files = "name the files to Dask, as in DASK_DISTRIBUTED__COMM__TLS__CA_FILE, ...__CLIENT__CERT and ...__CLIENT__KEY"
    try:
        security = distributed.Security().get_connection_args("client")
    except OSError as error:
        raise BadInput(f"the certificate for {name} cannot be used ({_words(error)}): {files}") from None
    if address.startswith("tls:") and security["ssl_context"] is None:
        raise BadInput(f"{name} is asked by TLS without a certificate: {files}")
    _require_scheduler(address, name, security)
    try:
        return distributed.Client(address, timeout=SECONDS, set_as_default=False)
    except OSError as error:
        raise BadInput(f"{name} does not answer ({_words(error)}): start it with `dask scheduler`") from None


def _require_scheduler(address: str, name: str, security: dict[str, Any]) -> None:
    """Refuse what is no scheduler, by asking it who it is, in a loop that ends here."""

    async def is_scheduler() -> bool:
        comm = await connect(address, timeout=SECONDS, deserialize=False, **security)
        try:
            await comm.write({"op": "identity", "reply": True, "close": True})
            # A worker has an identity, too.
            return "workers" in await comm.read()
        finally:
            comm.abort()

    why = "what it says is not a scheduler's"
    try:
        if LoopRunner().run_sync(is_scheduler, callback_timeout=SECONDS):
            return
    except Exception as error:  # what another program says is taken for lengths and names, whatever comes of it
        if isinstance(error, OSError):
            why = _words(error) or f"nothing came in {SECONDS} seconds"
    raise BadInput(f"{name} does not answer as a Dask scheduler ({why}): start one with `dask scheduler`")


def _words(error: Exception) -> str:
    return " ".join(str(error).split())


def _leave(client: distributed.Client) -> None:
    with suppress(OSError, RuntimeError):  # where the scheduler is gone there is nobody to take leave of
        client.close()


def _await_workers(client: distributed.Client, name: str, *, gpu: bool) -> None:
    try:
        client.wait_for_workers(1, timeout=SECONDS)
    except TimeoutError:
        raise BadInput(
            f"{name} has no worker, {SECONDS} seconds long: start some with `dask worker ADDRESS --nthreads 1`"
        ) from None
    known = client.scheduler_info(n_workers=-1)["workers"].values()
    if gpu and not any(each["resources"].get("GPU") for each in known):
        raise BadInput(
            f"{name} has no worker with a GPU: start one with `dask worker ADDRESS --nthreads 1 --resources GPU=1`"
        )


def _make_ready(client: distributed.Client, plugin: Ready, name: str) -> None:
    """Make all workers ready, and those that come later."""
    for _ in range(_ATTEMPTS):
        try:
            client.register_plugin(plugin, name=name)
        except ImportError as error:
            raise BadInput(f"a worker has no why-bird ({error}): start it from the same installation as this") from None
        except OSError:
            # One died meanwhile. Who comes in its place is made ready when it comes, and each task asks again.
            time.sleep(1)
        else:
            return
