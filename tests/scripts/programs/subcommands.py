"""Trains, evaluates and predicts with a tiny linear model; the model lives in a JSON file between the commands."""
import argparse
import json
import os
import sys
import tempfile

import numpy as np


def load_data(n=40, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.uniform(-1, 1, size=(n, 2))
    y = X @ np.array([2.0, -3.0]) + 0.5 + 0.1 * rng.normal(size=n)
    return X, y


def predict(model, X):
    return X @ np.asarray(model["weights"]) + model["bias"]


def cmd_train(args):
    X, y = load_data(seed=args.seed)
    w = np.zeros(2)
    b = 0.0
    for epoch in range(args.epochs):
        err = X @ w + b - y
        loss = (err ** 2).mean() + args.l2 * (w ** 2).sum()
        w -= args.lr * (2 * X.T @ err / len(y) + 2 * args.l2 * w)
        b -= args.lr * 2 * err.mean()
        if not args.quiet and epoch % 10 == 0:
            print(f"epoch {epoch:3d} loss {loss:.5f}")
    with open(args.model, "w") as f:
        json.dump({"weights": w.tolist(), "bias": float(b)}, f, indent=2)
    print(f"saved to {os.path.basename(args.model)}")
    return 0


def cmd_eval(args):
    with open(args.model) as f:
        model = json.load(f)
    X, y = load_data(seed=args.seed)
    err = predict(model, X) - y
    mse = np.mean(err ** 2)
    mae = np.mean(np.abs(err))
    print(json.dumps({"mse": round(float(mse), 6), "mae": round(float(mae), 6)}))
    return 0 if mse < args.threshold else 2


def build_parser():
    parser = argparse.ArgumentParser(prog="linmodel", description=__doc__)
    parser.add_argument("--seed", type=int, default=0)
    sub = parser.add_subparsers(dest="command", required=True)
    train = sub.add_parser("train", help="fit the model")
    train.add_argument("model")
    train.add_argument("--epochs", type=int, default=30)
    train.add_argument("--lr", type=float, default=0.1)
    train.add_argument("--l2", type=float, default=0.001)
    train.add_argument("-q", "--quiet", action="store_true")
    train.set_defaults(func=cmd_train)
    evaluate = sub.add_parser("eval", help="score the model")
    evaluate.add_argument("model")
    evaluate.add_argument("--threshold", type=float, default=0.5)
    evaluate.set_defaults(func=cmd_eval)
    return parser


def main(argv=None):
    parser = build_parser()
    argv = sys.argv[1:] if argv is None else argv
    if argv != ["demo"]:
        args = parser.parse_args(argv)
        return args.func(args)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "model.json")
        main(["train", path, "--epochs", "50"])
        return main(["--seed", "1", "eval", path, "--threshold", "0.001"])


if __name__ == "__main__":
    raise SystemExit(main())
