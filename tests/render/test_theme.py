"""The themes, measured: contrast by WCAG, and how far apart the two inks are for those who don't see red and green."""

import itertools

import numpy as np
import pytest

from gradviz.render.theme import HEAT_STEPS, RAMP_STEPS, STYLES, THEMES, heat_part, ramp_part

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


# Viénot, Brettel and Mollon (1999): linear RGB to the cones' LMS, the medium-wave cone's share replaced, and back.
RGB_TO_LMS = np.array([[17.8824, 43.5161, 4.11935], [3.45565, 27.1554, 3.86714], [0.0299566, 0.184309, 1.46709]])
DEUTERANOPE = np.array([[1, 0, 0], [0.494207, 0, 1.24827], [0, 0, 1]])
RGB_TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])


def lab(linear_rgb):
    xyz = RGB_TO_XYZ @ linear_rgb / (RGB_TO_XYZ @ np.ones(3))
    f = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def as_seen(colour):
    """As a deuteranope sees it, in CIELAB."""
    return lab(np.clip(np.linalg.inv(RGB_TO_LMS) @ DEUTERANOPE @ RGB_TO_LMS @ linear(colour), 0, 1))


def distance(one, other):
    """CIE76's ΔE for a deuteranope."""
    return float(np.linalg.norm(as_seen(one) - as_seen(other)))


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


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_value_and_gradient_are_told_apart_without_seeing_red_and_green(theme):
    colours = THEMES[theme]
    assert distance(colours["value"], colours["gradient"]) >= 40
    assert distance("#2E7D32", "#C62828") < distance(colours["value"], colours["gradient"]) / 2  # classic green and red


@THEME
def test_every_part_has_a_colour_of_its_own(theme):
    """Else `--theme auto` could not exchange them; grey print exchanges nothing."""
    colours = list(THEMES[theme].values())
    assert theme == "print" or len(set(colours)) == len(colours)
    assert all(len(colour) == 7 and colour[0] == "#" for colour in colours)


def test_the_themes_have_the_same_parts():
    assert len({frozenset(table) for table in THEMES.values()}) == 1


def test_every_style_is_of_a_part():
    assert {look.ink for look in STYLES.values()} <= set(THEMES["light"])


@THEME
def test_the_ramp_gets_steadily_stronger(theme):
    background = THEMES[theme]["background"]
    steps = [contrast(THEMES[theme][ramp_part(step)], background) for step in range(1, RAMP_STEPS + 1)]
    assert steps == sorted(steps)
    assert steps[-1] / steps[0] > 5


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_heat_scale_runs_from_one_hue_through_grey_to_another(theme):
    steps = [rgb(THEMES[theme][heat_part(step)]) for step in range(-HEAT_STEPS, HEAT_STEPS + 1)]
    saturation = [float(c.max() - c.min()) for c in steps]
    middle = HEAT_STEPS
    assert saturation[middle] == min(saturation)
    assert all(a > b for a, b in itertools.pairwise(saturation[: middle + 1]))
    assert all(a < b for a, b in itertools.pairwise(saturation[middle:]))
    ends = THEMES[theme][heat_part(-HEAT_STEPS)], THEMES[theme][heat_part(HEAT_STEPS)]
    assert distance(*ends) >= 50
