"""scikit-learn's DBSCAN and HDBSCAN on reports; runs inside the peers' own environment.

`python peer_clusters.py IN.npz OUT.npz`. In: `columns` (n, 3) x and y in km and time in days;
`settings` (k, 2) what one unit is worth in km and in days; `method`, 0 DBSCAN (eps is 1 unit),
1 HDBSCAN. Out: `labels` (k, n), a report in no cluster with a number of its own; `cpu_s` (k,), of
scaling and clustering, without imports. Truth never comes here: whoever calls picks the setting.
"""

import sys
import time

import numpy as np
from sklearn.cluster import DBSCAN, HDBSCAN


def main(given: str, made: str) -> None:
    """Cluster with every setting, one after the other."""
    with np.load(given) as arrays:
        columns, settings, method = arrays["columns"], arrays["settings"], int(arrays["method"])
    labels = np.empty((len(settings), len(columns)), np.int64)
    cpu_s = np.empty(len(settings))
    for i, (km, day) in enumerate(settings):
        start_s = time.process_time()
        scaled = columns / np.array((km, km, day))
        labels[i] = _alone(_peer(method).fit_predict(scaled))
        cpu_s[i] = time.process_time() - start_s
    np.savez(made, labels=labels, cpu_s=cpu_s)


def _peer(method: int) -> DBSCAN | HDBSCAN:
    if method == 0:
        return DBSCAN(eps=1.0, min_samples=2, n_jobs=1)
    return HDBSCAN(min_cluster_size=2, min_samples=1, n_jobs=1, copy=False)


def _alone(labels: np.ndarray) -> np.ndarray:
    """Give each report that is in no cluster a number of its own."""
    noise = labels < 0
    return np.where(noise, labels.max(initial=-1) + 1 + np.cumsum(noise), labels)


if __name__ == "__main__":
    main(*sys.argv[1:])
