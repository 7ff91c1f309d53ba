"""The themes, measured: contrast by WCAG, how far apart colours are for the colour-blind."""

import itertools

import numpy as np
import pytest

from gradviz.render.theme import FAILED, HEAT_STEPS, RAMP_STEPS, STYLES, THEMES, heat_part, ramp_part

THEME = pytest.mark.parametrize("theme", THEMES)
BOXES = ("input", "parameter", "constant", "op", "output", "fold", "failed", "copy")
FILLS = [f"{box}-fill" for box in BOXES]

#: The inks of texts, and what they stand on: all boxes and frames where it is text of any box.
EVERYWHERE = ("background", "cluster-fill", "cluster-fill-inner", *FILLS)
TEXT_GROUNDS = {
    "ink": EVERYWHERE,
    "muted": EVERYWHERE,
    "value": EVERYWHERE,
    "gradient": EVERYWHERE,
    "role": EVERYWHERE,
    "local": ("op-fill", "failed-fill"),
}
LINES = ("wire", *[f"{box}-border" for box in ("input", "parameter", "op", "output", "fold", "failed")])


def rgb(colour):
    return np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255


def linear(colour):
    c = rgb(colour)
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)


def luminance(colour):
    return float(linear(colour) @ [0.2126, 0.7152, 0.0722])


def contrast(one, other):
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


# Machado, Oliveira and Fernandes (2009): linear RGB as it is for whom a kind of cone is missing.
EYES = {
    "all cones": np.eye(3),
    "protanope": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranope": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanope": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
EYE = pytest.mark.parametrize("eye", EYES)
RGB_TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])

# Stone, Szafir and Setlur (2014): a half of all observers see a difference of so much along L, a and b. It depends on
# the size: a third of a degree is the least they tried, and about a number on a wire, or the side of a box, at a desk.
SIZE = 1 / 3
NOTICED = np.array([5.08 + 0.75 / SIZE, 5.34 + 1.54 / SIZE, 5.35 + 2.87 / SIZE])


def lab(linear_rgb):
    xyz = RGB_TO_XYZ @ linear_rgb / (RGB_TO_XYZ @ np.ones(3))
    f = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def seen(colour, eye):
    """As an eye sees it, in CIELAB."""
    return lab(np.clip(EYES[eye] @ linear(colour), 0, 1))


def apart(one, other, eye):
    """How many times the difference that half of all observers see; at 2, as the model has it, all do."""
    return float(np.linalg.norm((seen(one, eye) - seen(other, eye)) / NOTICED))


def distance(one, other):
    """CIE76's ΔE for a deuteranope."""
    return float(np.linalg.norm(seen(one, "deuteranope") - seen(other, "deuteranope")))


def test_the_measure_itself():
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#007460", "#FFFFFF") == pytest.approx(5.7, abs=0.1)
    assert contrast("#C43E00", "#FFFFFF") == pytest.approx(5.2, abs=0.1)
    assert distance("#FF0000", "#FF0000") == 0


@THEME
@pytest.mark.parametrize("ink", TEXT_GROUNDS)
def test_text_has_a_contrast_of_at_least_four_and_a_half(theme, ink):
    colours = THEMES[theme]
    worst = min(TEXT_GROUNDS[ink], key=lambda ground: contrast(colours[ink], colours[ground]))
    assert contrast(colours[ink], colours[worst]) >= 4.5, worst


@THEME
@pytest.mark.parametrize("line", LINES)
def test_lines_have_a_contrast_of_at_least_three(theme, line):
    assert contrast(THEMES[theme][line], THEMES[theme]["background"]) >= 3


@THEME
def test_the_grey_of_no_gradient_can_be_told_from_the_background(theme):
    assert contrast(THEMES[theme]["zero"], THEMES[theme]["background"]) >= 3


COLOURED = pytest.mark.parametrize("theme", ["light", "dark"])
LOW, MIDDLE, HIGH = heat_part(-HEAT_STEPS), heat_part(0), heat_part(HEAT_STEPS)


@COLOURED
def test_value_and_gradient_are_told_apart_without_seeing_red_and_green(theme):
    colours = THEMES[theme]
    assert distance(colours["value"], colours["gradient"]) >= 40
    assert distance("#2E7D32", "#C62828") < distance(colours["value"], colours["gradient"]) / 2  # classic green and red


@EYE
@COLOURED
@pytest.mark.parametrize(
    "pair",
    [
        ("value", "gradient"),
        ("value", "zero"),
        ("gradient", "zero"),
        (LOW, HIGH),
        (LOW, MIDDLE),
        (MIDDLE, HIGH),
        (ramp_part(1), ramp_part(RAMP_STEPS)),
    ],
    ids="-".join,
)
def test_whatever_cones_an_eye_has_it_tells_apart_what_colour_alone_may_tell(theme, eye, pair):
    assert apart(*[THEMES[theme][part] for part in pair], eye) >= 2


BORDERS = [f"{box}-border" for box in ("input", "parameter", "output", "failed")]


@EYE
@COLOURED
@pytest.mark.parametrize(
    "pair",
    [*itertools.combinations(BORDERS, 2), ("gradient", "local"), ("nan", LOW), ("nan", MIDDLE), ("nan", HIGH)],
    ids="-".join,
)
def test_most_eyes_tell_apart_what_width_place_or_a_mark_tells_too(theme, eye, pair):
    assert apart(*[THEMES[theme][part] for part in pair], eye) >= 1


def test_what_failed_is_called_what_it_looks_like():
    assert FAILED.keys() == THEMES.keys()
    for theme, said in FAILED.items():
        red, green, blue = rgb(THEMES[theme]["failed-border"])
        assert (red > max(green, blue) + 0.2) == (said == "red")
    # On paper, no other box is as dark.
    others = [luminance(THEMES["print"][fill]) for fill in FILLS if fill != "failed-fill"]
    assert luminance(THEMES["print"]["failed-fill"]) < min(others) - 0.08


def test_sizes_are_whole_as_graphviz_takes_them_in_a_label():
    assert all(type(look.size) is int for look in STYLES.values())


@COLOURED
def test_the_heat_scale_runs_from_one_hue_through_grey_to_another(theme):
    steps = [rgb(THEMES[theme][heat_part(step)]) for step in range(-HEAT_STEPS, HEAT_STEPS + 1)]
    saturation = [float(c.max() - c.min()) for c in steps]
    middle = HEAT_STEPS
    assert saturation[middle] == min(saturation)
    assert all(a > b for a, b in itertools.pairwise(saturation[: middle + 1]))
    assert all(a < b for a, b in itertools.pairwise(saturation[middle:]))
    ends = THEMES[theme][heat_part(-HEAT_STEPS)], THEMES[theme][heat_part(HEAT_STEPS)]
    assert distance(*ends) >= 50
