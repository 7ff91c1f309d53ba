import asyncio, threading, queue
from concurrent.futures import ThreadPoolExecutor
import numpy as np
rng = np.random.default_rng(3)
weights = rng.normal(size=6)
def work(i):
    return np.tanh(weights[i]) * (i + 1)
with ThreadPoolExecutor(4) as pool:
    parts = list(pool.map(work, range(6)))
total = sum(parts)
async def fetch(i):
    await asyncio.sleep(0.001 * (3 - i))
    return weights[i] ** 2
async def main():
    done = await asyncio.gather(*(fetch(i) for i in range(3)))
    return sum(done)
norm = asyncio.run(main())
results = queue.Queue()
threads = [threading.Thread(target=lambda i=i: results.put((i, float(weights[i])))) for i in range(3)]
for t in threads: t.start()
for t in threads: t.join()
print(sorted(results.get()[0] for _ in range(3)))
score = total - 0.1 * norm
print("%.8f" % score, len(parts))
