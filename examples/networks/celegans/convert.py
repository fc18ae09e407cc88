#!/usr/bin/env python3
"""Makes the tables of this folder from the two published files that README.md names.

    python3 convert.py FOLDER_WITH_THE_TWO_FILES

Nothing is left out silently: at the end stands what was read and what was not taken.
"""

import csv
import json
import re
import sys
from collections import Counter
from pathlib import Path

source = Path(sys.argv[1])
here = Path(__file__).parent
with open(source / "herm_full_edgelist.csv", newline="") as f:
    # fields are padded with spaces
    rows = [[field.strip() for field in row] for row in csv.reader(f)][1:]
cells = json.loads((source / "owmeta_cache.json").read_text())
neurons = sorted(cells["neuron_info"])
muscles = sorted(cells["muscle_info"])


def plain(name):
    """The edge list writes `VB07` and `dBWML1`, the table of cells `VB7` and `MDL01`."""
    if m := re.fullmatch(r"(AS|DA|DB|DD|VA|VB|VC|VD)0(\d)", name):
        return m[1] + m[2]
    if m := re.fullmatch(r"([dv])BWM([LR])(\d+)", name):
        return f"M{m[1].upper()}{m[2]}{int(m[3]):02}"
    return name


def cell_class(name):
    """Cells that differ by number or side alone are of one class: VB1 to VB11 are VB, AVAL and AVAR are AVA."""
    stem = re.sub(r"\d+$", "", name)
    if stem == name and name[-1] in "LR" and name[:-1] + "LR".replace(name[-1], "") in cells["neuron_info"]:
        stem = name[:-1]
    return stem


touch = {"ALML": "anterior", "ALMR": "anterior", "AVM": "anterior", "PLML": "posterior", "PLMR": "posterior"}
neuron_at = {name: k for k, name in enumerate(neurons)}
muscle_at = {name: k for k, name in enumerate(muscles)}


def write(name, header, lines):
    with open(here / name, "w", newline="") as f:
        out = csv.writer(f, lineterminator="\n")
        out.writerow(header)
        out.writerows(lines)


def described(name):
    _, roles, _, transmitters, *_ = cells["neuron_info"][name]
    sign = -1 if "GABA" in transmitters else 1
    return [name, cell_class(name), " ".join(roles), " ".join(transmitters), sign, touch.get(name, "")]


write("neurons.csv", ["name", "class", "roles", "transmitters", "sign", "touch"], map(described, neurons))
write("muscles.csv", ["name", "quadrant"], [[m, m[1:3]] for m in muscles])

chemical, neuromuscular = [], []
junctions = {"neurons": {}, "muscles": {}, "mixed": {}}
left_out = Counter()
for a, b, contacts, kind in rows:
    a, b, contacts = plain(a), plain(b), int(contacts)
    ends = ("n" if a in neuron_at else "m" if a in muscle_at else "-") + ("n" if b in neuron_at else "m" if b in muscle_at else "-")
    if kind == "chemical" and ends == "nn":
        chemical.append([neuron_at[a], neuron_at[b], contacts])
    elif kind == "chemical" and ends == "nm":
        neuromuscular.append([neuron_at[a], muscle_at[b], contacts])
    elif kind == "electrical" and ends in ("nn", "mm"):
        at, group = (neuron_at, "neurons") if ends == "nn" else (muscle_at, "muscles")
        pair = (at[a], at[b])
        there = pair[0] <= pair[1]
        both = junctions[group].setdefault(pair if there else pair[::-1], ["", ""])
        assert both[not there] == "", "a row stands twice"
        both[not there] = contacts
    else:
        left_out[(kind, ends)] += 1


def one_per_pair(pairs):
    """Each junction once; its contacts are the larger of the two numbers, for a junction conducts both ways."""
    for (a, b), (there, back) in sorted(pairs.items()):
        yield [a, b, there, back, max(there or 0, back or 0)]


write("chemical.csv", ["pre", "post", "contacts"], sorted(chemical))
write("neuromuscular.csv", ["pre", "post", "contacts"], sorted(neuromuscular))
header = ["a", "b", "a_to_b", "b_to_a", "contacts"]
write("junctions.csv", header, one_per_pair(junctions["neurons"]))
write("muscle_junctions.csv", header, one_per_pair(junctions["muscles"]))

print(f"{len(neurons)} neurons, {len(muscles)} muscles, {len(rows)} rows read")
for name, table in [("chemical", chemical), ("neuromuscular", neuromuscular)]:
    print(f"{name}: {len(table)} rows, {sum(row[2] for row in table)} contacts")
for name in ("neurons", "muscles"):
    both = [x for pair in junctions[name].values() for x in pair if x != ""]
    print(f"junctions of {name}: {len(both)} rows, {sum(both)} contacts, {len(junctions[name])} pairs")
print("left out (n neuron, m body-wall muscle, - other cell):")
for (kind, ends), count in sorted(left_out.items()):
    print(f"  {kind} {ends}: {count} rows")
