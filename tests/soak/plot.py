"""Curves over time as an SVG picture: panels below each other with one time axis, in nothing but text."""
import dataclasses
import html
import math

MOST_POINTS = 400    # of one curve: more than the eye can tell apart
WIDTH, PANEL, GAP, LEFT, RIGHT, TOP, BOTTOM = 900, 150, 46, 70, 20, 56, 40
COLOURS = ("#1f6fb4", "#d1690e", "#2b8a3e", "#c92a2a")


@dataclasses.dataclass
class Panel:
    title: str
    curves: dict    # name: list of (seconds, value); None is a gap


def picture(title, panels, marks=(), mark_name=""):
    """`marks`: seconds at which something happened, drawn through all panels."""
    last = max((at for panel in panels for curve in panel.curves.values() for at, _ in curve), default=1) or 1
    height = TOP + len(panels) * (PANEL + GAP) + BOTTOM
    bottom = TOP + len(panels) * (PANEL + GAP) - GAP

    def x(at):
        return LEFT + (WIDTH - LEFT - RIGHT) * at / last
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" font-size="12">',
             f'<rect width="{WIDTH}" height="{height}" fill="white"/>', text(LEFT, 16, title, size=14)]
    for at in marks:
        parts.append(f'<line x1="{x(at):.1f}" x2="{x(at):.1f}" y1="{TOP}" y2="{bottom}" stroke="#bbb" stroke-dasharray="3 3"/>')
    for index, panel in enumerate(panels):
        parts += drawn(panel, TOP + index * (PANEL + GAP), x)
    for tick in ticks(last, 8):
        parts.append(text(x(tick), bottom + 16, f"{tick:g}", anchor="middle"))
    footer = "seconds" + (f"; dashed: {mark_name}" if marks and mark_name else "")
    return "\n".join([*parts, text(LEFT, bottom + 34, footer), "</svg>\n"])


def drawn(panel, top, x):
    most = max((value for curve in panel.curves.values() for _, value in curve if value is not None), default=0) or 1
    most *= 1.1

    def y(value):
        return top + PANEL - PANEL * value / most
    yield text(LEFT, top - 8, panel.title)
    yield f'<rect x="{LEFT}" y="{top}" width="{WIDTH - LEFT - RIGHT}" height="{PANEL}" fill="none" stroke="#888"/>'
    for tick in ticks(most, 4):
        yield f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(tick):.1f}" y2="{y(tick):.1f}" stroke="#eee"/>'
        yield text(LEFT - 6, y(tick) + 4, f"{tick:g}", anchor="end")
    for index, (name, curve) in enumerate(panel.curves.items()):
        colour = COLOURS[index % len(COLOURS)]
        yield f'<path d="{path(thinned(curve), x, y)}" fill="none" stroke="{colour}" stroke-width="1.5"/>'
        yield text(WIDTH - RIGHT, top - 8, f"\u2014 {name}", anchor="end", colour=colour, shift=-130 * index)


def thinned(curve):
    """One point for each of many neighbours, the highest; a gap among them stays one."""
    size = math.ceil(len(curve) / MOST_POINTS)
    points = []
    for start in range(0, len(curve), max(size, 1)):
        bucket = curve[start:start + size]
        values = [point for point in bucket if point[1] is not None]
        points += [max(values, key=lambda point: point[1])] if values else []
        points += [point for point in bucket if point[1] is None][:1]
    return sorted(points, key=lambda point: point[0])


def path(curve, x, y):
    """A line through the points, interrupted at gaps."""
    steps, pen_is_up = [], True
    for at, value in curve:
        if value is not None:
            steps.append(f"{'M' if pen_is_up else 'L'}{x(at):.1f} {y(value):.1f}")
        pen_is_up = value is None
    return " ".join(steps)


def ticks(most, about):
    """Round numbers from 0 to `most`."""
    rough = most / about
    step = 10 ** math.floor(math.log10(rough))
    step *= next(factor for factor in (1, 2, 5, 10) if factor * step >= rough)
    return [step * n for n in range(int(most / step) + 1)]


def text(x, y, words, *, anchor="start", size=12, colour="#222", shift=0):
    return (f'<text x="{x + shift:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" fill="{colour}">'
            f"{html.escape(words)}</text>")
