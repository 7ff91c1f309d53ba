import numpy as np

rng = np.random.default_rng(8)
centers = np.array([[0.0, 0.0], [3.0, 3.0], [0.0, 4.0]])
points = np.concatenate([c + 0.5 * rng.normal(size=(20, 2)) for c in centers])
means = points[[0, 25, 50]]
for iteration in range(20):
    distances = ((points[:, None, :] - means[None, :, :]) ** 2).sum(axis=2)
    nearest = np.argmin(distances, axis=1)
    updated = np.array([points[nearest == k].mean(axis=0) for k in range(3)])
    if np.allclose(updated, means):
        break
    means = updated
inertia = np.min(((points[:, None, :] - means[None, :, :]) ** 2).sum(axis=2), axis=1).sum()
print("iterations:", iteration)
print("sizes:", np.bincount(nearest))
print(np.round(means, 3))
print("inertia: %.6f" % inertia)
