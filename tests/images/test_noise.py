"""Noise is a pure function of its index and has the moments and the spectrum that it claims."""

import hashlib
import json
import subprocess
import sys
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from why_bird.images.families import FAMILIES
from why_bird.images.noise import Noise, Params
from why_bird.images.spectra import amplitude

MEAN, STD = (0.5, 0.25, 0.75), (0.25, 0.5, 0.125)


def make(family: str, size: int = 8, seed: int = 7, role: str = "A", **params: object) -> Noise:
    params |= {"beta": params.get("beta", 1.0)} if family == "spectral" else {}
    params |= {"density": params.get("density", 0.3)} if family == "salt_pepper" else {}
    return Noise(family, size, MEAN, STD, Params(**params), seed, role)  # type: ignore[arg-type]


# --- purity


@given(family=st.sampled_from(sorted(FAMILIES)), cuts=st.lists(st.integers(0, 9), max_size=4), start=st.integers(0, 90))
@settings(max_examples=60)
def test_any_slicing_gives_the_same_bytes(family: str, cuts: list[int], start: int) -> None:
    noise = make(family)
    whole = noise.images(start, start + 9)
    edges = [0, *sorted(cuts), 9]
    parts = [noise.images(start + a, start + b) for a, b in pairwise(edges)]
    assert np.concatenate(parts).tobytes() == whole.tobytes()


@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_order_does_not_matter(family: str) -> None:
    noise = make(family, size=7)  # an odd size leaves half-used words in a generator
    backwards = [noise.images(i, i + 1)[0] for i in reversed(range(6))]
    assert np.array_equal(np.stack(backwards[::-1]), noise.images(0, 6))


def test_another_process_draws_the_same_bytes() -> None:
    code = (
        "import hashlib\n"
        "from why_bird.images.families import FAMILIES\n"
        "from why_bird.images.noise import Noise, Params\n"
        "for family in sorted(FAMILIES):\n"
        "    params = Params(beta=1.0 if family == 'spectral' else None,\n"
        "                    density=0.3 if family == 'salt_pepper' else None)\n"
        f"    noise = Noise(family, 8, {MEAN}, {STD}, params, 7, 'A')\n"
        "    print(hashlib.sha256(noise.images(40, 44).tobytes()).hexdigest())\n"
    )
    env = {"PYTHONPATH": ":".join(sys.path), "PYTHONHASHSEED": "9"}
    out = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)  # noqa: S603
    here = [hashlib.sha256(make(f).images(40, 44).tobytes()).hexdigest() for f in sorted(FAMILIES)]
    assert out.stdout.split() == here


@pytest.mark.parametrize(
    ("family", "digest"),
    [
        ("gaussian", "393001afa3da95db"),
        ("uniform", "8553f57c86e8faef"),
        ("rademacher", "5c9a7e22abf56e28"),
        ("salt_pepper", "8d191273a2faf893"),
    ],
)
def test_golden_bytes(family: str, digest: str) -> None:
    """Shipped measurements were made on these images: if this fails, they speak about other ones."""
    images = make(family).images(3, 5)
    assert hashlib.sha256(images.astype("<f4").tobytes()).hexdigest()[:16] == digest


def test_golden_values_of_filtered_families() -> None:
    """Transforms round differently on different processors, so these are held to 1e-5."""
    spectral, blobs = make("spectral").images(3, 5), make("blobs").images(3, 5)
    np.testing.assert_allclose(spectral[0, 0, 0, :4], [0.91125512, 0.54202938, 0.12336955, 0.16028598], atol=1e-5)
    np.testing.assert_allclose(spectral[1, 2, 7, 4:], [0.73149633, 0.82890213, 0.84185708, 0.72055513], atol=1e-5)
    np.testing.assert_allclose(blobs[0, 0, 0, :4], [0.67800778, 0.65757638, 0.63643622, 0.25], atol=1e-5)


@pytest.mark.parametrize(
    "change", [{"seed": 8}, {"role": "B"}, {"size": 9}, {"family": "uniform"}], ids=lambda c: next(iter(c))
)
def test_seeds_roles_and_families_share_no_draw(change: dict[str, object]) -> None:
    unit = {"mean": (0, 0, 0), "std": (1, 1, 1)}
    one = replace(make("gaussian"), **unit)  # type: ignore[arg-type]
    a, b = (noise.images(0, 40)[..., :8, :8].ravel() for noise in (one, replace(one, **change)))  # type: ignore[arg-type]
    # 7,680 pairs: the correlation of independent draws has a standard error of .011.
    assert abs(np.corrcoef(a, b)[0, 1]) < 0.05


def test_exponents_are_independent_but_clipping_is_paired() -> None:
    z = {beta: make("spectral", size=16, beta=beta).images(0, 200)[:, 0].ravel() for beta in (0.0, 0.25)}
    assert abs(np.corrcoef(z[0.0], z[0.25])[0, 1]) < 0.05
    raw, clipped = make("gaussian").images(0, 9), make("gaussian", clip="clip").images(0, 9)
    assert np.array_equal(np.clip(raw, 0, 1), clipped)


def test_indices_reach_to_the_end_of_the_counter() -> None:
    noise = make("gaussian")
    last = noise.images(2**64 - 1, 2**64)
    assert last.shape == (1, 3, 8, 8)
    assert not np.array_equal(last, noise.images(0, 1))
    assert noise.images(5, 5).shape == (0, 3, 8, 8)


# --- distributions


@pytest.mark.parametrize("family", ["gaussian", "uniform", "rademacher", "spectral", "salt_pepper"])
def test_mean_and_sd_per_channel(family: str) -> None:
    images = make(family, size=16, beta=0.5 if family == "spectral" else None).images(0, 2000)
    # 512,000 values a channel; spectra and salt-and-pepper correlate or have heavy tails: 1 % is > 5 SE.
    np.testing.assert_allclose(images.mean((0, 2, 3)), MEAN, atol=0.01 * max(STD))
    np.testing.assert_allclose(images.std((0, 2, 3)), STD, rtol=0.01)


@pytest.mark.parametrize("beta", [0.0, 0.5, 2.0])
def test_every_pixel_of_a_spectrum_has_unit_variance(beta: float) -> None:
    noise = Noise("spectral", 8, (0, 0, 0), (1, 1, 1), Params(beta=beta), 0, "A")
    z = noise.images(0, 6000)
    # SE of a variance from 6,000 draws is √(2/6000) = .018; 192 pixels, so up to 4 SE.
    assert np.abs(z.var(0) - 1).max() < 0.08
    assert np.abs(z.mean(0)).max() < 0.06


@pytest.mark.parametrize(("size", "beta"), [(1, 2.0), (7, 1.0), (32, 0.5), (32, 2.0)])
def test_filter_has_mean_power_one(size: int, beta: float) -> None:
    half = amplitude(size, beta)
    columns = np.arange(size)
    whole = half[:, np.minimum(columns, size - columns)]
    assert np.mean(whole**2) == pytest.approx(1, rel=1e-12)
    with pytest.raises(ValueError, match="read-only"):
        half[0, 0] = 0


@pytest.mark.parametrize("beta", [0.0, 0.5, 1.0, 2.0])
def test_slope_of_the_power_spectrum(beta: float) -> None:
    noise = Noise("spectral", 32, (0, 0, 0), (1, 1, 1), Params(beta=beta), 3, "A")
    power = (np.abs(np.fft.rfft2(noise.images(0, 400).astype(np.float64))) ** 2).mean((0, 1))
    radius = np.hypot(np.fft.fftfreq(32)[:, None], np.fft.rfftfreq(32)[None])
    inner = radius > 0
    slope = np.polyfit(np.log(radius[inner]), np.log(power[inner]), 1)[0]
    assert slope == pytest.approx(-beta, abs=0.02)
    # The constant component has the power of the lowest frequency: its mean over 1,200 has SE √(2/1200).
    assert power[0, 0] == pytest.approx(power[0, 1], rel=0.25)


def test_channels_of_a_spectrum_are_independent() -> None:
    z = make("spectral", size=16, beta=0.5).images(0, 1000).transpose(1, 0, 2, 3).reshape(3, -1)
    assert np.abs(np.corrcoef(z)[np.triu_indices(3, 1)]).max() < 0.01


def test_a_flat_spectrum_is_white_gaussian_noise() -> None:
    z = Noise("spectral", 8, (0, 0, 0), (1, 1, 1), Params(beta=0), 0, "A").images(0, 1000).astype(np.float64)
    assert np.mean(z**4) == pytest.approx(3, abs=0.08)
    assert np.abs(np.mean(z[..., 1:] * z[..., :-1])) < 0.01


def test_white_families_take_the_values_they_say() -> None:
    unit = {"mean": (0, 0, 0), "std": (1, 1, 1)}
    assert set(np.unique(replace(make("rademacher"), **unit).images(0, 5))) == {-1.0, 1.0}  # type: ignore[arg-type]
    uniform = replace(make("uniform"), **unit).images(0, 50)  # type: ignore[arg-type]
    assert np.sqrt(3) * 0.99 < uniform.max() <= np.float32(np.sqrt(3))
    assert -np.sqrt(3) * 0.99 > uniform.min() >= -np.float32(np.sqrt(3))


def test_salt_and_pepper_is_grey_and_as_dense_as_asked() -> None:
    images = Noise("salt_pepper", 16, (0, 0, 0), (1, 1, 1), Params(density=0.25), 0, "A").images(0, 400)
    assert np.array_equal(images[:, 0], images[:, 2])
    assert set(np.unique(images)) == {-2.0, 0.0, 2.0}
    assert np.mean(images != 0) == pytest.approx(0.25, abs=0.01)
    assert np.mean(images[images != 0] > 0) == pytest.approx(0.5, abs=0.02)


def test_blobs_follow_the_published_recipe() -> None:
    """Bernoulli(.7) blurred with σ = 1.5 over rows, columns and channels, and cut at .75."""
    b = (Noise("blobs", 32, (0, 0, 0), (1, 1, 1), Params(), 0, "A").images(0, 100) + 1) / 2
    assert np.all((b == 0) | ((b >= 0.7499) & (b <= 1.0001)))
    reference = published_blobs(100)
    # One image has a share of blobs with sd .07, so 100 have an SE of .007; the difference's is .01.
    assert np.mean(b > 0) == pytest.approx(np.mean(reference > 0), abs=0.04)
    # Channels run into each other, as in the published code.
    mine, theirs = (np.corrcoef(x[:, 0].ravel(), x[:, 1].ravel())[0, 1] for x in (b, reference))
    assert mine == pytest.approx(theirs, abs=0.03)


def published_blobs(n: int) -> NDArray[np.float64]:
    """A second implementation: the Gaussian kernel written out, the border repeated."""
    kernel = np.exp(-(np.arange(-6, 7) ** 2) / (2 * 1.5**2))
    kernel /= kernel.sum()
    field = (np.random.default_rng(1).random((n, 3, 32, 32)) < 0.7).astype(np.float64)
    for axis in (1, 2, 3):
        padded = np.pad(field, [(6, 6) if a == axis else (0, 0) for a in range(4)], mode="edge")
        field = np.apply_along_axis(np.convolve, axis, padded, kernel, mode="valid")
    return np.where(field < 0.75, 0, field)


# --- shift, contrast, clipping


@given(
    family=st.sampled_from(sorted(FAMILIES)),
    shift=st.floats(-2, 2),
    contrast=st.floats(0, 4),
)
@settings(max_examples=40)
def test_shift_and_contrast_apply_to_every_family(family: str, shift: float, contrast: float) -> None:
    plain, changed = make(family).images(2, 4), make(family, shift=shift, contrast=contrast).images(2, 4)
    mean, std = (np.array(v)[:, None, None] for v in (MEAN, STD))
    np.testing.assert_allclose(changed, mean + std * shift + contrast * (plain - mean), atol=1e-5)


def test_rounded_noise_is_what_an_image_file_holds() -> None:
    raw, rounded = make("gaussian").images(0, 20), make("gaussian", clip="round8").images(0, 20)
    levels = rounded * 255
    assert np.abs(levels - np.rint(levels)).max() < 1e-4
    assert np.abs(rounded - np.clip(raw, 0, 1)).max() <= 0.5 / 255 + 1e-6
    assert rounded.min() == 0
    assert rounded.max() == 1


# --- identity


@given(family=st.sampled_from(sorted(FAMILIES)), shift=st.floats(-2, 2), clip=st.sampled_from(["none", "round8"]))
@settings(max_examples=30)
def test_key_survives_json_and_tells_noises_apart(family: str, shift: float, clip: str) -> None:
    noise = make(family, shift=shift, clip=clip)
    assert json.loads(json.dumps(noise.key(), allow_nan=False)) == noise.key()
    assert (noise.key() == make(family).key()) == (noise == make(family))
    assert hash(noise) == hash(replace(noise))


def test_equal_numbers_of_any_type_make_one_identity() -> None:
    plain = Noise("spectral", 8, (0.5, 0.5, 0.5), (1.0, 1.0, 1.0), Params(shift=0.0, beta=1.0), 3, "A")
    size, seed, mean, std = np.int64(8), np.int64(3), np.array([0.5] * 3), [1, 1, 1]
    params = Params(shift=-0.0, beta=np.float32(1))  # type: ignore[arg-type]
    other = Noise("spectral", size, mean, std, params, seed, "A")  # type: ignore[arg-type]
    assert other == plain
    assert json.dumps(other.key()) == json.dumps(plain.key())
    assert np.array_equal(other.images(0, 2), plain.images(0, 2))


def test_description_says_what_matters() -> None:
    assert make("gaussian").describe() == (
        "white Gaussian noise, 8×8 pixels, mean (0.500, 0.250, 0.750), sd (0.250, 0.500, 0.125), unclipped"
    )
    text = make("spectral", beta=0.5, shift=-0.25, contrast=2, clip="round8").describe()
    for phrase in ("1/f^0.5", "mean shifted by -0.25 sd", "contrast ×2", "rounded to 8 bits"):
        assert phrase in text


# --- refusals


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"family": "pink"}, "family is 'pink', and has to be one of gaussian"),
        ({"size": 0}, "size is 0, and has to be a whole number, 1 or more"),
        ({"size": 32.0}, "size is 32.0, and has to be a whole number"),
        ({"size": True}, "size is True"),
        ({"seed": -1}, "seed is -1, and has to be a whole number, 0 or more"),
        ({"mean": (0.5, 0.5)}, "has to be three numbers, one a channel"),
        ({"mean": (0.5, 0.5, float("nan"))}, "mean is nan, and has to be a finite number"),
        ({"std": (0.5, 0.5, -0.1)}, "std is -0.1, and has to be 0 or more"),
        ({"std": "abc"}, "std is 'abc', and has to be three numbers"),
        ({"role": ""}, "role is '', and has to be a name"),
        ({"params": {"beta": 1}}, "has to be of type Params"),
        ({"params": Params(beta=1)}, "gaussian noise has beta, which spectral noise needs"),
        ({"family": "spectral"}, "spectral noise lacks beta"),
        ({"family": "salt_pepper"}, "salt_pepper noise lacks density"),
    ],
)
def test_bad_noise_is_refused_in_one_sentence(change: dict[str, object], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence) as error:
        replace(make("gaussian"), **change)  # type: ignore[arg-type]
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "bad",
    [
        {"shift": float("inf")},
        {"shift": "0"},
        {"contrast": -1},
        {"clip": "round"},
        {"beta": -0.5},
        {"beta": 9},
        {"density": 0},
        {"density": 1.1},
    ],
    ids=str,
)
def test_bad_parameters_are_refused(bad: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=f"noise {next(iter(bad))} is .* has to be"):
        Params(**bad)  # type: ignore[arg-type]


@pytest.mark.parametrize(("start", "stop"), [(-1, 2), (3, 2), (0, 2**64 + 1)])
def test_bad_ranges_are_refused(start: int, stop: int) -> None:
    with pytest.raises(ValueError, match="no range within"):
        make("gaussian").images(start, stop)
