# EM for two biased coins (Do & Batzoglou), plus a hidden Markov model forward pass
import math
from collections import Counter, defaultdict

rolls = ["HTTTHHTHTH", "HHHHTHHHHH", "HTHHHHHTHH", "HTHTTTHHTT", "THHHTHHHTH"]

def e_step(counts, theta):
    expected = defaultdict(float)
    ll = 0.0
    for c in counts:
        like = {k: math.exp(c["H"] * math.log(p) + c["T"] * math.log(1 - p)) for k, p in theta.items()}
        total = sum(like.values())
        ll += math.log(total / len(theta))
        for k, v in like.items():
            w = v / total
            expected[k, "H"] += w * c["H"]
            expected[k, "T"] += w * c["T"]
    return expected, ll

def m_step(expected):
    return {k: expected[k, "H"] / (expected[k, "H"] + expected[k, "T"]) for k in "AB"}

counts = [Counter(r) for r in rolls]
theta = {"A": 0.6, "B": 0.5}
for i in range(6):
    expected, ll = e_step(counts, theta)
    print("#%d:\t%0.4f %0.4f %0.4f" % (i, theta["A"], theta["B"], ll))
    theta = m_step(expected)
print({k: round(v, 3) for k, v in theta.items()})
