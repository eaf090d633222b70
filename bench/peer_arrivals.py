"""PyOcto on picks; runs inside the peer's own environment.

`python peer_arrivals.py IN.npz OUT.npz`. In: `station_km` (s, 2) or (s, 3), z down; `station`,
`phase` and `time_s` (n,); `speed_km_s` (2,); `depth_max_km`; `settings` (k, 4): least picks, least
stations with P and S, match tolerance in s, cut-off in km. Out: `owner` (k, n), -1 for none;
`cpu_s` (k,), of the association alone. Truth never comes here: whoever calls picks the setting.
"""

import sys
import time

import numpy as np
import pandas as pd
import pyocto

MARGIN_KM = 10.0  # around the stations, as our search does


def main(given: str, made: str) -> None:
    """Associate with every setting, one after the other."""
    with np.load(given) as arrays:
        inputs = dict(arrays)
    settings = inputs["settings"]
    owner = np.full((len(settings), len(inputs["time_s"])), -1, np.int64)
    cpu_s = np.empty(len(settings))
    picks, stations = _tables(inputs)
    for i, setting in enumerate(settings):
        peer = _peer(inputs, setting)
        start_s = time.process_time()
        _, assigned = peer.associate(picks.copy(), stations.copy())
        cpu_s[i] = time.process_time() - start_s
        if len(assigned):
            owner[i, assigned["pick_idx"].to_numpy()] = assigned["event_idx"].to_numpy()
    np.savez(made, owner=owner, cpu_s=cpu_s)


def _tables(inputs: dict) -> tuple[pd.DataFrame, pd.DataFrame]:
    place_km = inputs["station_km"]
    names = np.array([f"s{i}" for i in range(len(place_km))])
    stations = pd.DataFrame({"id": names, "x": place_km[:, 0], "y": place_km[:, 1]})
    stations["z"] = place_km[:, 2] if place_km.shape[1] > 2 else 0.0  # noqa: PLR2004
    picks = pd.DataFrame({"station": names[inputs["station"]], "time": inputs["time_s"]})
    picks["phase"] = np.where(inputs["phase"] == 0, "P", "S")
    return picks, stations


def _peer(inputs: dict, setting: np.ndarray) -> pyocto.OctoAssociator:
    place_km = inputs["station_km"][:, :2]
    low, high = place_km.min(axis=0) - MARGIN_KM, place_km.max(axis=0) + MARGIN_KM
    speed_p_km_s, speed_s_km_s = inputs["speed_km_s"]
    n_picks, n_both, tolerance_s, cutoff_km = setting
    model = pyocto.VelocityModel0D(
        p_velocity=float(speed_p_km_s),
        s_velocity=float(speed_s_km_s),
        tolerance=2.0,
        association_cutoff_distance=float(cutoff_km),
    )
    return pyocto.OctoAssociator(
        xlim=(low[0], high[0]),
        ylim=(low[1], high[1]),
        zlim=(0.0, float(inputs["depth_max_km"])),
        time_before=300.0,
        velocity_model=model,
        n_picks=int(n_picks),
        n_p_picks=2,
        n_s_picks=2,
        n_p_and_s_picks=int(n_both),
        pick_match_tolerance=float(tolerance_s),
        n_threads=1,
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
