"""What a pickle asks of its reader, looked at before it is read."""

from __future__ import annotations

import io
import pickle
import pickletools
import warnings

_MODULUS = 2**61 - 1
"""Whole numbers from here on share their hash with smaller ones: as keys they can be made to collide all at once."""

_MOST_LARGE = 100
"""So many of them the state of a random generator may hold."""

_PLAIN = (
    *(pickletools.pyint, pickletools.pyinteger_or_bool, pickletools.pybool, pickletools.pyfloat, pickletools.pynone),
    *(pickletools.pyunicode, pickletools.pybytes_or_str, pickletools.pybytes),
)
_MOST_KEYS = 100
"""So many keys may be of any other kind."""


def check_pickles(written: bytes, count: int = 1) -> None:
    """Refuse pickles whose reading would take memory or time out of all proportion to their length.

    Parameters
    ----------
    written : bytes
        Of one pickle, or of several in a row. What follows them is not looked at.
    count : int, default 1
        How many there have to be.

    Raises
    ------
    pickle.UnpicklingError
        If one remembers more than it holds, for which gigabytes would be set aside; or holds many whole numbers of 61
        bits and more, or many keys that are neither numbers nor text: such keys can be made that all share one place.
    ValueError
        If there are fewer.
    """
    stream = io.BytesIO(written)
    large = odd = 0
    with warnings.catch_warnings():
        # Python warns of an escape that it does not know in a text of theirs.
        warnings.simplefilter("ignore")
        for _ in range(count):
            stack = _Stack()
            for operation, value, _ in pickletools.genops(stream):
                odd += stack.follow(operation, value)
                if odd > _MOST_KEYS:
                    raise pickle.UnpicklingError("it holds many keys that are neither numbers nor text")
                if not isinstance(value, int):
                    continue
                if operation.name in {"PUT", "LONG_BINPUT"} and value > len(written):
                    raise pickle.UnpicklingError("it remembers more than it holds")
                large += abs(value) >= _MODULUS
                if large > _MOST_LARGE:
                    raise pickle.UnpicklingError("it holds many whole numbers of 61 bits and more")


class _Stack:
    """What lies on the stack while a pickle is read, by what put it there: nothing of it is made."""

    def __init__(self) -> None:
        self._lying: list[pickletools.OpcodeInfo | str] = []
        self._marks: list[int] = []
        self._memo: dict[int, pickletools.OpcodeInfo | str] = {}

    def follow(self, operation: pickletools.OpcodeInfo, value: object) -> int:
        """Do what an operation does to the stack; return how many keys it takes that are neither numbers nor text.

        Raises ValueError if it takes what is not there.
        """
        try:
            return self._follow(operation, value)
        except IndexError:
            raise ValueError("it takes what it did not put down") from None

    def _follow(self, operation: pickletools.OpcodeInfo, value: object) -> int:
        lying, name = self._lying, operation.name
        if "PUT" in name or name == "MEMOIZE":
            self._memo[value if isinstance(value, int) else len(self._memo)] = lying[-1]
            return 0
        if "GET" in name or name == "DUP":
            lying.append(self._memo.get(value, operation) if isinstance(value, int) else lying[-1])
            return 0
        if name == "MARK":
            self._marks.append(len(lying))
            return 0
        before = operation.stack_before
        items: list[pickletools.OpcodeInfo | str] = []
        if pickletools.markobject in before:
            mark = self._marks.pop()
            items = lying[mark:]
            del lying[mark:]
            before = before[: before.index(pickletools.markobject)]
        taken = [lying.pop() for _ in before][::-1]
        lying += [str(value) if name == "GLOBAL" else operation] * len(operation.stack_after)
        if name == "REDUCE" and str(taken[0]).startswith("collections ") and not _is_empty(taken[1]):
            return _MOST_KEYS + 1  # keys would come out of what it is given
        keys = {"SETITEM": taken[1:2], "SETITEMS": items[::2], "DICT": items[::2], "ADDITEMS": items}.get(name, [])
        return sum(isinstance(key, str) or key.stack_after[0] not in _PLAIN for key in keys)


def _is_empty(lying: pickletools.OpcodeInfo | str) -> bool:
    return not isinstance(lying, str) and lying.name == "EMPTY_TUPLE"
