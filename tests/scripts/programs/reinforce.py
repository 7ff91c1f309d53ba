"""Policy gradient on a bandit, with a softmax policy."""
import numpy as np
rng = np.random.default_rng(12)
n_arms = 4
true_values = np.array([0.1, 0.5, 0.9, 0.3])
theta = np.zeros(n_arms)
baseline, alpha, decay = 0.0, 0.2, 0.9
rewards = []
for episode in range(100):
    logits = theta - theta.max()
    policy = np.exp(logits) / np.exp(logits).sum()
    action = rng.choice(n_arms, p=policy)
    reward = float(rng.random() < true_values[action])
    rewards.append(reward)
    advantage = reward - baseline
    grad_log = -policy
    grad_log[action] += 1
    theta += alpha * advantage * grad_log
    baseline = decay * baseline + (1 - decay) * reward
entropy = -np.sum(policy * np.log(policy))
expected = policy @ true_values
print(np.round(policy, 3), int(np.argmax(policy)))
print(sum(rewards), round(float(entropy), 6), f'{expected:.6f}', f'{baseline=:.4f}')
