"""Plots as SVG: lines and bars, no more. Readable on light and dark pages: nothing is filled behind them, and the colours
follow the reader's setting."""

from dataclasses import dataclass
from html import escape
from math import log10

WIDTH, HEIGHT = 720, 380
LEFT, RIGHT, TOP, BOTTOM = 78, 34, 58, 54
BAR, BAR_GAP, BAR_LEFT = 26, 14, 190

LIGHT = {"ink": "#1f2328", "faint": "#8c959f", "first": "#0969da", "second": "#bc4c00", "third": "#1a7f37"}
DARK = {"ink": "#e6edf3", "faint": "#8b949e", "first": "#58a6ff", "second": "#f0883e", "third": "#3fb950"}
COLOURS = ("first", "second", "third")


def rules(colours):
    return " ".join(f".{name} {{ fill: {colour}; }} .{name}-line {{ stroke: {colour}; }}" for name, colour in colours.items())


STYLE = f"""<style>
text {{ font: 13px sans-serif; }} .title {{ font-size: 16px; font-weight: bold; }}
polyline {{ fill: none; stroke-width: 2.5; }} .dashed {{ stroke-dasharray: 6 5; stroke-width: 1.5; }}
line {{ stroke-width: 1; stroke-opacity: 0.35; }}
{rules(LIGHT)}
@media (prefers-color-scheme: dark) {{ {rules(DARK)} }}
</style>"""


@dataclass(frozen=True)
class Axis:
    """`ticks`: [(value, text)], the first at its begin and the last at its end."""

    title: str
    ticks: list
    logarithmic: bool = False

    def place(self, value):
        """From 0 to 1; what lies outside is at the edge."""
        first, last = self._scaled(self.ticks[0][0]), self._scaled(self.ticks[-1][0])
        return min(max((self._scaled(value) - first) / (last - first), 0.0), 1.0)

    def _scaled(self, value):
        return log10(value) if self.logarithmic else value


@dataclass(frozen=True)
class Line:
    name: str
    points: list  # [(x, y)]
    dashed: bool = False


def line_plot(title, x: Axis, y: Axis, lines) -> str:
    def at(point):
        return (LEFT + x.place(point[0]) * (WIDTH - LEFT - RIGHT),
                HEIGHT - BOTTOM - y.place(point[1]) * (HEIGHT - TOP - BOTTOM))

    parts = [text(16, 22, title, "ink title")]
    for value, label in x.ticks:
        across, _ = at((value, y.ticks[0][0]))
        parts += [rule(across, TOP, across, HEIGHT - BOTTOM), text(across, HEIGHT - BOTTOM + 18, label, anchor="middle")]
    for value, label in y.ticks:
        _, down = at((x.ticks[0][0], value))
        parts += [rule(LEFT, down, WIDTH - RIGHT, down), text(LEFT - 8, down + 4, label, anchor="end")]
    parts += [text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 12, x.title, anchor="middle"), text(LEFT, TOP - 8, y.title)]
    for number, line in enumerate(lines):
        colour = COLOURS[number % len(COLOURS)]
        points = " ".join(f"{across:.1f},{down:.1f}" for across, down in map(at, line.points))
        dashed = " dashed" if line.dashed else ""
        parts += [f'<polyline class="{colour}-line{dashed}" points="{points}"/>',
                  text(LEFT + 14, TOP + 20 + 18 * number, line.name, style=colour)]
    return picture(HEIGHT, title, parts)


def bar_plot(title, bars, unit, strong) -> str:
    """`bars`: [(label, value)], from top to bottom; labels that start with `strong` are in colour."""
    most = max(value for _, value in bars)
    parts = [text(16, 22, title, "ink title")]
    for number, (label, value) in enumerate(bars):
        down = TOP + number * (BAR + BAR_GAP)
        width = value / most * (WIDTH - BAR_LEFT - 110)
        parts += [text(BAR_LEFT - 10, down + BAR / 2 + 5, label, anchor="end"),
                  f'<rect class="{"first" if label.startswith(strong) else "faint"}" x="{BAR_LEFT}" y="{down}" '
                  f'width="{width:.1f}" height="{BAR}" rx="3"/>',
                  text(BAR_LEFT + width + 8, down + BAR / 2 + 5, f"{value:.1f} {unit}")]
    return picture(TOP + len(bars) * (BAR + BAR_GAP) + 6, title, parts)


def nice_ticks(most, unit=1, wanted=5):
    """Ticks from 0 to at least `most`, at round values, labelled in `unit`."""
    rough = max(most / unit, 1e-9) / wanted
    power = 10 ** int(log10(rough) // 1)
    step = next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= rough)
    count = -int(-most / unit // step)
    return [(number * step * unit, f"{number * step:g}") for number in range(count + 1)]


def text(x, y, words, style="ink", anchor="start"):
    return f'<text class="{style}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'


def rule(x1, y1, x2, y2):
    return f'<line class="faint-line" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def picture(height, title, parts):
    return "\n".join([f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
                      f'aria-label="{escape(title)}">', STYLE, *parts, "</svg>", ""])
