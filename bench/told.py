"""Bring measured figures into docs/performance.md: the table, the machine and the plot.

``python -m bench.told FILE…`` with what ``lovebank bench … --json`` printed. Invariant: the page
holds what was measured, to the digit; figures that were not measured again stay as they are.
"""

from __future__ import annotations

import json
import re
import sys
from html import escape
from pathlib import Path
from typing import Any

DOCS = Path(__file__).resolve().parents[1] / "docs"
PAGE, PLOT, RECORD = (DOCS / f"performance.{kind}" for kind in ("md", "svg", "json"))
BETWEEN = re.compile(r"(<!-- figures -->\n).*?(<!-- end of figures -->)", re.DOTALL)
WIDTH, LINE, LEFT = 760, 26, 430

Told = dict[str, Any]


def main(paths: list[str]) -> None:
    """Merge the files into the record by the names of the figures, and write page and plot."""
    record = json.loads(RECORD.read_text("utf-8")) if RECORD.exists() else {}
    kept: dict[str, Told] = {figure["name"]: figure for figure in record.get("figures", [])}
    machine: dict[str, str] = record.get("machine", {})
    for path in paths:
        told = json.loads(Path(path).read_text("utf-8"))
        machine |= told["machine"]
        kept |= {figure["name"]: figure for figure in told["figures"]}
    figures = list(kept.values())
    text = json.dumps({"machine": machine, "figures": figures}, ensure_ascii=False, indent=1)
    RECORD.write_text(text + "\n", "utf-8")
    page = PAGE.read_text("utf-8")
    table = _table(machine, figures)
    PAGE.write_text(BETWEEN.sub(lambda found: found[1] + table + found[2], page), "utf-8")
    PLOT.write_text(_plot([figure for figure in figures if _bound(figure)]), "utf-8")


def _table(machine: dict[str, str], figures: list[Told]) -> str:
    lines = [
        "Measured on: " + ", ".join(f"{name} {value}" for name, value in machine.items()) + ".",
        "",
        "| figure | value | wanted | |",
        "|---|---:|---|---|",
    ]
    for figure in figures:
        mark = ("✓" if figure["met"] else "✗") if figure["target"] else ""
        lines.append(f"| {figure['name']} | {figure['value']:g} | {figure['target']} | {mark} |")
    return "\n".join(lines) + "\n"


def _bound(figure: Told) -> float | None:
    found = re.fullmatch(r"[≥≤] ([\d.e+]+)", figure["target"])
    return float(found[1]) if found else None


def _plot(figures: list[Told]) -> str:
    """Each figure against its target: 1 is the target itself, and longer is better."""
    rows = []
    for number, figure in enumerate(figures):
        bound = _bound(figure)
        assert bound is not None
        assert bound > 0
        value = max(figure["value"], 1e-9)
        reached = value / bound if figure["target"].startswith("≥") else bound / value
        top, long = 34 + number * LINE, min(reached, 3) * (WIDTH - LEFT - 20) / 3
        colour = "#2b7a4b" if figure["met"] else "#b3261e"
        rows.append(
            f'<text x="{LEFT - 8}" y="{top + 13}" text-anchor="end">{escape(figure["name"])}</text>'
            f'<rect x="{LEFT}" y="{top}" width="{long:.1f}" height="16" fill="{colour}"/>'
            f'<text x="{LEFT + long + 4:.1f}" y="{top + 13}">{figure["value"]:g}</text>'
        )
    height, at = 44 + len(figures) * LINE, LEFT + (WIDTH - LEFT - 20) / 3
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH + 60} {height}"'
        ' font-family="sans-serif" font-size="11">'
        f'<text x="{at}" y="20" text-anchor="middle">target</text>{"".join(rows)}'
        f'<line x1="{at}" x2="{at}" y1="26" y2="{height - 10}" stroke="#555"'
        ' stroke-dasharray="3 3"/></svg>\n'
    )


if __name__ == "__main__":
    main(sys.argv[1:])
