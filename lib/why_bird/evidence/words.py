"""What a claim says in plain words where it holds and where it fails, with its numbers filled in.

A template names what is to be filled in: ``{asked}`` is the number that the claim is held against, ``{value}`` what was
found, ``{target}`` the class of noise. After a colon stands how a number is written: ``{asked:%}`` as a percentage,
``{value:about}`` as one that a person would quote, ``{asked:tenths}`` as "nine tenths", ``{asked:part}`` as "half" or
"four tenths of", ``{asked:times}`` as "seven times in ten"; ``{value:points}`` as "2.4 percentage points",
``{value:ratio}`` as e to its power, of a logarithm; ``{value:points more|less}`` by its size and the word for its sign,
where the unit may be any words or none.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from string import Formatter
from typing import Literal

from why_bird.evidence.exhibits import Printed
from why_bird.evidence.numbers import against, count, number, probability, quoted
from why_bird.printing import printable

Evidence = Literal["looked at", "changed", "retrained"]
"""What was done to know it: distances and shares *looked at*, something in the input or the network *changed*, or
something taken away and the network *retrained*. A reader believes the last most."""

_DIGITS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


class WordsError(ValueError):
    """A template is none, or asks for a number in a form that there is not."""


@dataclass(frozen=True, slots=True)
class Words(Printed):
    """What to say of a claim, as templates or with everything filled in. None of it decides anything.

    A rejection says what was found, the value and its direction, and never that the opposite holds.
    """

    holds: str = ""
    fails: str = ""
    """Clauses without capital and full stop: what is so where the claim is confirmed, and where it is rejected."""
    found: str = ""
    """A sentence: what was found, with its number and whatever that is of. It is true of any verdict."""
    besides: str = ""
    """What it needs to be confirmed beside its interval, in a sentence."""
    seen: str = ""
    """What was seen before it was registered, in a sentence."""

    def filled(self, values: Mapping[str, object]) -> Words:
        """Return the same with everything filled in; a text of which something is not known is empty."""
        return replace(self, **{each.name: fill(getattr(self, each.name), values) or "" for each in fields(self)})


@dataclass(frozen=True, slots=True)
class Number:
    """A number that a template may ask for in several forms."""

    plain: str
    percent: str
    """As it is written without asking, and after ``:%``."""
    value: float | None = None
    """What the other forms put into words, where that can be done."""

    @classmethod
    def of(cls, value: float) -> Number:
        """Return a value that was found."""
        return cls(number(value), probability(value), value)

    def __format__(self, form: str) -> str:
        if not form:
            return self.plain
        if self.value is not None and "|" in form:
            unit, _, words = form.rpartition(" ")
            return f"{_in_units(abs(self.value), unit)} {words.split('|')[self.value < 0]}"
        if self.value is not None and form == "ratio":
            return number(math.exp(self.value))
        if self.value is not None and form == "points":
            return "\N{MINUS SIGN}" * (self.value < 0) + _in_units(abs(self.value), form)
        if form == "about":
            return self.percent if self.value is None else quoted(self.value)
        if form not in ("%", "tenths", "part", "times"):
            raise WordsError(
                f"a number has no form {form!r}: there are %, about, tenths, part, times, and of a single one points, "
                "ratio and two words for its sign, such as more|less"
            )
        tenths = 0 if form == "%" or self.value is None else round(10 * self.value, 9)
        if not (0 < tenths < 10 and float(tenths).is_integer()):
            return f"{self.percent} of" if form == "part" else self.percent
        if form == "times":
            return f"{_DIGITS[int(tenths)]} times in ten"
        if tenths == 5:
            return "half"
        said = "a tenth" if tenths == 1 else f"{_DIGITS[int(tenths)]} tenths"
        return f"{said} of" if form == "part" else said


def _in_units(value: float, unit: str) -> str:
    return f"{round(100 * value, 1):g} percentage points" if unit == "points" else f"{number(value)} {unit}".rstrip()


def asked(threshold: float | tuple[float, float]) -> Number:
    """Return what a claim is held against, as templates may ask for it."""
    if isinstance(threshold, tuple):
        ends = [_percent(end) for end in threshold]
        return Number(against(threshold, "within").removeprefix("within "), " to ".join(ends))
    return Number(against(threshold, "above").removeprefix("> "), _percent(threshold), threshold)


def _percent(share: float) -> str:
    return f"{100 * share:.4g} %"


def fill(template: str, values: Mapping[str, object]) -> str | None:
    """Return a template with its values filled in, or None where one of them is not known.

    Parameters
    ----------
    values : mapping of str to object
        Whole numbers are written as counts, other numbers with three digits, texts on one line. None is not known.

    Raises
    ------
    WordsError
        If the template is none, or asks for a form that a value does not have.
    """
    said = []
    try:
        parts = list(Formatter().parse(template))
    except ValueError as error:
        raise WordsError(f"the words {template!r} cannot be read: {error}") from None
    for text, name, form, _ in parts:
        said.append(text)
        if name is None:
            continue
        if not name.isidentifier():
            raise WordsError(f"{{{name}}} names no value")
        if values.get(name) is None:
            return None
        try:
            said.append(format(_told(values[name]), form or ""))
        except ValueError as error:
            raise WordsError(f"{{{name}:{form}}}: {error}") from None
    return "".join(said)


def _told(value: object) -> object:
    if isinstance(value, Number):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return Number(count(value), count(value))
    return Number.of(value) if isinstance(value, float) else printable(str(value))
