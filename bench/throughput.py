"""Walk-forward coverage of throughput forecasts on real series, beside plain bootstrap.

python -m bench.throughput CSV... --date-column NAME
"""

from __future__ import annotations

import argparse
import csv
import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import numpy as np

from steerco.engine.refused import Refused
from steerco.engine.throughput import TUNED, Score, walk_forward

HORIZONS = (2, 4, 8, 13)
LEVELS = (0.5, 0.8, 0.95)
FORMS = (
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%d",
    "%d/%b/%y %I:%M %p",
    "%d/%m/%Y %H:%M",
    "%d/%m/%Y",
)


def moment(text: str) -> datetime | None:
    """A date in one of the usual forms; None for an empty one."""
    text = text.strip()
    if text.upper() in {"", "NULL", "NONE", "NAN", "?"}:
        return None
    try:
        return datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        pass
    for form in FORMS:
        try:
            return datetime.strptime(text, form)
        except ValueError:
            continue
    raise ValueError(f"no date: {text!r}")


def weekly(path: Path, column: str) -> np.ndarray:
    """Finished items per week of a CSV, from the first to the last date."""
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        reader = csv.DictReader(file)
        if column not in (reader.fieldnames or []):
            raise SystemExit(
                f"{path.name} has no column {column!r}; it has {', '.join(reader.fieldnames or [])}"
            )
        found = [moment(row[column] or "") for row in reader]
    days = np.array([m.toordinal() for m in found if m is not None])
    if not days.size:
        raise SystemExit(f"{path.name} has no date in column {column!r}")
    return np.bincount((days - days.min()) // 7)


def summary(scores: Sequence[Score]) -> dict[str, object]:
    """Scores of several series: coverage as the mean over series, CRPS relative to the series' mean outcome."""
    relative = [s.crps / max(s.mean_actual, 0.5) for s in scores]
    pooled = sum(s.forecasts for s in scores)
    return {
        "held": {p: float(np.mean([s.held[p] for s in scores])) for p in LEVELS},
        "held_pooled": {p: sum(s.held[p] * s.forecasts for s in scores) / pooled for p in LEVELS},
        "inside": {p: float(np.mean([s.inside[p] for s in scores])) for p in LEVELS},
        "relative_crps": float(np.mean(relative)),
        "forecasts": pooled,
        "refused": sum(s.refused for s in scores),
    }


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("csv", nargs="+", type=Path)
    parser.add_argument("--date-column", required=True)
    parser.add_argument("--step", type=int, default=1, help="weeks between forecasts")
    parser.add_argument("--draws", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--per-series", action="store_true")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    scores: dict[str, dict[int, list[Score]]] = {"steerco": {}, "bootstrap": {}}
    names: dict[int, list[str]] = {h: [] for h in HORIZONS}
    left_out = []
    for path in options.csv:
        counts = weekly(path, options.date_column)
        for horizon in HORIZONS:
            common = {"seed": options.seed, "step": options.step, "draws": options.draws, "levels": LEVELS}
            try:
                found = {
                    "steerco": walk_forward(counts, horizon, method=TUNED, **common),
                    "bootstrap": walk_forward(counts, horizon, method=None, **common),
                }
            except Refused as refusal:
                left_out.append(f"{path.stem} at {horizon} weeks: {refusal}")
                continue
            names[horizon].append(path.stem)
            for method, score in found.items():
                scores[method].setdefault(horizon, []).append(score)
    table = {m: {h: summary(s) for h, s in by.items()} for m, by in scores.items()}
    if options.json:
        print(
            json.dumps({"levels": LEVELS, "series": names, "left_out": left_out, "methods": table}, indent=1)
        )
        return
    print(
        "stated confidence that at least n items finish, and how often it held (mean over series; pooled in brackets)"
    )
    print(
        f"{'weeks':>5} {'method':<10} {'50 %':>12} {'80 %':>12} {'95 %':>12}   inside 50/80/95      CRPS/mean  forecasts"
    )
    for horizon in HORIZONS:
        for method, by in table.items():
            if horizon not in by:
                continue
            row = by[horizon]
            held = " ".join(
                f"{100 * row['held'][p]:5.1f} ({100 * row['held_pooled'][p]:4.1f})" for p in LEVELS
            )
            inside = "/".join(f"{100 * row['inside'][p]:.1f}" for p in LEVELS)
            print(
                f"{horizon:>5} {method:<10} {held}   {inside:<18} {row['relative_crps']:8.4f} {row['forecasts']:>8}"
            )
            if options.per_series:
                for name, score in zip(names[horizon], scores[method][horizon]):
                    print(f"        {name:<14} " + " ".join(f"{100 * score.held[p]:5.1f}" for p in LEVELS))
    for line in left_out:
        print("left out:", line)


if __name__ == "__main__":
    main()
