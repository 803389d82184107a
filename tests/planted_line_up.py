"""Networks of a line-up that were never trained: where their noise falls is written down."""

from __future__ import annotations

from why_bird.evidence.pairs_of_networks import LineUp
from why_bird.measure.line_up import CHOOSES, LineUpNetwork, NoiseAnswer
from why_bird.measure.noise_passes import CONTRASTS
from why_bird.networks.arms import PLAIN, WITH, WITHOUT, Arm

CLASSES = ("bird", "frog", "horse", "ship", "truck")
SEEDS = range(20, 29)
DRAWS = 2000


def planted_network(
    arm: str, seed: int, falls: dict[str, float], *, recall: float = 0.8, entropy: float = 0.2, recipe: str = "cheap"
) -> LineUpNetwork:
    """Return a network whose noise falls into classes in these shares, whatever its contrast."""
    classes = tuple(name for name in CLASSES if not arm.startswith("without class") or name not in arm)
    counts = [round(DRAWS * falls.get(name, 0.0)) for name in classes]
    counts[0] += DRAWS - sum(counts)
    answer = NoiseAnswer(tuple(counts), entropy, 0.1, (0.0,) * len(classes))
    right = round(1000 * recall)
    confusion = tuple(
        tuple(right if i == j else (1000 - right) if j == (i + 1) % len(classes) else 0 for j in range(len(classes)))
        for i in range(len(classes))
    )
    noise = dict.fromkeys([CHOOSES, *(f"post ×{c:g}" for c in CONTRASTS), "grey", "1/f", "1/f²", "uniform"], answer)
    return LineUpNetwork(
        f"{arm} {seed}", recipe, "0" * 16, arm, seed, classes, "a", "b", confusion, None, noise, {"32": 1.0, "64": 0.3}
    )


def every_arm() -> tuple[str, ...]:
    """Return the names of the arms that are trained."""
    without = [Arm("without", what, ("frog",) * change.classes) for what, change in WITHOUT.items()]
    names = [arm.name for arm in (PLAIN, *without)] + ["permuted-cross-spectra", "noise", "detail:ship"]
    assert {"permuted-cross-spectra", "noise"} <= set(WITH)
    names += [f"swapped-cross-spectra:frog,{other}" for other in ("truck", "horse")]
    return (*names, *(f"{what}:{name}" for what in ("white-spectrum", "random-phases") for name in ("truck", "ship")))


def planted_line_up(**falls: dict[str, float]) -> LineUp:
    """Return a line-up in which all noise is frog, but in the arms named (underscores for what no keyword has)."""
    networks = []
    for arm in every_arm():
        key = "".join(c if c.isalnum() else "_" for c in arm)
        for i, seed in enumerate(SEEDS):
            shares = falls.get(key, {"frog": 0.96, "ship": 0.04})
            jitter = 0.004 * (i - 4)
            first = max(shares, key=lambda name: shares[name])
            networks.append(planted_network(arm, seed, {**shares, first: min(1.0, shares[first] + jitter)}))
    return LineUp(tuple(networks), "cheap")
