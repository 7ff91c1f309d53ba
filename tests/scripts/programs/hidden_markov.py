"""Hidden Markov models without arrays: Viterbi and forward in log space over dicts; a memoised soft edit distance."""
import math
import functools
import itertools
from typing import Dict, List, Tuple, TypedDict

class Model(TypedDict):
    start: Dict[str, float]
    trans: Dict[str, Dict[str, float]]
    emit: Dict[str, Dict[str, float]]

hmm: Model = {
    "start": {"Healthy": 0.6, "Fever": 0.4},
    "trans": {"Healthy": {"Healthy": 0.7, "Fever": 0.3}, "Fever": {"Healthy": 0.4, "Fever": 0.6}},
    "emit": {"Healthy": {"normal": 0.5, "cold": 0.4, "dizzy": 0.1}, "Fever": {"normal": 0.1, "cold": 0.3, "dizzy": 0.6}},
}
observations = ("normal", "cold", "dizzy")

def logsumexp(xs):
    xs = list(xs)
    m = max(xs)
    return m + math.log(sum(math.exp(x - m) for x in xs))

def forward(obs, hmm):
    states = list(hmm["start"])
    alpha = {s: math.log(hmm["start"][s]) + math.log(hmm["emit"][s][obs[0]]) for s in states}
    for o in obs[1:]:
        alpha = {s: logsumexp(alpha[q] + math.log(hmm["trans"][q][s]) for q in states) + math.log(hmm["emit"][s][o]) for s in states}
    return logsumexp(alpha.values())

def viterbi(obs, hmm) -> Tuple[float, List[str]]:
    V = [{s: (hmm["start"][s] * hmm["emit"][s][obs[0]], [s]) for s in hmm["start"]}]
    for o in obs[1:]:
        V.append({s: max((p * hmm["trans"][q][s] * hmm["emit"][s][o], path + [s]) for q, (p, path) in V[-1].items()) for s in hmm["start"]})
    return max(V[-1].values())

@functools.lru_cache(maxsize=None)
def soft_edit(a, b, gap=1.0, swap=1.5, gamma=0.2):
    if not a or not b:
        return gap * (len(a) + len(b))
    options = (soft_edit(a[1:], b, gap, swap) + gap, soft_edit(a, b[1:], gap, swap) + gap,
               soft_edit(a[1:], b[1:], gap, swap) + (0.0 if a[0] == b[0] else swap))
    return -gamma * math.log(sum(math.exp(-o / gamma) for o in options))

prob, path = viterbi(observations, hmm)
print(prob, "->".join(path))
loglik = forward(observations, hmm)
brute = sum(hmm["start"][p[0]] * math.prod(hmm["emit"][s][o] for s, o in zip(p, observations)) * math.prod(hmm["trans"][a][b] for a, b in itertools.pairwise(p)) for p in itertools.product(hmm["start"], repeat=3))
print("%.10f %.10f" % (loglik, math.log(brute)))
score = loglik - 0.1 * soft_edit("kitten", "sitting")
print("score", round(score, 9))
