"""Black-Scholes price and Greeks, implied volatility by Newton, and a Cox-Ross-Rubinstein tree."""
from math import exp, log, sqrt, erf, pi
from functools import lru_cache, partial
import numpy as np

S, K, T, r, sigma = 100.0, 105.0, 0.5, 0.03, 0.25

def norm_cdf(x):
    return 0.5 * (1.0 + erf(x / sqrt(2.0)))

def norm_pdf(x):
    return exp(-0.5 * x * x) / sqrt(2 * pi)

def bs_call(S, K, T, r, sigma):
    d1 = (log(S / K) + (r + 0.5 * sigma ** 2) * T) / (sigma * sqrt(T))
    d2 = d1 - sigma * sqrt(T)
    return S * norm_cdf(d1) - K * exp(-r * T) * norm_cdf(d2)

def greeks(S, K, T, r, sigma):
    d1 = (log(S / K) + (r + 0.5 * sigma ** 2) * T) / (sigma * sqrt(T))
    return {"delta": norm_cdf(d1), "gamma": norm_pdf(d1) / (S * sigma * sqrt(T)), "vega": S * norm_pdf(d1) * sqrt(T)}

def implied_vol(price, guess=0.4, tol=1e-10):
    vol = guess
    for i in range(50):
        diff = bs_call(S, K, T, r, vol) - price
        if abs(diff) < tol:
            break
        vol -= diff / greeks(S, K, T, r, vol)["vega"]
    return vol, i

def crr(S, K, T, r, sigma, n, american=False):
    dt = T / n
    u = exp(sigma * sqrt(dt)); d = 1 / u
    p = (exp(r * dt) - d) / (u - d)
    disc = exp(-r * dt)
    values = [max(S * u ** j * d ** (n - j) - K, 0.0) for j in range(n + 1)]
    for i in range(n - 1, -1, -1):
        values = [disc * (p * values[j + 1] + (1 - p) * values[j]) for j in range(i + 1)]
        if american:
            values = [max(v, S * u ** j * d ** (i - j) - K) for j, v in enumerate(values)]
    return values[0]

price = bs_call(S, K, T, r, sigma)
print(f"{price = :.6f}")
for name, value in greeks(S, K, T, r, sigma).items():
    print(f"{name:<6} {value:>10.5f}")
print("implied: %.8f after %d" % implied_vol(price))
tree = crr(S, K, T, r, sigma, n=12)
print("tree - formula = %.6f" % (tree - price))
