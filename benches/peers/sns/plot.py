"""Lines over doubly logarithmic axes as SVG, a panel for each kind of network; the standard library alone."""
import math

COLOURS = {"numpy": "#7b8794", "torch": "#c47f17", "sparse": "#9a6fb0", "iterative": "#4f8f5b", "ANNarchy": "#b5403c",
           "synfire, call": "#6ba4d9", "synfire, run": "#1f5fa8", "synfire, own g": "#17a2a2", "synfire, matrix": "#17a2a2"}
WIDTH, HEIGHT, LEFT, TOP, GAP_X, GAP_Y = 380, 260, 70, 56, 90, 84


def plot(panels, kinds):
    """`panels`: {kind: {name: [(neurons, microseconds)]}}."""
    points = [p for lines in panels.values() for line in lines.values() for p in line]
    if not points:
        return '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>\n'
    x = Axis([p[0] for p in points], WIDTH)
    y = Axis([p[1] for p in points], HEIGHT)
    rows = (len(kinds) + 1) // 2
    width, height = LEFT + 2 * WIDTH + GAP_X + 30, TOP + rows * (HEIGHT + GAP_Y) + 4
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
           'font-family="Ubuntu, Helvetica, sans-serif" font-size="12">', f'<rect width="{width}" height="{height}" fill="white"/>']
    names = [n for n in COLOURS if any(n in lines for lines in panels.values())]
    at = LEFT
    for name in names:
        out.append(f'<path d="M{at} 20h22" stroke="{COLOURS[name]}" stroke-width="{thick(name)}"/><text x="{at + 27}" y="24">{name}</text>')
        at += 48 + 7 * len(name)
    for k, kind in enumerate(kinds):
        left, top = LEFT + k % 2 * (WIDTH + GAP_X), TOP + k // 2 * (HEIGHT + GAP_Y)
        out.append(f'<g transform="translate({left} {top})">')
        out.append(f'<text x="0" y="-8" font-size="13">{kind[0]} layout, {kind[1].replace("_", "-")}</text>')
        for power in x.powers():
            at = x.at(10 ** power)
            out.append(f'<path d="M{at:.1f} 0v{HEIGHT}" stroke="#e3e6ea"/>'
                       f'<text x="{at:.1f}" y="{HEIGHT + 16}" text-anchor="middle">{named(10 ** power)}</text>')
        for power in y.powers():
            at = HEIGHT - y.at(10 ** power)
            out.append(f'<path d="M0 {at:.1f}h{WIDTH}" stroke="#e3e6ea"/>'
                       f'<text x="-6" y="{at + 4:.1f}" text-anchor="end">{timed(10.0 ** power)}</text>')
        out.append(f'<rect width="{WIDTH}" height="{HEIGHT}" fill="none" stroke="#9aa3ad"/>')
        out.append(f'<text x="{WIDTH / 2}" y="{HEIGHT + 34}" text-anchor="middle">neurons</text>')
        out.append(f'<text transform="translate(-54 {HEIGHT / 2}) rotate(-90)" text-anchor="middle">time per step</text>')
        for name, line in panels.get(kind, {}).items():
            ends = [(x.at(n), HEIGHT - y.at(t)) for n, t in sorted(line)]
            path = "L".join(f"{a:.1f} {b:.1f}" for a, b in ends)
            out.append(f'<path d="M{path}" fill="none" stroke="{COLOURS[name]}" stroke-width="{thick(name)}"/>')
            out += [f'<circle cx="{a:.1f}" cy="{b:.1f}" r="3" fill="{COLOURS[name]}"/>' for a, b in ends]
        out.append("</g>")
    return "\n".join(out + ["</svg>", ""])


class Axis:
    """A logarithmic axis over whole powers of ten."""

    def __init__(self, values, length):
        self.low, self.high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
        self.high, self.length = max(self.high, self.low + 1), length

    def at(self, value):
        return (math.log10(value) - self.low) / (self.high - self.low) * self.length

    def powers(self):
        return range(self.low, self.high + 1)


def thick(name):
    return 2.5 if name.startswith("synfire") else 1.5


def named(n):
    return f"{n:,}"


def timed(us):
    return f"{us / 1e6:g} s" if us >= 1e6 else f"{us / 1e3:g} ms" if us >= 1e3 else f"{us:g} us" if us >= 1 else f"{us * 1e3:g} ns"
