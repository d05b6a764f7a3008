"""Plots of what was measured, each as SVG and as PNG."""
import textwrap

import matplotlib

matplotlib.use("svg")

import matplotlib.pyplot as plot  # noqa: E402: only after a backend is chosen
from matplotlib.ticker import LogLocator, NullLocator  # noqa: E402
from figures import number, ratios, slug, spread, way  # noqa: E402

COLOURS = {"ours": "#1b6ca8", "limit": "#2e7d32", "ring": "#8bc34a", "channels": "#e07b00", "peer": "#8e44ad",
           "note": "#9e9e9e"}
SERIES = ["#1b6ca8", "#e07b00", "#2e7d32", "#8e44ad", "#c62828", "#00838f", "#6d4c41", "#9e9e9e"]

# The same data make the same file; texts stay texts.
matplotlib.rcParams.update({"svg.hashsalt": "sluice", "svg.fonttype": "none", "font.size": 9, "axes.grid": True,
                            "axes.axisbelow": True, "grid.color": "#dddddd", "axes.spines.top": False,
                            "axes.spines.right": False, "figure.facecolor": "white"})


def save(figure, folder, name):
    """Both forms."""
    for ending, metadata in (("svg", {"Date": None}), ("png", {"Software": None})):
        figure.savefig(folder / f"{slug(name)}.{ending}", metadata=metadata, dpi=110, bbox_inches="tight")
    plot.close(figure)


def draw_row(row, folder):
    """A bar for each way: its time as a multiple of the limit's, or of ours where there is no limit."""
    base = way(row, "limit") or way(row, "ours")
    ways = [each for each in row["ways"] if each["wall"]]
    if not base or len(ways) < 2:
        return
    ways.sort(key=lambda each: -spread(ratios(each["wall"], base["wall"]))[0])
    figure, axes = plot.subplots(figsize=(8.5, 0.7 + 0.36 * len(ways)))
    for at, each in enumerate(ways):
        median, least, greatest = spread(ratios(each["wall"], base["wall"]))
        axes.barh(at, median, color=COLOURS.get(each["part"], "#9e9e9e"), height=0.66,
                  xerr=[[median - least], [greatest - median]], error_kw={"elinewidth": 1, "capsize": 2})
        label = f"  {number(spread(each['wall'])[0])} ns"
        axes.annotate(label, (greatest, at), va="center", xytext=(3, 0), textcoords="offset points")
    axes.set_yticks(range(len(ways)), [each["name"] for each in ways])
    axes.grid(axis="y", visible=False)
    greatest = max(max(ratios(each["wall"], base["wall"])) for each in ways)
    if greatest > 12:
        axes.set_xscale("log")
        axes.xaxis.set_major_formatter("{x:g}")
        axes.set_xlim(right=greatest * (greatest ** 0.18))
    else:
        axes.set_xlim(0, greatest * 1.15)
    axes.axvline(1, color="#444444", linewidth=0.8)
    axes.set_xlabel(f"time per {row['unit']}, as a multiple of: {base['name']}")
    busy = " (on a busy machine)" if row.get("busy") else ""
    axes.set_title(row["name"] + busy, loc="left")
    save(figure, folder, row["name"])


def spans_decades(curve):
    """Whether on a linear axis the lower ones of its lines would be one."""
    medians = [spread(values)[0] for series in curve["series"] for _, values in series["points"] if values]
    return bool(medians) and 0 < 50 * min(medians) < max(medians)


def draw_curve(curve, folder):
    """A line for each series, through the medians, in a band from the least to the greatest."""
    figure, axes = plot.subplots(figsize=(7.5, 4.2))
    for at, series in enumerate(curve["series"]):
        points = sorted((x, spread(values)) for x, values in series["points"] if values)
        xs = [x for x, _ in points]
        colour = SERIES[at % len(SERIES)]
        axes.fill_between(xs, [y[1] for _, y in points], [y[2] for _, y in points], color=colour, alpha=0.15,
                          linewidth=0)
        axes.plot(xs, [y[0] for _, y in points], marker="o", markersize=3.5, color=colour, label=series["name"])
    xs = sorted({x for series in curve["series"] for x, _ in series["points"]})
    if curve.get("x_log"):
        axes.set_xscale("log")
        if len(xs) <= 12:
            axes.set_xticks(xs, [f"{x:g}" for x in xs])
        axes.xaxis.set_minor_locator(NullLocator())
    if curve.get("y_log") or spans_decades(curve):
        axes.set_yscale("log")
        axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.yaxis.set_minor_locator(NullLocator())
        axes.yaxis.set_major_formatter("{x:g}")
    else:
        axes.set_ylim(bottom=0)
    axes.set_xlabel(curve["x"])
    axes.set_ylabel(textwrap.fill(curve["y"], 45))
    axes.set_title(curve["name"] + (" (on a busy machine)" if curve.get("busy") else ""), loc="left")
    if len(curve["series"]) > 1:
        beside = {"loc": "upper left", "bbox_to_anchor": (1, 1)} if len(curve["series"]) > 3 else {}
        axes.legend(frameon=False, **beside)
    save(figure, folder, curve["name"])


def draw(document, folder):
    """All plots of a document."""
    for row in document["rows"]:
        if not row.get("refused"):
            draw_row(row, folder)
    for curve in document["curves"]:
        if not curve.get("refused"):
            draw_curve(curve, folder)
