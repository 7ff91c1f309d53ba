"""A European call by Monte Carlo, beside the Black-Scholes formula."""

import math
import numpy as np


def black_scholes(S, K, r, sigma, T):
    d1 = (math.log(S / K) + (r + sigma**2 / 2) * T) / (sigma * math.sqrt(T))
    d2 = d1 - sigma * math.sqrt(T)
    cdf = lambda d: 0.5 * (1 + math.erf(d / math.sqrt(2)))
    return S * cdf(d1) - K * math.exp(-r * T) * cdf(d2)


def simulate(S, K, r, sigma, T, n, seed):
    z = np.random.default_rng(seed).standard_normal(n)
    terminal = S * np.exp((r - 0.5 * sigma**2) * T + sigma * math.sqrt(T) * z)
    payoff = np.maximum(terminal - K, 0.0)
    return math.exp(-r * T) * payoff.mean(), payoff.std() / math.sqrt(n)


spot = 100.0
strike = 105.0
rate = 0.03
vol = 0.2
maturity = 1.0
exact = black_scholes(spot, strike, rate, vol, maturity)
price, error = simulate(spot, strike, rate, vol, maturity, 20_000, seed=1)
print(f"exact {exact:.4f}")
print(f"simulated {price:.4f} +/- {error:.4f}", abs(price - exact) < 4 * error)
