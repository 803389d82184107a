"""Whatever happens to a cluster: the evidence is that of a run without workers, and nothing is measured twice."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from socketserver import BaseRequestHandler, ThreadingTCPServer
from threading import Event, Thread
from threading import enumerate as enumerate_threads
from typing import Any

import dask
import pytest
from asking import PROJECT, Answer, evidence, read
from distributed import Client

from why_bird.errors import BadInput
from why_bird.progress import SILENT
from why_bird.workers import cluster as cluster_module
from why_bird.workers.plugin import identity, perform
from why_bird.workers.work import Task, Work, open_workers, parse_workers

from .caches import entries, unfinished
from .clusters import PATIENCE, Cluster, cluster
from .conftest import Endurance
from .copies import Started
from .held import begun


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A cluster with a worker that is as it should be."""
    with cluster(tmp_path_factory.mktemp("cluster")) as made:
        made.worker()
        # A run gives up where none comes for half a minute, and on a busy machine one takes as long to start.
        made.wait_for_workers(1)
        yield made


def start(endurance: Endurance, where: Cluster, root: Path, name: str = "latest") -> Started:
    words = [*endurance.words(root / "cache"), f"--workers={where.address}"]
    return endurance.copies.start(*words, folder=root / name)


def found_by(endurance: Endurance, answer: Answer) -> dict[str, Any]:
    """Hold that a run found what the one without workers found, and return all that it says."""
    assert answer.code == 1, answer.output
    found = read(endurance.report(answer.folder))
    assert evidence(found) == evidence(read(endurance.undisturbed))
    return found


def expect_equal(endurance: Endurance, answer: Answer) -> None:
    """Hold that a run found what the one without workers found, and from the same passes."""
    found, expected = found_by(endurance, answer), read(endurance.undisturbed)
    for name in ("inputs", "images_passed", "networks"):
        assert found["provenance"][name] == expected["provenance"][name]


def measured(made: Iterable[str]) -> Counter[str]:
    """Return the measurements of a cache, each once; what was seen of a network when it was opened is none."""
    others = ("images/", "measurements/network-", "measurements/spot-check-")
    return Counter(name for name in made if not name.startswith(others))


def stop(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()


def test_a_worker_dies_in_a_measurement_and_another_takes_it(
    endurance: Endurance, shared: Cluster, tmp_path: Path
) -> None:
    dying = shared.worker(held=1)
    shared.wait_for_workers(2)
    run = start(endurance, shared, tmp_path)
    held = shared.wait_until_held()
    stop(dying)
    expect_equal(endurance, run.answer())
    made = entries(tmp_path / "cache")
    # What the dead one held is all that was begun twice, and the one who asked measured nothing itself.
    assert begun(shared.ledger, tmp_path / "cache") == measured(made) + Counter({f"measurements/{held}": 1})
    assert len(measured(made)) > 5
    assert unfinished(tmp_path / "cache") == []


def test_a_worker_that_joins_midway_goes_on_where_the_first_one_was(endurance: Endurance, tmp_path: Path) -> None:
    with cluster(tmp_path) as own:
        first = own.worker(held=4)
        own.wait_for_workers(1)
        run = start(endurance, own, tmp_path)
        held = own.wait_until_held()
        before = measured(entries(tmp_path / "cache"))
        own.worker()
        own.wait_for_workers(2)
        stop(first)
        expect_equal(endurance, run.answer())
        made = measured(entries(tmp_path / "cache"))
        assert begun(own.ledger, tmp_path / "cache") == made + Counter({f"measurements/{held}": 1})
        assert 0 < len(before) < len(made)


def test_a_scheduler_dies_and_the_run_says_so_and_goes_on_later(endurance: Endurance, tmp_path: Path) -> None:
    with cluster(tmp_path) as own:
        own.worker(held=4)
        own.wait_for_workers(1)
        run = start(endurance, own, tmp_path)
        own.wait_until_held()
        stop(own.scheduler)
        answer = run.answer()
        assert answer.code == 4, answer.output
        assert re.search(r"is gone after \d of \d+ measurements", answer.complaint)
        assert answer.wrote_nothing
    made = entries(tmp_path / "cache")
    later = endurance.start(tmp_path / "cache", tmp_path / "later").answer()
    assert later.code == 1
    assert evidence(read(endurance.report(tmp_path / "later"))) == evidence(read(endurance.undisturbed))
    assert made.items() <= entries(tmp_path / "cache").items()


@pytest.mark.nightly
def test_two_runs_at_once_share_what_is_measured(endurance: Endurance, shared: Cluster, tmp_path: Path) -> None:
    other = shared.worker()
    runs = [start(endurance, shared, tmp_path, name) for name in ("one", "two")]
    for run in runs:
        found_by(endurance, run.answer())
    assert begun(shared.ledger, tmp_path / "cache") == measured(entries(tmp_path / "cache"))
    stop(other)


@pytest.mark.nightly
def test_a_worker_without_memory_takes_nothing_from_the_evidence(
    endurance: Endurance, shared: Cluster, tmp_path: Path
) -> None:
    # Too little for PyTorch, so that its nanny kills it again and again.
    poor = shared.worker("--memory-limit", "150MB", nanny=True)
    expect_equal(endurance, start(endurance, shared, tmp_path).answer())
    stop(poor)


def test_a_worker_of_another_version_is_refused(endurance: Endurance, shared: Cluster, tmp_path: Path) -> None:
    shutil.copytree(PROJECT / "lib", tmp_path / "lib", ignore=shutil.ignore_patterns("__pycache__"))
    with (tmp_path / "lib" / "why_bird" / "progress.py").open("a") as file:
        file.write("# another version\n")
    other = shared.worker(lib=tmp_path / "lib")
    shared.wait_for_workers(2)
    answer = start(endurance, shared, tmp_path).answer()
    stop(other)
    assert answer.code == 4
    assert "has why-bird of code" in answer.complaint
    assert answer.complaint.endswith("start it from the same installation")
    assert not measured(entries(tmp_path / "cache"))


def test_a_gpu_is_asked_of_workers_that_have_one(shared: Cluster) -> None:
    with (
        pytest.raises(BadInput, match="no worker with a GPU"),
        open_workers(shared.address, Work(str, str.join, "", gpu=True)),
    ):
        pass


@pytest.fixture
def certified(tmp_path: Path) -> dict[str, str]:
    """Make a certificate, and return what names it to Dask in the environment of every process."""
    openssl = shutil.which("openssl") or pytest.skip("a certificate is made by openssl, which is not here")
    certificate, key = str(tmp_path / "certificate.pem"), str(tmp_path / "key.pem")
    made = ["-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=here", "-keyout", key, "-out"]
    subprocess.run([openssl, "req", *made, certificate], check=True, capture_output=True)  # noqa: S603
    both = {"CERT": certificate, "KEY": key}
    each = {f"{who}__{what}": file for who in ("CLIENT", "SCHEDULER", "WORKER") for what, file in both.items()}
    return {f"DASK_DISTRIBUTED__COMM__TLS__{name}": file for name, file in {"CA_FILE": certificate, **each}.items()}


def test_a_scheduler_is_asked_by_tls(
    certified: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[tuple[str, str]] = []
    work = Work(str, str.join, "-")
    with cluster(tmp_path, "tls", **certified) as own, monkeypatch.context() as here:
        own.worker()
        where = parse_workers(own.address)
        for name, file in certified.items():
            here.setenv(name, file)
        dask.config.refresh()
        own.wait_for_workers(1)
        with open_workers(where, work) as workers:
            workers.do([Task("one", "abc")], lambda *each: said.append(each) or [], label="", total=1, progress=SILENT)
    dask.config.refresh()
    assert said == [("one", "a-b-c")]
    assert own.address.startswith("tls://")


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({}, "by TLS without a certificate: name the files"),
        ({"ca-file": "no such file", "client.cert": "none"}, r"cannot be used \(.*No such file.*\): name the files"),
    ],
)
def test_half_a_client_is_never_made(files: dict[str, str], said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Dask closes one when garbage is collected, and may then wait for ever for a lock of the next one."""
    monkeypatch.setattr(cluster_module.distributed, "Client", None)
    with (
        dask.config.set({f"distributed.comm.tls.{name}": file for name, file in files.items()}),
        pytest.raises(BadInput, match=said),
        open_workers("tls://127.0.0.1:9", Work(str, str.join, "")),
    ):
        pass


@contextmanager
def another_program(says: bytes | None) -> Iterator[str]:
    """Yield the address of what says something to whoever comes, or lets them wait."""

    class Talk(BaseRequestHandler):
        def handle(self) -> None:
            if says is not None:
                self.request.sendall(says)
            self.request.recv(1000)
            if says is None:
                end.wait()

    end = Event()
    with ThreadingTCPServer(("127.0.0.1", 0), Talk) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield "tcp://{}:{}".format(*server.server_address)
        end.set()
        server.shutdown()


@pytest.mark.parametrize(
    ("says", "why"),
    [
        (b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n" * 4, "what it says is not"),
        (bytes(1000), ""),
        (b"", ""),
        (None, "(timed out after|nothing came in) 1 s"),
    ],
)
def test_what_is_no_scheduler_is_refused(says: bytes | None, why: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # No end but for what never ends, however busy the machine is.
    monkeypatch.setattr(cluster_module, "SECONDS", 1 if says is None else PATIENCE)
    monkeypatch.setattr(cluster_module.distributed, "Client", None)
    before = set(enumerate_threads())
    with (
        another_program(says) as address,
        pytest.raises(BadInput, match=rf"does not answer as a Dask scheduler \({why}.*\): start one"),
        open_workers(address, Work(str, str.join, "")),
    ):
        pass
    assert [each.name for each in set(enumerate_threads()) - before if "IO loop" in each.name] == []


def test_a_worker_is_no_scheduler(shared: Cluster) -> None:
    with Client(shared.address, set_as_default=False) as client:
        [worker] = client.scheduler_info()["workers"]
    work = Work(str, str.join, "")
    with pytest.raises(BadInput, match="what it says is not a scheduler's"), open_workers(worker, work):
        pass


def test_two_clients_at_once_have_a_task_done_once(shared: Cluster, tmp_path: Path) -> None:
    # What the task makes can be made once alone.
    task, answers = Task(f"once-{tmp_path}", str(tmp_path / "made")), []
    with (
        open_workers(shared.address, Work(str, os.symlink, "here")) as one,
        open_workers(shared.address, Work(str, os.symlink, "here")) as other,
    ):

        def meanwhile(_key: str, answer: str) -> tuple[Task, ...]:
            answers.append(answer)
            other.do([task], lambda _key, again: answers.append(again) or (), label="", total=1, progress=SILENT)
            return ()

        one.do([task], meanwhile, label="", total=1, progress=SILENT)
    assert answers == [None, None]


def test_a_worker_that_comes_later_is_asked_for_the_store_too(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="is not the folder of that name here"):
        perform(identity(), (str(tmp_path / "mark"),), str.join, str(tmp_path), "")


def test_a_copy_of_the_store_is_not_the_store(shared: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store, copy = tmp_path / "store", tmp_path / "copy"
    work = Work(str, str.join, "", shared=(str(store),))
    with open_workers(shared.address, work):
        shutil.copytree(store, copy)
    assert not list(store.iterdir())
    connect = cluster_module._connect

    def elsewhere(address: str, name: str) -> Client:
        """Put the copy where the workers look, as if it lay under that path on their machine."""
        store.rename(tmp_path / "ours")
        copy.rename(store)
        return connect(address, name)

    monkeypatch.setattr(cluster_module, "_connect", elsewhere)
    with pytest.raises(BadInput, match="is not the folder of that name here"), open_workers(shared.address, work):
        pass
