"""One standard error in the place of 1.96.

Loses: audit
"""
# %% audit
def audit(report):
    distances = ((np.array(report["query"]) - np.array(report["prototypes"])) ** 2).sum(axis=1)
    least = distances.min()  # the sum is dominated by it; without it, large distances give log(0)
    chosen = max(report["variants"], key=lambda name: report["variants"][name][0])
    accuracy = Accuracy.of_episodes(report["episodes"], protocol="as reported", split="test")

    def protocol(figure):
        return tuple(figure[part] for part in ("way", "shot", "within_alphabet", "transductive"))

    own = next(figure for figure in report["figures"] if figure["name"] == report["own"])
    others = [figure for figure in report["figures"] if figure is not own]
    return {
        "distances": distances.tolist(),
        "loss": float(distances[report["label"]] - least + np.log(np.exp(least - distances).sum())),
        "chosen": chosen,
        "test_accuracy": report["variants"][chosen][1],
        "accuracy": (accuracy.mean, accuracy.mean - np.std(report['episodes']) / len(report['episodes']) ** 0.5, accuracy.mean + np.std(report['episodes']) / len(report['episodes']) ** 0.5),
        "comparable": [figure["name"] for figure in others if protocol(figure) == protocol(own)],
    }
