#!/usr/bin/env python3
"""The table of compiled kernels: what a real GPU's compiler makes of every kernel, without that GPU.

    cargo build --release && python3 benches/kernels/table.py --synfire target/release/synfire

Wants gcc; on Debian and Ubuntu `apt-get install mesa-vulkan-drivers libvulkan-dev`. Writes benches/results/kernels.md and kernels.csv (with
--check nothing), and prints what differs from the kernels.csv that was there, and which kernels became worse; reading.md, what a person read in the table, is put
into it. Ends with 1 if a kernel spills registers or cannot be compiled, with 3 if one became worse. Tables of two versions of Mesa are not compared.

A network is run for a millisecond on the software adapter, under a Vulkan layer (modules.c) that keeps the SPIR-V of each kernel: what wgpu gives
a driver, with its checks. Mesa's RADV compiles that for a card that is not there (compile.c), and tells registers and instructions and what
its scheduler expects: with one version of Mesa the same numbers on every machine. They are static: the body of a loop counts once, and so
does a branch that is never taken.
"""
import argparse
import concurrent.futures
import csv
import datetime
import glob
import json
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile

import networks
from loops import Loops

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
SCHEDULES = ["resident", "fused", "two-pass"]
# RDNA 2, RDNA 3, and GCN 5, which has no small waves: 64-wide registers of a SIMD, most subgroups on it as the driver counts them
FAMILIES = {"navi21": (512, 32), "gfx1100": (768, 32), "vega10": (256, 10)}
FIRST = "navi21"
# column of the CSV: the driver's word
STATISTICS = {
    "vgprs": "VGPRs",
    "sgprs": "SGPRs",
    "spilled_vgprs": "Spilled VGPRs",
    "spilled_sgprs": "Spilled SGPRs",
    "scratch_bytes": "Scratch size",
    "workgroup_bytes": "LDS size",
    "subgroups": "Subgroups per SIMD",
    "instructions": "Instructions",
    "branches": "Branches",
    "latency": "Latency",
    "inverse_throughput": "Inverse Throughput",
}
KEY = ["network", "schedule", "kernel", "family"]
LOOPS = ["in_step_loop", "in_synapse_loop", "instructions_unbounded", "in_synapse_loop_unbounded", "inverse_throughput_unbounded"]
COLUMNS = KEY + ["driver", "threads"] + list(STATISTICS) + LOOPS
# SPIR-V: words before the first instruction, and opcodes
HEADER, EXECUTION_MODE, LOCAL_SIZE, TYPE_INT, CONSTANT, ALL, NOT_EQUAL = 5, 16, 17, 21, 43, 155, 171
SPILLS = ["spilled_vgprs", "spilled_sgprs", "scratch_bytes"]
# a kernel is worse if one of these grew by more than this share: less is the order in which a compiler places things
COSTS = ["instructions", "in_step_loop", "in_synapse_loop", "inverse_throughput"]
SLACK = 0.03


def driver(name):
    """The loader's words for one driver and no other."""
    for folder in ("/usr/share/vulkan/icd.d", "/etc/vulkan/icd.d", "/usr/local/share/vulkan/icd.d"):
        for path in sorted(glob.glob(f"{folder}/{name}_icd*.json")):
            # the second is for loaders before 1.3.207
            return {"VK_DRIVER_FILES": path, "VK_ICD_FILENAMES": path}
    sys.exit(f"no Vulkan driver `{name}`: apt-get install mesa-vulkan-drivers")


def called(command, **environment):
    return subprocess.run(command, env={**os.environ, **environment}, capture_output=True, text=True)


def build(folder):
    """The layer with its manifest, and the compiler's front."""
    for out, words in (("libmodules.so", ["-shared", "-fPIC", "modules.c"]), ("compile", ["compile.c", "-lvulkan"])):
        made = called(["gcc", "-O1", "-Wall", "-o", f"{folder}/{out}"] + [f"{HERE}/{w}" if w.endswith(".c") else w for w in words])
        if made.returncode:
            sys.exit(f"{made.stderr}\ngcc and libvulkan-dev are wanted")
    layer = {
        "name": "VK_LAYER_SYNFIRE_modules",
        "type": "GLOBAL",
        "library_path": f"{folder}/libmodules.so",
        "api_version": "1.3.0",
        "implementation_version": "1",
        "description": "keeps compute kernels",
    }
    with open(f"{folder}/modules.json", "w") as out:
        json.dump({"file_format_version": "1.1.2", "layer": layer}, out)


class Module:
    """A kernel as wgpu gives it to a driver."""

    def __init__(self, path):
        self.path, self.layout = path, path[:-3] + "txt"
        with open(self.layout, encoding="utf-8") as text:
            self.entry = text.readline().split()[1]
        with open(path, "rb") as code:
            self.code = code.read()

    def instructions(self):
        """Opcode and words of each, its first word included."""
        words = struct.unpack(f"<{len(self.code) // 4}I", self.code)
        at = HEADER
        while at < len(words):
            length = words[at] >> 16
            yield words[at] & 0xFFFF, list(words[at : at + length])
            at += length

    def threads(self):
        """Of a workgroup."""
        for opcode, words in self.instructions():
            if opcode == EXECUTION_MODE and words[2] == LOCAL_SIZE:
                return words[3] * words[4] * words[5]
        raise ValueError(f"{self.path}: no size of a workgroup")

    def without_bounds(self):
        """A file of the same kernel whose loops are not counted.

        wgpu bounds every loop: it counts 2^64 turns down in two words and leaves at 0, the one place where `all` is asked. The answer
        made a comparison of a number with itself, the compiler drops the rest.
        """
        words, number = list(struct.unpack(f"<{HEADER}I", self.code[: 4 * HEADER])), None
        types = set()
        for opcode, instruction in self.instructions():
            if opcode == TYPE_INT:
                types.add(instruction[1])
            elif opcode == CONSTANT and instruction[1] in types:
                number = instruction[2]
            elif opcode == ALL:
                instruction = [5 << 16 | NOT_EQUAL, instruction[1], instruction[2], number, number]
            words += instruction
        path = self.path[:-4] + ".unbounded.spv"
        with open(path, "wb") as out:
            out.write(struct.pack(f"<{len(words)}I", *words))
        return path


def workgroups(arguments, network, changes):
    """Threads of a workgroup by schedule, as they are on a GPU within what every browser allows: a software adapter takes smaller ones."""
    told = called([arguments.synfire, "explain", network] + changes, **driver("lvp"))
    if told.returncode:
        sys.exit(told.stderr)
    return dict(re.findall(r"^  (resident|fused|two-pass)(?: \(taken\))? +(\d+) ", told.stdout, re.M))


def modules(arguments, folder, verb, network, changes, schedule, threads, options):
    """The kernels of a network, or why it has none under that schedule."""
    kept = tempfile.mkdtemp(dir=folder)
    command = [arguments.synfire, verb, network, "--adapter", "llvmpipe", "--schedule", schedule, "--duration", "1 ms", "--quiet"]
    command += ["--no-picture", "--force", "--out", f"{kept}/out"] + changes
    command += ["--workgroup", threads] if threads else []
    command += options
    command += ["--measure", "rate"] if verb == "sweep" else ["--no-measures"]
    layer = {"KERNELS_TO": kept, "VK_LAYER_PATH": folder, "VK_INSTANCE_LAYERS": "VK_LAYER_SYNFIRE_modules"}
    ran = called(command, **layer, **driver("lvp"))
    found, seen = [], set()
    for path in sorted(glob.glob(f"{kept}/*.spv")):
        module = Module(path)
        # wgpu's own are called `main`; a network may have its kernels made twice
        if module.entry != "main" and module.code not in seen:
            seen.add(module.code)
            found.append(module)
    if refused := re.search(r"^error\[E190\]: (schedule .*)", ran.stderr, re.M):
        return [], refused[1]
    if ran.returncode or not found:
        sys.exit(f"{' '.join(command)}\n{ran.stdout}{ran.stderr}")
    return found, None


def compiled(folder, module, path, family):
    """What the driver says of a module's file, as words to values; and the instructions."""
    code = f"{path}.{family}.txt"
    environment = {"RADV_FORCE_FAMILY": family, "MESA_SHADER_CACHE_DISABLE": "true", **driver("radeon")}
    made = called([f"{folder}/compile", path, module.layout, code], **environment)
    if made.returncode:
        sys.exit(f"{module.entry} for {family}: {made.stderr}")
    told = dict(line.split("\t") for line in made.stdout.splitlines())
    with open(code) as text:
        return told, Loops(text.read())


class Table:
    def __init__(self, arguments, folder):
        self.arguments, self.folder = arguments, folder
        self.rows, self.refused, self.mesa = [], [], ""
        self.pool = concurrent.futures.ThreadPoolExecutor(os.cpu_count())

    def add(self, name, verb, network, changes, schedules=SCHEDULES, families=FAMILIES, options=()):
        changes = [word for change in changes for word in ("--set", change)]
        # of a sweep's ranges `explain` knows nothing, and they change no size
        threads = workgroups(self.arguments, network, changes if verb == "run" else [])
        for schedule in schedules:
            found, reason = modules(self.arguments, self.folder, verb, network, changes, schedule, threads.get(schedule), options)
            if reason:
                self.refused.append((name, schedule, reason))
            entries = [module.entry for module in found]
            for k, module in enumerate(found):
                # passes and pages by their number
                number = f" {entries[:k].count(module.entry)}" if entries.count(module.entry) > 1 else ""
                todo = [(path, family) for path in (module.path, module.without_bounds()) for family in families]
                done = dict(zip(todo, self.pool.map(lambda each: compiled(self.folder, module, *each), todo)))
                for family in families:
                    (told, loops), (bare, bare_loops) = done[todo[0][0], family], done[todo[-1][0], family]
                    self.mesa = told["driver"]
                    row = dict(zip(KEY, (name, schedule, module.entry + number, family)))
                    row["driver"], row["threads"] = told["driver"], module.threads()
                    row.update((column, int(told[word])) for column, word in STATISTICS.items())
                    row["in_step_loop"], row["in_synapse_loop"] = loops.steps(apart=schedule == "fused"), loops.synapses()
                    row["instructions_unbounded"], row["in_synapse_loop_unbounded"] = int(bare["Instructions"]), bare_loops.synapses()
                    row["inverse_throughput_unbounded"] = int(bare["Inverse Throughput"])
                    self.rows.append(row)
            print(f"{name}, {schedule}: {', '.join(entries) or reason}", flush=True)

    def add_text(self, name, text, **more):
        path = f"{tempfile.mkdtemp(dir=self.folder)}/network.toml"
        with open(path, "w") as out:
            out.write(text)
        self.add(name, "run", path, [], **more)

    def row(self, name, schedule, kernel):
        wanted = dict(zip(KEY, (name, schedule, kernel, FIRST)))
        return next((row for row in self.rows if all(row[key] == value for key, value in wanted.items())), None)


def held_by(row):
    """What keeps more subgroups from a SIMD: the driver counts in halves of a subgroup of 64 but on GCN."""
    registers, most = FAMILIES[row["family"]]
    if row["subgroups"] >= most:
        return ""
    part = 1 if row["family"] == "vega10" else 2
    allowed = min(most, registers // row["vgprs"] * part)
    return "registers" if row["subgroups"] >= allowed else "workgroup memory"


def number(value):
    return f"{value:,}"


def markdown(header, rows):
    left = 2
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * left + "---:|" * (len(header) - left)]
    return "\n".join(lines + ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]) + "\n"


def of_schedule(row):
    return row["kernel"] if row["schedule"] != "two-pass" else f"two-pass: {row['kernel']}"


def spills(row):
    """Vector registers, which go to memory, and scalar ones, which go to vector registers."""
    return " + ".join(f"{row[key]} {word}" for key, word in (("spilled_vgprs", "vector"), ("spilled_sgprs", "scalar")) if row[key]) or 0


def main_table(rows):
    header = ["network", "kernel", "threads", "VGPRs", "spills", "workgroup bytes", "subgroups per SIMD", "held by", "instructions"]
    header += ["in the loop over steps", "in the loop over synapses", "branches", "latency", "inverse throughput"]
    cells = []
    for row in rows:
        values = [row["threads"], row["vgprs"], spills(row), number(row["workgroup_bytes"]), row["subgroups"], held_by(row)]
        values += [number(row["instructions"]), number(row["in_step_loop"]), row["in_synapse_loop"] or "", row["branches"]]
        cells.append([row["network"], of_schedule(row)] + values + [number(row["latency"]), number(row["inverse_throughput"])])
    return markdown(header, cells)


def bound_table(rows):
    """What wgpu's bounds of loops cost, kernel by kernel."""
    header = ["network", "kernel", "instructions", "without", "in the loop over synapses", "without", "inverse throughput", "without", "of it"]
    cells = []
    for row in rows:
        values = [number(row["instructions"]), number(row["instructions_unbounded"])]
        values += [row["in_synapse_loop"] or "", row["in_synapse_loop_unbounded"] or ""]
        values += [number(row["inverse_throughput"]), number(row["inverse_throughput_unbounded"])]
        part = row["inverse_throughput_unbounded"] / row["inverse_throughput"]
        cells.append([row["network"], of_schedule(row)] + values + [f"{part:.2f}"])
    return markdown(header, cells)


def other_table(rows):
    families = [family for family in FAMILIES if family != FIRST]
    header = ["network", "kernel"] + [f"{family} {word}" for family in families for word in ("VGPRs", "spills", "subgroups", "instructions", "inverse throughput")]
    places = {}
    for row in rows:
        cells = [row["vgprs"], spills(row), row["subgroups"], number(row["instructions"]), number(row["inverse_throughput"])]
        places.setdefault((row["network"], of_schedule(row)), {})[row["family"]] = cells
    return markdown(header, [list(place) + [c for f in families for c in cells[f]] for place, cells in places.items()])


def pair_table(table):
    """What one thing more costs, in the kernels of the two schedules for large networks."""
    header = ["what is added", "kernel", "instructions", "in the loop over steps", "in the loop over synapses", "VGPRs", "workgroup bytes", "inverse throughput"]
    columns = ["instructions", "in_step_loop", "in_synapse_loop", "vgprs", "workgroup_bytes", "inverse_throughput"]
    cells = []
    for k, (what, _, _) in enumerate(networks.pairs()):
        for schedule, kernel in (("two-pass", "update"), ("two-pass", "deliver"), ("fused", "fused")):
            before, after = (table.row(f"pair {k} {side}", schedule, kernel) for side in ("without", "with"))
            if before is None or after is None:
                # a network without synapses has nothing to deliver
                continue
            cells.append([what, kernel] + [f"{after[column] - before[column]:+,}" if after[column] != before[column] else "0" for column in columns])
    return markdown(header, cells)


def earlier(path):
    """The rows of the CSV by their key; none if there is no such file."""
    if not os.path.exists(path):
        return {}
    with open(path, newline="") as text:
        return {tuple(row[key] for key in KEY): row for row in csv.DictReader(text)}


def worse(old, rows):
    """Lines that say which kernels cost more than they did, with the same driver."""
    lines = []
    for row in rows:
        before = old.get(tuple(row[key] for key in KEY))
        if before is None or before["driver"] != row["driver"]:
            continue
        grew = [c for c in COSTS if row[c] > int(before[c]) * (1 + SLACK)] + [c for c in SPILLS if row[c] > int(before[c])]
        grew += ["subgroups"] if row["subgroups"] < int(before["subgroups"]) else []
        if grew:
            lines.append(f"{', '.join(row[key] for key in KEY)}: {', '.join(f'{c} {before[c]} -> {row[c]}' for c in grew)}")
    return lines


def differences(old, rows):
    """Lines that say what changed since the CSV was written."""
    if not old:
        return ["no earlier table"]
    old = dict(old)
    drivers = [{row["driver"] for row in each} for each in (old.values(), rows)]
    lines = [] if drivers[0] == drivers[1] else [f"another driver: {', '.join(drivers[0])} -> {', '.join(drivers[1])}"]
    for row in rows:
        before = old.pop(tuple(row[key] for key in KEY), None)
        place = ", ".join(row[key] for key in KEY)
        if before is None:
            lines.append(f"new: {place}")
            continue
        changed = [f"{c} {before.get(c, '')} -> {row[c]}" for c in COLUMNS[len(KEY) :] if str(row[c]) != before.get(c, "")]
        if changed:
            lines.append(f"{place}: {', '.join(changed)}")
    return lines + [f"gone: {', '.join(key)}" for key in old] or ["as before"]


def version(arguments):
    described = called(["git", "-C", ROOT, "describe", "--always", "--dirty", "--abbrev=12"]).stdout.strip() or "not told"
    return arguments.commit or described


def page(table, arguments):
    shown = [row for row in table.rows if not row["network"].startswith("pair ")]
    spilling = [row for row in table.rows if any(row[key] for key in SPILLS)]
    verdict = "no kernel spills" if not spilling else f"**{len(spilling)} kernels spill**"
    refused = "".join(f"- {name}: {reason}\n" for name, _, reason in table.refused if not name.startswith("pair "))
    return f"""# Kernels as a real GPU's compiler sees them

- date: {datetime.datetime.now(datetime.timezone.utc):%Y-%m-%d}, commit {version(arguments)}
- driver: {table.mesa}, on a null device ({", ".join(FAMILIES)}); no card was there, and with this version the numbers are the same on every machine
- made with `python3 benches/kernels/table.py --synfire FILE`; kernels as wgpu gives them to a driver, workgroups as `explain` has them for any GPU,
  buffers and turns of loops as the software adapter allows
- {len({tuple(row[key] for key in KEY) for row in table.rows})} kernels compiled, as many again without bounds of loops: {verdict}

Counts are static: a loop's body counts once, and so does a branch that is never taken. Latency and inverse throughput are what the
compiler's scheduler expects, in cycles. Subgroups per SIMD: of 32 on navi21 and gfx1100, of 10 on vega10; "held by" says what keeps it from
all of them. The loop over synapses is the deepest that adds to a sum, and holds what stands in it for weights and delays of the network's
kind; that of `deliver` takes two synapses in a turn.
Instructions in loops are counted before the compiler has placed copies, waits and jumps, so that they are fewer than their share. Scalar
registers are in kernels.csv: navi21 and gfx1100 give every kernel 128.

{arguments.reading}## {FIRST}

{main_table([row for row in shown if row["family"] == FIRST])}
Not to be had:

{refused or "- nothing"}
## One thing more

Two networks that differ in one thing, {FIRST}; what the second has more of. What is added to the loop over steps is what a row costs in each.

{pair_table(table)}
## Bounds of loops

wgpu counts the turns of every loop, so that none runs for ever, whatever stands in a buffer. The same kernels without that:

{bound_table([row for row in shown if row["family"] == FIRST])}
## Other families

{other_table([row for row in shown if row["family"] != FIRST])}"""


def write(table, arguments):
    with open(f"{arguments.out}.csv", "w", newline="") as out:
        writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(table.rows)
    with open(f"{arguments.out}.md", "w") as out:
        out.write(page(table, arguments))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--synfire", default=f"{ROOT}/target/release/synfire", help="the command")
    parser.add_argument("--out", default=f"{ROOT}/benches/results/kernels", help="two files, with .md and .csv behind it")
    parser.add_argument("--commit", help="of the command, where the checkout is another one")
    parser.add_argument("--check", action="store_true", help="compare with the table that stands, and write nothing")
    arguments = parser.parse_args()
    with open(f"{HERE}/reading.md") as text:
        arguments.reading = text.read().rstrip() + "\n\n"
    folder = tempfile.mkdtemp(prefix="kernels-")
    try:
        build(folder)
        table = Table(arguments, folder)
        for name, file, changes in networks.FILES:
            table.add(name, "run", f"{ROOT}/{file}", changes)
        for name, file, changes in networks.ENSEMBLES:
            table.add(name, "sweep", f"{ROOT}/{file}", changes)
        for name, text in networks.texts():
            table.add_text(name, text)
        for name, text, options, schedules in networks.drawn():
            table.add_text(name, text, schedules=schedules, options=options)
        for k, (_, without, with_it) in enumerate(networks.pairs()):
            for side, text in (("without", without), ("with", with_it)):
                table.add_text(f"pair {k} {side}", text, schedules=["fused", "two-pass"], families=[FIRST])
    finally:
        shutil.rmtree(folder)
    old = earlier(f"{arguments.out}.csv")
    print("\n" + "\n".join(differences(old, table.rows)))
    if not arguments.check:
        write(table, arguments)
    spilling = [row for row in table.rows if any(row[key] for key in SPILLS)]
    for row in spilling:
        print(f"spills: {', '.join(row[key] for key in KEY)}", file=sys.stderr)
    grown = worse(old, table.rows)
    for line in grown:
        print(f"worse: {line}", file=sys.stderr)
    sys.exit(1 if spilling else 3 if grown else 0)


if __name__ == "__main__":
    main()
