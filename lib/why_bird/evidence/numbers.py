"""How numbers are written, in one place, so that terminal and page never differ."""

from __future__ import annotations

import math

_LARGE = 1e7
_SMALL = 1e-4
_MOST = 6
"""Decimals of a value that lies close to a limit."""
_SHORT_OF_ONE = 1 - 10.0**-_MOST


def number(value: float | None, *limits: float | None) -> str:
    """Return a value with three significant digits; a dash where there is none.

    It has more where it would read as 1 and is less, or where it would lie on another side of one of the limits. A
    whole number from 2 on is a count, or as good as one, and has no decimals.

    Examples
    --------
    >>> number(0.12345), number(12345.6), number(0.9996), number(0.5004, 0.5)  # the last one is above a limit of .5
    ('0.123', '12,346', '0.9996', '0.5004')
    """
    if value is None or math.isnan(value):
        return "–"
    size = abs(value)
    if math.isinf(value):
        return signed(value, "").replace("inf", "∞")
    if size == 0:
        return "0"
    if not _SMALL <= size < _LARGE:
        return signed(value, ".2e")
    if size >= 2 and size.is_integer():
        return signed(value, ",.0f")
    least = max(0, 2 - math.floor(math.log10(size)))
    for decimals in range(least, max(least, _MOST) + 1):
        near = math.copysign(round(size, decimals), value)
        if (abs(near) < 1) == (size < 1) and all(
            _side(near, each) == _side(value, each) for each in limits if each is not None
        ):
            return signed(value, f",.{decimals}f")
    return signed(math.copysign(_SHORT_OF_ONE, value) if size < 1 <= abs(near) else value, f",.{_MOST}f")


def _side(value: float, limit: float) -> int:
    return (value > limit) - (value < limit)


def signed(value: float, form: str) -> str:
    """Return a value in a form of :func:`format`, with a minus that is as wide as a plus; that of an exponent stays."""
    return format(value, form).replace("-", "\N{MINUS SIGN}", 1) if value < 0 else format(value, form)


def with_interval(value: float | None, low: float, high: float, *limits: float) -> str:
    """Return a value and its interval; of a value without one, which is a count where it is whole, itself alone."""
    if value is None:
        return number(value)
    if low == -math.inf and high == math.inf:
        return count(int(value)) if float(value).is_integer() and abs(value) < _LARGE else number(value, *limits)
    return "{} [{}, {}]".format(*(number(each, *limits) for each in (value, low, high)))


def against(threshold: float | tuple[float, float], side: str) -> str:
    """Return what a claim is held against: ``> 0.10``, ``< 0.50``, ``within 0.91 to 0.95``."""
    if isinstance(threshold, tuple):
        return f"within {_limit(threshold[0])} to {_limit(threshold[1])}"
    return f"{'>' if side == 'above' else '<'} {_limit(threshold)}"


def _limit(value: float) -> str:
    text = signed(value, ".3g")
    # ".1" is a threshold of two decimals in the protocol.
    return text + "0" if len(text.partition(".")[2]) == 1 and "e" not in text else text


def p_value(p: float | None) -> str:
    """Return a p-value with two significant digits, or a dash where nothing was tested."""
    if p is None:
        return "–"
    return "< 1e-99" if p < 1e-99 else f"{p:.2g}"


def probability(share: float | None) -> str:
    """Return a share as a percentage with one decimal, or a dash.

    Examples
    --------
    >>> probability(0.0625), probability(None)
    ('6.2 %', '–')
    """
    return "–" if share is None else f"{signed(100 * share, '.1f')} %"


def quoted(share: float) -> str:
    """Return a share as a person would quote it: ``71 %``, ``2.4 %``, ``99.8 %``.

    Whole per cents, more below ten of them, and near a hundred as many as show what is missing.

    Examples
    --------
    >>> quoted(0.71), quoted(0.0243), quoted(0.9983)
    ('71 %', '2.4 %', '99.8 %')
    """
    percent = 100 * share
    size = abs(percent)
    if 99 < size < 100:
        decimals = next((d for d in range(1, 6) if float(f"{size:.{d}f}") < 100), 6)
        return f"{signed(percent, f'.{decimals}f')} %"
    return f"{signed(percent, '.2g' if 0 < size < 9.95 else '.0f')} %"


def ordinal(place: int) -> str:
    """Return a place as it is said: ``1st``, ``2nd``, ``11th``.

    Examples
    --------
    >>> ordinal(1), ordinal(12), ordinal(23)
    ('1st', '12th', '23rd')
    """
    ending = {1: "st", 2: "nd", 3: "rd"}.get(place % 10, "th") if place % 100 not in (11, 12, 13) else "th"
    return f"{place}{ending}"


def count(n: int) -> str:
    """Return a count with thousands separators.

    Examples
    --------
    >>> count(50000)
    '50,000'
    """
    return f"{n:,}"


def counted(n: int, unit: str) -> str:
    """Return a count of units, ``5,000 noise images`` or ``1 network``; a dash where nothing was counted.

    The unit is given in the plural, as estimates name it.
    """
    if not n:
        return "–"
    head, of, tail = unit.partition(" of ")
    return f"{count(n)} {_one(head) if n == 1 else head}{of}{tail}".strip()


def together(text: str) -> str:
    r"""Return a text that is not broken into lines before a per cent sign, nor between a limit and its number.

    Examples
    --------
    >>> together("frog 99.7 %, asked > 0.50")
    'frog 99.7\xa0%, asked >\xa00.50'
    """
    space = "\N{NO-BREAK SPACE}"
    return text.replace(" %", f"{space}%").replace("> ", f">{space}").replace("< ", f"<{space}")


def _one(things: str) -> str:
    return things.removesuffix("es") if things.endswith("sses") else things.removesuffix("s")
