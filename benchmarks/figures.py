"""What render and plots compute of the raw data; README.md describes its form."""
import statistics

KEYS = ("rows", "curves", "facts")


def merge(documents):
    """One document of all: a later row, curve or fact replaces an earlier one of its name. Each knows its day."""
    merged = {"machine": {}, **{key: {} for key in KEYS}}
    for document in documents:
        merged["machine"] = document.get("machine", {}) or merged["machine"]
        for key in KEYS:
            for entry in document.get(key, []):
                measured = entry.get("measured") or document.get("machine", {}).get("date", "")
                merged[key][entry["name"]] = {**entry, "measured": measured}
    return {"machine": merged["machine"], **{key: list(merged[key].values()) for key in KEYS}}


def spread(values):
    """Median, least, greatest."""
    return statistics.median(values), min(values), max(values)


def ratios(above, below):
    """Of the values that were measured in the same repetition."""
    return [a / b for a, b in zip(above, below) if b > 0]


def way(row, part):
    """The first way of this part that has been measured; None if there is none."""
    return next((each for each in row["ways"] if each["part"] == part and each["wall"]), None)


def reached(row):
    """For each target of a row: what is to be reached, as words; what was, as (median, least, greatest); whether."""
    ours, result = way(row, "ours"), []
    if row.get("refused") or not ours:
        return result
    unit = row["unit"]
    for name, wanted in row.get("targets", {}).items():
        limit, channels = way(row, "limit"), way(row, "channels")
        if name == "at_most_ns":
            got = spread(ours["wall"])
            result.append((f"≤ {number(wanted)} ns per {unit}", got, got[0] <= wanted))
        elif name == "at_most_limits" and limit:
            got = spread(ratios(ours["wall"], limit["wall"]))
            result.append((f"≤ {number(wanted)} × the limit", got, got[0] <= wanted))
        elif name == "times_channels" and channels:
            got = spread(ratios(channels["wall"], ours["wall"]))
            result.append((f"≥ {number(wanted)} × faster than channels", got, got[0] >= wanted))
    return result


def bounds(target):
    """A target of a curve or a fact: as words, and a function that says whether a value reaches it; None if none."""
    at_most, at_least = (target or {}).get("at_most"), (target or {}).get("at_least")
    words = [f"{sign} {number(value)}" for sign, value in (("≤", at_most), ("≥", at_least)) if value is not None]
    if not words:
        return None

    def holds(value):
        return (at_most is None or value <= at_most) and (at_least is None or value >= at_least)

    return " and ".join(words), holds


def growth(series):
    """The greatest median of a series, as a multiple of its least."""
    medians = [statistics.median(values) for _, values in series["points"] if values]
    return max(medians) / min(medians) if medians and min(medians) > 0 else float("inf")


def number(value):
    """As many digits as one wants to read."""
    if value == int(value) and abs(value) < 1e6:
        return str(int(value))
    size = abs(value)
    if size >= 1e6:
        return f"{value:,.0f}"
    return f"{value:.2f}" if size < 10 else f"{value:.1f}" if size < 100 else f"{value:.0f}"


def heading(name):
    """What a link to the heading of that name says behind #."""
    return "".join(c.lower() for c in name if c.isalnum() or c in "_- ").replace(" ", "-")


def slug(name):
    """A file's name."""
    kept = "".join(c.lower() if c.isalnum() else " " for c in name)
    return "-".join(kept.split())
