"""Tables of what was asked and what was measured, as Markdown."""

from dataclasses import dataclass, field


@dataclass
class Row:
    """One figure. `target` is what issue or plan asks for; `relation` how the figure must stand to it."""

    what: str
    value: float | str | None
    unit: str = ""
    target: float | None = None
    relation: str = ">="
    note: str = ""

    def met(self) -> bool | None:
        if self.target is None or not isinstance(self.value, (int, float)):
            return None
        return self.value >= self.target if self.relation == ">=" else self.value <= self.target

    def cells(self) -> list[str]:
        symbol = {">=": "at least", "<=": "at most"}[self.relation]
        asked = f"{symbol} {show(self.target)}{unit(self.unit)}" if self.target is not None else "-"
        measured = self.value if isinstance(self.value, str) else (
            "-" if self.value is None else f"{show(self.value)}{unit(self.unit)}")
        ratio = "-"
        if self.met() is not None and self.target:
            ratio = f"{self.value / self.target:.2f}"
        verdict = {True: "yes", False: "**no**", None: "-"}[self.met()]
        return [self.what, asked, measured, ratio, verdict, self.note]


@dataclass
class Group:
    title: str
    rows: list[Row] = field(default_factory=list)
    tables: list[tuple[list[str], list[list[str]]]] = field(default_factory=list)
    """Further tables: heads and rows."""
    notes: list[str] = field(default_factory=list)

    def markdown(self) -> str:
        parts = [f"## {self.title}"]
        if self.rows:
            parts.append(table(
                ["what", "asked", "measured", "measured / asked", "met", "how"],
                [row.cells() for row in self.rows]))
        parts += [table(heads, rows) for heads, rows in self.tables]
        if self.notes:
            parts.append("\n".join(f"- {note}" for note in self.notes))
        return "\n\n".join(parts)


def unit(name: str) -> str:
    return "" if not name else name if name == "%" else f" {name}"


def show(value: float) -> str:
    """Four significant digits at most, thousands separated."""
    if isinstance(value, int) or abs(value) >= 1000:
        return f"{value:,.0f}"
    if abs(value) >= 100:
        return f"{value:.0f}"
    if abs(value) >= 10:
        return f"{value:.1f}"
    # Cosines are told apart by how far they are from 1.
    digits = 6 if 0.999 < abs(value) < 1 else 3
    return f"{value:.{digits}f}"


def table(heads: list[str], rows: list[list[str]]) -> str:
    def line(cells):
        return "| " + " | ".join(str(cell).replace("|", "\\|") for cell in cells) + " |"

    return "\n".join([line(heads), line(["---"] * len(heads))] + [line(row) for row in rows])
