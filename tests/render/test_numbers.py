"""Numbers in pictures: four digits, a true minus, no noise; arrays in a line."""

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from gradviz.render.numbers import array_norm, is_zero, number, shape_text, sum_text, summary, value_text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (6.0, "6"),
        (-0.24551, "−0.2455"),
        (0.012346, "0.01235"),
        (1.29e-4, "1.29e−4"),
        (1.2e-7, "1.2e−7"),
        (999999.0, "1e6"),
        (123456.0, "1.235e5"),
        (1e6, "1e6"),
        (0.0, "0"),
        (-0.0, "0"),
        (float("inf"), "∞"),
        (float("-inf"), "−∞"),
        (float("nan"), "NaN"),
        (True, "True"),
        (np.float32(0.1), "0.1"),
        (1 - 2j, "1 − 2i"),
    ],
)
def test_a_number_has_four_digits_and_a_true_minus(value, text):
    assert number(value) == text


def test_mere_noise_is_about_zero():
    assert number(2e-17, largest=1.0) == "≈0"
    assert number(2e-17) == "2e−17"


@given(st.floats(-1e300, 1e300))
def test_what_is_shown_is_within_its_four_digits(x):
    shown = float(number(x).replace("−", "-"))
    assert shown == pytest.approx(x, rel=6e-4, abs=0)


def test_a_shape_alone_is_not_taken_for_a_number():
    assert [shape_text(np.zeros(s)) for s in [(5,), (5, 4), (2, 3, 4), ()]] == ["(5,)", "5×4", "2×3×4", ""]


def test_short_vectors_are_written_out():
    assert value_text(np.array([1.0, -2.5])) == "[1 −2.5]"
    assert value_text(np.zeros(4)) == "(4,)"
    assert value_text(np.zeros((2, 2))) == "2×2"


def test_a_summary_tells_the_spread_and_what_is_no_number():
    assert summary(np.array([[1.0, 3.0], [np.nan, np.inf]])) == "2×2 float64, 2 ± 1, 1 … 3, 1 NaN, 1 infinite"
    assert summary(np.zeros(3, np.float32)) == "3 float32, 0 ± 0, 0 … 0, all zero"
    assert summary(np.full(2, np.nan)) == "2 float64, 2 NaN"
    assert summary(np.zeros(0)) == "0 float64"
    assert summary(np.array([True, False])) == "2 bool"


def test_norms_and_zeros():
    assert array_norm(np.array([3.0, 4.0])) == "‖5‖"
    assert array_norm(np.array([[1j, 0], [0, 0]])) == "‖1‖"
    assert array_norm(np.full((2, 2, 2), 1.0)) == "‖2.828‖"
    assert is_zero(np.zeros(3))
    assert not is_zero(np.array([0.0, np.nan]))


@settings(max_examples=500, deadline=None)
@given(st.lists(st.floats(-1e5, 1e5), min_size=2, max_size=4))
def test_what_stands_in_a_sum_adds_up_to_the_total_as_it_is_shown(addends):
    total = sum(addends)
    assume(abs(total) > 1e-6)
    shown = eval(sum_text(addends, total).replace("−", "-").replace("≈0", "0"))
    unit = 10.0 ** (math.floor(math.log10(abs(total))) - 3)
    assert abs(shown - total) <= 1.01 * max(unit, 1e-12)


def test_a_sum_that_cancels_is_written_with_more_digits():
    assert sum_text([6834.37741, -6834.77114], -0.39373) == "6834.3774 − 6834.7711"
    assert sum_text([2.0, 3.0], 5.0) == "2 + 3"
    assert sum_text([1.0, -1.0], 0.0) == "1 − 1"
    assert sum_text([np.nan, 3.0], np.nan) == "NaN + 3"
