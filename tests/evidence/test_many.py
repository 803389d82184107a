"""Many networks together: how often a claim holds, what goes together, and how noise moves from epoch to epoch."""

from dataclasses import replace

import html5lib
import pytest

from why_bird.evidence.claim import Claim
from why_bird.evidence.exhibits import Reading
from why_bird.evidence.many.judged import MOST_TOGETHER, Judged, Many, without_networks
from why_bird.evidence.many.page import html
from why_bird.evidence.many.together import strongest, together
from why_bird.evidence.many.trajectory import trajectories
from why_bird.evidence.many.words import lines, tallies
from why_bird.evidence.noise_counts import NoiseCounts
from why_bird.evidence.register import Register

from .samples import BIAS, HOSTILE, NETWORK, NOISE, document, record
from .test_compare import held

SMALL = Claim("S1", "test_small", "It is small.", "", 0.5, "below", "network", False, 1)
REGISTER = Register({claim.id: claim for claim in (NOISE, BIAS, SMALL)})
CLASSES = ("bird", "frog")


def judged(i, *, name="", recipe="cheap", arm="plain", epoch=None, seed=None):
    seed = i if seed is None else seed
    return Judged(f"{i:06x}", name or f"net{i}", recipe, arm, str(seed), epoch, 0.5 + i / 100, f"networks/{i}.html")


def finding(claim, value, **about):
    """A record with a verdict of what all noise does, and one that is left open of the others."""
    if claim is NOISE:
        return held(claim, value, **about)
    return record(claim, "inconclusive", estimate=Reading(value, value - 0.01, value + 0.01), **about)


def many(*networks, values=(), noise=(), unread=()):
    """Networks with values of claims, by claim, and with the share of their noise that falls into bird."""
    records = [
        finding(claim, value, network=each.hash, network_name=each.name)
        for claim, found in values
        for each, value in zip(networks, found, strict=True)
    ]
    falls = [
        NoiseCounts(each.hash, CLASSES, (share, 100 - share)) for each, share in zip(networks, noise, strict=False)
    ]
    made = replace(document(records, register=REGISTER), noise=tuple(falls))
    return Many(networks, made, tuple(unread))


def test_a_claim_holds_in_so_many_networks_of_each_group():
    networks = [judged(i, arm="plain" if i < 6 else "without edges") for i in range(8)]
    found = many(*networks, values=[(NOISE, [0.97] * 5 + [0.5] + [0.5, 0.97])])
    plain, changed = tallies(found)["P2"]
    # R: binom.test(5, 6)$conf.int is .3588, .9958
    assert plain.said == "5 of 6 [35.9 %, 99.6 %]"
    assert (plain.confirmed, plain.rejected, plain.inconclusive, changed.n) == (5, 1, 0, 2)
    assert list(found.groups) == [("cheap", "plain"), ("cheap", "without edges")]


def test_epochs_of_one_training_count_once_and_the_last_of_them():
    epochs = [judged(i, seed=7, epoch=i + 1) for i in range(4)]
    found = many(*epochs, judged(9), values=[(NOISE, [0.97, 0.97, 0.97, 0.5, 0.97])])
    (tally,) = tallies(found)["P2"]
    assert (tally.confirmed, tally.rejected) == (1, 1)
    # Given whole beside its epochs it is counted once, too.
    whole = many(*epochs, judged(9, seed=7), values=[(NOISE, [0.97, 0.97, 0.97, 0.5, 0.97])])
    assert tallies(whole)["P2"][0].n == 1


def test_claims_go_together_that_hold_in_the_same_networks():
    networks = [judged(i) for i in range(6)]
    rising = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]
    values = [(NOISE, rising), (BIAS, rising[::-1]), (SMALL, rising)]
    found = together(many(*networks, values=values))
    pairs = {frozenset(pair[:2]): pair[2] for pair in strongest(found, 9)}
    # S1 says that something is small: where it is small, the others hold less, or more.
    assert pairs == {
        frozenset(("P2", "Z2")): pytest.approx(-1),
        frozenset(("P2", "S1")): pytest.approx(-1),
        frozenset(("Z2", "S1")): pytest.approx(1),
    }
    assert found.n == 6


def test_nothing_is_said_of_few_networks_or_of_what_is_the_same_in_all():
    rising = [0.1, 0.2, 0.3, 0.4, 0.5]
    four = many(*(judged(i) for i in range(4)), values=[(NOISE, rising[:4]), (BIAS, rising[:4])])
    assert together(four) is None
    same = many(*(judged(i) for i in range(5)), values=[(NOISE, rising), (BIAS, [0.3] * 5)])
    assert together(same) is None


def test_a_trajectory_says_where_noise_goes():
    epochs = [judged(i, seed=7, epoch=i + 1) for i in (2, 0, 1)]
    (chart,) = trajectories(many(*epochs, values=[(NOISE, [0.5] * 3)], noise=[90, 10, 60]))
    assert chart.title == "noise goes from frog to bird"
    curves = {curve.label: curve for curve in chart.curves}
    assert curves["bird"].x == (1, 2, 3)
    assert curves["bird"].y == (0.1, 0.6, 0.9)
    assert curves["accuracy"].y == (0.5, 0.51, 0.52)
    assert trajectories(many(judged(0), judged(1), values=[(NOISE, [0.5] * 2)], noise=[1, 2])) == []


def test_the_report_by_itself_leaves_very_many_networks_out_and_few_in():
    few = many(*(judged(i) for i in range(2)), values=[(NOISE, [0.5] * 2)]).document
    assert without_networks(few) is few
    n = MOST_TOGETHER + 1
    lots = many(*(judged(i) for i in range(n)), values=[(NOISE, [0.5] * n)]).document
    assert without_networks(lots).claims == ()
    assert len(lots.claims) == n


@pytest.mark.parametrize("name", HOSTILE)
def test_whatever_a_network_is_called_it_stays_text(name):
    networks = [judged(0, name=name, recipe=name, arm=name), judged(1, epoch=1, seed=3), judged(2, epoch=2, seed=3)]
    found = many(*networks, values=[(NOISE, [0.5] * 3)], noise=[1, 50, 99], unread=[f"{name} is none"])
    page = html(found)
    tree = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(page)
    assert [each.tag for each in tree.iter() if each.tag in ("script", "img")] == []
    assert {each.get("href").split(".")[0] for each in tree.iter("a")} >= {"networks/0", "evidence"}
    assert all(line.isprintable() for line in lines(found))
    assert NETWORK.name not in page
