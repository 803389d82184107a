"""Measurements that other processes make: planned here, made there, and read from the store that all share."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from why_bird.cache import make_private
from why_bird.errors import BadInput, Unavailable
from why_bird.files import sha256_of
from why_bird.images.decode import find_images
from why_bird.measure.classifier import Classifier
from why_bird.measure.entry import Key
from why_bird.measure.imagery import Imagery
from why_bird.measure.inputs import ImageIdentity, Inputs
from why_bird.measure.measurement import Measurable, Measurement, declared
from why_bird.measure.spot_check import spot_checked
from why_bird.measure.store import Receipt, Store, received, sent
from why_bird.measure.stored import Stored, still_to_make
from why_bird.measure.subject import Subject
from why_bird.measure.two_class import TwoClass
from why_bird.progress import Progress
from why_bird.shipped import REFERENCE
from why_bird.workers.work import Task, Where, Work, open_workers

Asked = Mapping[Measurable, Iterable[Measurement[Any, Any]]]
"""What is asked of each subject."""

_KINDS: dict[str, type[Subject]] = {each.__name__: each for each in (Classifier, TwoClass)}
_OPEN = 2
"""Networks that a worker keeps open: tasks of one come mostly together."""


@dataclass(frozen=True, eq=False)
class _Bench:
    """What stands ready in a worker."""

    inputs: Inputs
    store: Store
    warnings: list[str]


@lru_cache(maxsize=1)
def prepare(setup: str) -> _Bench:
    """Open the store and the images, in a worker; of tasks of the same setup, once.

    Raises BadInput if the images are not there.
    """
    said = json.loads(setup)
    cache, identity = Path(said["cache"]), ImageIdentity.from_json(said["identity"])
    images = (
        find_images(cache, identity.name, identity.classes, identity.train, identity.test) if said["images"] else None
    )
    warnings: list[str] = []
    inputs = Inputs(identity, images, said["seed"], said["one_in"])
    return _Bench(inputs, Store(cache, REFERENCE, warn=warnings.append), warnings)


@lru_cache(maxsize=_OPEN)
def _subject(setup: str, kind: str, opening: str, expected: str) -> Measurable:
    """Open what is asked, found by its path and held against its content.

    Raises BadInput if the file is not there, or holds another network.
    """
    bench = prepare(setup)
    if kind == Imagery.__name__:
        return Imagery(bench.inputs, bench.store)
    given = json.loads(opening)
    from why_bird.networks.opening import open_network

    network = open_network(**given)
    subject = spot_checked(_KINDS[kind](network, bench.inputs.of_channels(network.preprocess.channels), bench.store))
    if subject.network.key != expected:
        raise BadInput(f"{given['path']} holds another network here than the one that is asked, {expected[:8]}")
    return subject


def measure(setup: str, asked: str) -> str:
    """Make one entry of the store, in a worker.

    Raises BadInput if the worker lacks the network, or the network has no such measurement.

    Returns
    -------
    str
        JSON: what it cost, and what the store warned of. What cannot be measured says so when a claim asks for it.
    """
    said = json.loads(asked)
    bench = prepare(setup)
    subject = _subject(setup, said["kind"], said["opening"], said["expected"])
    known = _of_file(*said["declared_in"]) if said["declared_in"] else declared(type(subject))
    wanted = next(each for each in known if each.name == said["measurement"])
    entry = next((each for each in _family(wanted.entries(subject)) if each.key.name == said["key"]), None)
    if entry is None:
        raise BadInput(f"{said['key']} is not what {wanted.name} of {said['expected'][:8]} is stored under here")
    before = len(bench.store.ledger)
    with suppress(BadInput, Unavailable):
        entry.entry(bench.store)
    warnings = list(bench.warnings)
    bench.warnings.clear()
    made = (receipt for receipt in bench.store.ledger[before:] if receipt.origin == "computed")
    return json.dumps({"receipts": sent(made), "warnings": warnings})


@cache
def _of_file(name: str, path: str, sha256: str) -> list[Measurement[Any, Any]]:
    """Load a module of the user's own, and return the measurements that it declares.

    Raises BadInput if the file is not there, is another one, or cannot be loaded.
    """
    from why_bird.networks.factory import first_line

    asked = f"{path}, which declares a measurement that is asked for,"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None or not Path(path).is_file():
        raise BadInput(f"{asked} is not here")
    if sha256_of(Path(path)) != sha256:
        raise BadInput(f"{asked} is another file here")
    module = importlib.util.module_from_spec(spec)
    sys.path.append(str(Path(path).parents[name.count(".")]))
    # Classes look their module up while they are made.
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # the user's code, which may end the process
        raise BadInput(f"{asked} cannot be loaded here ({first_line(error)})") from None
    return [each for each in vars(module).values() if isinstance(each, Measurement)]


def measure_on_workers(where: Where, asked: Asked, inputs: Inputs, store: Store, progress: Progress) -> None:
    """Have what is asked and not stored measured by other processes.

    What needs a measurement that is not made yet is sent when that is there, network by network. The module of a
    measurement that a repository of one's own declares is found by its path and hash.

    Raises BadInput if there are no workers, one is not fit, or some measurements failed.

    Parameters
    ----------
    where : int or str
        See :func:`why_bird.workers.work.parse_workers`.
    inputs : Inputs
        Of the run.
    store : Store
        Receives what it cost, too.
    """
    known = {subject: list(wanted) for subject, wanted in asked.items() if _can_travel(subject)}
    total = len({key for subject, wanted in known.items() for key in _missing(subject, wanted)})
    if not total:
        return
    with suppress(OSError):  # what the disk refuses is said where it is marked
        make_private(store.cache)
    setup = json.dumps(
        {
            "cache": str(store.cache.absolute()),
            "images": inputs.images is not None,
            "identity": inputs.identity.to_json(),
            "seed": inputs.seed,
            "one_in": inputs.one_in,
        }
    )
    tasks = _Tasks(known, hashlib.sha256(setup.encode()).hexdigest()[:8])

    def done(key: str, answer: str) -> Iterator[Task]:
        said = json.loads(answer)
        store.enter(received(said["receipts"]))
        for warning in said["warnings"]:
            store.warn(warning)
        return tasks.after(key)

    devices = {subject.network.device for subject in known if isinstance(subject, Subject)}
    gpu = any(device.startswith("cuda") for device in devices)
    work = Work(prepare, measure, setup, gpu, shared=(str(store.cache),))
    with open_workers(where, work) as workers:
        workers.do(tasks.first(), done, label="measurements", total=total, progress=progress)
    # What a worker said of its last measurements is lost where it died after them.
    made = ((key, store.find(key)) for key in tasks.planned)
    store.enter(Receipt(key, "computed", entry.images, entry.seconds) for key, entry in made if entry)


def _can_travel(subject: Measurable) -> bool:
    return not isinstance(subject, Subject) or bool(subject.network.opening)


def _declared_in(subject: Measurable, wanted: Measurement[Any, Any]) -> tuple[str, str, str] | None:
    """Return name, path and hash of the module that declares a measurement, unless it is ours."""
    file = None if wanted in declared(type(subject)) else sys.modules[wanted.module].__file__
    return (wanted.module, file, sha256_of(Path(file))) if file else None


class _Tasks:
    """Which tasks can be done by now; each is given once.

    Attributes
    ----------
    planned : dict of Key to None
        All that was missing when it was looked for.
    """

    def __init__(self, asked: Asked, suffix: str) -> None:
        self._asked, self._suffix = asked, suffix
        self.planned: dict[Key, None] = {}
        self._given: set[str] = set()
        self._waiting: dict[str, list[Measurable]] = {}
        self._left: Counter[Measurable] = Counter()

    def first(self) -> Iterator[Task]:
        for subject in self._asked:
            yield from self._ahead(subject)

    def after(self, key: str) -> Iterator[Task]:
        for subject in self._waiting.pop(key):
            self._left[subject] -= 1
            # Asked only now: to ask after each entry what can be done reads the store too often.
            if not self._left[subject]:
                yield from self._ahead(subject)

    def _ahead(self, subject: Measurable) -> Iterator[Task]:
        found: dict[str, tuple[Measurement[Any, Any], Stored[Any]]] = {}
        for asked in self._asked[subject]:
            for wanted, missing in _to_make(subject, asked):
                self.planned |= dict.fromkeys(missing)
                found |= {entry.key.name: (wanted, entry) for entry in missing.values() if _can_be_made(entry, missing)}
        for name, (wanted, entry) in found.items():
            key = f"{name}-{self._suffix}"
            if key in self._waiting:  # another network waits for it too: the twins of two may be one
                self._waiting[key].append(subject)
                self._left[subject] += 1
            elif key not in self._given:
                self._given.add(key)
                self._waiting[key] = [subject]
                self._left[subject] += 1
                yield Task(key, _asked(subject, wanted, entry))
        _let_go(subject)


def _asked(subject: Measurable, wanted: Measurement[Any, Any], entry: Stored[Any]) -> str:
    network = subject.network if isinstance(subject, Subject) else None
    return json.dumps(
        {
            "kind": type(subject).__name__,
            "opening": json.dumps(network.opening) if network else "",
            "expected": network.key if network else "",
            "measurement": wanted.name,
            "declared_in": _declared_in(subject, wanted),
            "key": entry.key.name,
        }
    )


def _missing(subject: Measurable, asked: Iterable[Measurement[Any, Any]]) -> list[Key]:
    wanted = (entry for each in asked for entry in each.wanted(subject))
    missing = [each.key for each in still_to_make(wanted, subject.store) if each.compute]
    _let_go(subject)
    return missing


def _let_go(subject: Measurable) -> None:
    """Forget what planning built or read of a network: of hundreds it does not fit into memory."""
    if isinstance(subject, Subject):
        subject.release()


def _to_make(
    subject: Measurable, wanted: Measurement[Any, Any]
) -> Iterator[tuple[Measurement[Any, Any], dict[Key, Stored[Any]]]]:
    """Yield what no layer of the store has of a measurement; of what it needs, where that is to be made first."""
    unknown = [need for need in wanted.needs if not subject.knows(need)]
    if unknown:  # they may decide what passes, so that its own entries are not known yet
        for need in unknown:
            yield from _to_make(subject, need)
        return
    with suppress(Unavailable):
        yield wanted, {each.key: each for entry in wanted.entries(subject) for each in entry.missing(subject.store)}


def _can_be_made(entry: Stored[Any], missing: Mapping[Key, Stored[Any]]) -> bool:
    return bool(entry.compute and entry.beside not in missing and not any(need.key in missing for need in entry.needs))


def _family(entries: Iterable[Stored[Any]]) -> Iterator[Stored[Any]]:
    for each in entries:
        yield from _family(each.needs)
        yield each
