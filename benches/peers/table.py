"""Peers and synfire on the same networks, in one run: one table of times, one of goals.

    python3 table.py [--venvs DIR] [--synfire ../../target/release/synfire] [--out ../results/peers.md]
                     [--only coba/,brunel/nest] [--quick] [--repeat 3] [--turns 5] [--minutes 12] [--resume]

`sh venvs.sh DIR` makes the environments that the peers run in, one time (pip alone, outside the project). Each job is one process that
measures so often and gives medians; jobs of a network follow each other, and at the end all of synfire's take turns. A job that cannot end before --minutes are over is left
out, and the table says so. After every job the table is written anew, and the raw lines beside it (.jsonl), so that what was
measured stays; --resume goes on there. --quick: shorter runs, each once.

What is compared, and what each time means: README.md.
"""
import argparse
import datetime
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PEERS = "nest_large.py"


class Job:
    """name: network/simulator/mode; method and precision say which of synfire's rows it is held against."""

    def __init__(self, name, words, expected, method, precision="f64", threads=1, venv=None, duration=1000., busy=False, once=False):
        self.name, self.words, self.expected, self.method = name, words, expected, method
        self.precision, self.threads, self.venv, self.duration = precision, threads, venv, duration
        self.busy, self.once = busy, once  # beside a process that computes all the time; one repeat, whatever is asked for

    @property
    def network(self):
        return self.name.split("/")[0]


def ours(network, name, words, seconds, method, precisions=("f32", "f64"), threads=(1,), duration=1000., busy=False, once=False):
    """synfire's rows of a network. seconds: of a model second in f32, one thread, roughly; for the clock alone."""
    for count in threads:
        for precision in precisions:
            mode = f"{name}{precision}" + (f" {count} threads" if count > 1 else "") + (" beside a busy process" if busy else "")
            expected = 0.2 + 3 * seconds * duration / 1e3 * (1 if precision == "f32" else 2)
            yield Job(f"{network}/synfire/{mode}", [*words, "--precision", precision, "--threads", count], expected, method, precision, count,
                      "synfire", duration, busy, once)


def jobs():
    """In the order in which they run. `expected`: seconds of all repeats, measured on two cores of an EPYC."""
    method = lambda m: ["--set", f"exc.method={m}", "--set", f"inh.method={m}"]  # noqa: E731
    # Vogels and Abbott, conductances
    for m, s in (("exponential_euler", .11), ("euler", .08), ("rk4", .15)):
        yield from ours("coba", f"{m} ", ["coba", *method(m)], s, m)
    for mode, precision in (("cpp_standalone", "f64"), ("cpp_standalone_f32", "f32")):
        yield Job(f"coba/brian2/{mode}", ["brian2_va.py", "coba", mode], 14, "exponential_euler", precision, 1, "peers")
    yield Job("coba/brian2/cpp_standalone OpenMP 2 threads", ["brian2_va.py", "coba", "cpp_standalone"], 15, "exponential_euler", "f64", 2, "peers")
    yield from ours("coba", "exponential_euler ", ["coba", *method("exponential_euler")], .11, "exponential_euler", threads=(2,))
    yield Job("coba/annarchy/exponential", ["annarchy_va.py", "exponential"], 19, "exponential_euler", "f64", 1, "sns")
    yield Job("coba/annarchy/explicit", ["annarchy_va.py", "explicit"], 19, "euler", "f64", 1, "sns")
    yield Job("coba/npbrain/coba numba", ["npbrain_va.py", "coba", "numba"], 4, "exponential_euler", "f64", 1, "npbrain")
    yield Job("coba/npbrain/coba numpy", ["npbrain_va.py", "coba", "numpy"], 3, "exponential_euler", "f64", 1, "npbrain")
    yield Job("coba/npbrain/library numba", ["npbrain_va.py", "library", "numba"], 12, "euler", "f64", 1, "npbrain", 300.)
    yield Job("coba/brainpy/csr", ["brainpy_va.py", "csr", "--precision", "f32"], 13, "exponential_euler", "f32", 1, "brainpy")
    yield Job("coba/brainpy/synapses", ["brainpy_va.py", "synapses", "--precision", "f32"], 13, "exponential_euler", "f32", 1, "brainpy")
    yield Job("coba/nest/rkf45", [PEERS, "coba"], 8, "rk4", "f64", 1, "peers", 300.)
    # the same with currents
    yield from ours("cuba", "", ["cuba"], .05, "exact")
    for mode, precision in (("cpp_standalone", "f64"), ("cpp_standalone_f32", "f32")):
        yield Job(f"cuba/brian2/{mode}", ["brian2_va.py", "cuba", mode], 13, "exact", precision, 1, "peers")
    yield Job("cuba/nest/exact", [PEERS, "cuba"], 4, "exact", "f64", 1, "peers")
    # Brunel, the microcircuit, hpc_benchmark: NEST alone
    yield from ours("brunel", "", ["brunel"], 1.1, "exact", duration=500.)
    yield Job("brunel/nest/exact", [PEERS, "brunel"], 24, "exact", "f64", 1, "peers", 300.)
    yield from ours("brunel", "", ["brunel"], .6, "exact", threads=(2,), duration=500.)
    yield Job("brunel/nest/exact 2 threads", [PEERS, "brunel"], 14, "exact", "f64", 2, "peers", 300.)
    yield from ours("microcircuit 10 %", "", ["pd14"], .3, "exact")
    yield Job("microcircuit 10 %/nest/exact", [PEERS, "microcircuit"], 12, "exact", "f64", 1, "peers", 500.)
    yield from ours("microcircuit 10 %", "", ["pd14"], .2, "exact", threads=(2,))
    yield Job("microcircuit 10 %/nest/exact 2 threads", [PEERS, "microcircuit"], 8, "exact", "f64", 2, "peers", 500.)
    yield from ours("hpc", "", ["hpc"], 1.5, "exact", duration=300.)
    yield Job("hpc/nest/exact", [PEERS, "hpc"], 9, "exact", "f64", 1, "peers", 300.)
    # synapses that learn, beside Brian2
    yield from ours("coba learning", "", [HERE / "coba_4000_stdp.toml"], .13, "exponential_euler")
    yield Job("coba learning/brian2/cpp_standalone", ["brian2_va.py", "coba_stdp", "cpp_standalone"], 15, "exponential_euler", "f64", 1, "peers")
    yield from ours("song", "", [HERE / "song_1000.toml"], .009, "euler", duration=5000.)
    yield Job("song/brian2/cpp_standalone", ["brian2_va.py", "song", "cpp_standalone"], 14, "euler", "f64", 1, "peers", 5000.)
    # two threads where there is most to do
    yield from ours("coba 100000", "", ["coba", "--n", 100_000], 3, "exponential_euler", precisions=("f32",), threads=(1, 2), duration=300.)
    for network, words, s in (("coba", ["coba", *method("exponential_euler")], .2), ("microcircuit 10 %", ["pd14"], .6)):
        yield from ours(network, "", words, s, "busy", precisions=("f32",), threads=(1, 2), busy=True)
    # the whole microcircuit, built once
    yield from ours("microcircuit", "", ["pd14", "--scale", 1], 22, "exact", precisions=("f32",), threads=(2,), duration=500., once=True)
    yield from ours("microcircuit", "procedural ", ["pd14", "--scale", 1, "--connectivity", "procedural"], 60, "procedural", precisions=("f32",),
                    threads=(2,), duration=200., once=True)
    # npbrain's own example
    example = [HERE / "npbrain_example.toml"]
    yield from ours("npbrain example", "", example, .03, "euler")
    yield Job("npbrain example/npbrain/numba", ["npbrain_va.py", "example", "numba"], 6, "euler", "f64", 1, "npbrain")
    yield Job("npbrain example/npbrain/numpy", ["npbrain_va.py", "example", "numpy"], 3, "euler", "f64", 1, "npbrain")
    # controllers: SNS-Toolbox's sparse network; all of it in sns/
    for n in 100, 1000:
        yield from ours(f"sns {n}", "", ["sns", "--n", n], .02, "euler")
        for backend in "numpy", "torch", "iterative":
            words = ["sns/toolbox_sns.py", backend, "sparse", "non_spiking", n, "--seconds", 1]
            yield Job(f"sns {n}/sns-toolbox/{backend}", words, 6, "euler", "f64" if backend != "torch" else "f32", 1, "sns")


# (what, row that shall be slower, row that shall be faster, by how much at least, what is aimed at)
GOALS = [
    ("COBA f32, Brian2 f64", "coba/brian2/cpp_standalone", "coba/synfire/exponential_euler f32", 4, 5),
    ("COBA f32, Brian2 f32", "coba/brian2/cpp_standalone_f32", "coba/synfire/exponential_euler f32", 3, None),
    ("COBA f64, Brian2 f64", "coba/brian2/cpp_standalone", "coba/synfire/exponential_euler f64", 2.5, None),
    ("COBA f64, ANNarchy exponential", "coba/annarchy/exponential", "coba/synfire/exponential_euler f64", 1.5, None),
    ("COBA f64, ANNarchy explicit", "coba/annarchy/explicit", "coba/synfire/euler f64", 1.5, None),
    ("CUBA f32, Brian2 f64", "cuba/brian2/cpp_standalone", "cuba/synfire/f32", 2, 3),
    ("CUBA f64, Brian2 f64", "cuba/brian2/cpp_standalone", "cuba/synfire/f64", 1.2, None),
    ("Brunel 12,500 f32, NEST", "brunel/nest/exact", "brunel/synfire/f32", 15, 20),
    ("microcircuit 10 % f32, NEST", "microcircuit 10 %/nest/exact", "microcircuit 10 %/synfire/f32", 15, 20),
    ("hpc_benchmark f32, NEST, by the spike", "hpc/nest/exact", "hpc/synfire/f32", 8, None),
    ("COBA whose synapses learn f32, Brian2", "coba learning/brian2/cpp_standalone", "coba learning/synfire/f32", 3, None),
    ("1,000 synapses that learn f32, Brian2", "song/brian2/cpp_standalone", "song/synfire/f32", 3, None),
    ("Brunel 12,500, two threads", "brunel/synfire/f32", "brunel/synfire/f32 2 threads", 1.7, None),
    ("microcircuit 10 %, two threads", "microcircuit 10 %/synfire/f32", "microcircuit 10 %/synfire/f32 2 threads", 1.7, None),
    ("COBA 100,000, two threads", "coba 100000/synfire/f32", "coba 100000/synfire/f32 2 threads", 1.7, None),
    ("COBA beside a busy process, two threads", "coba/synfire/f32 beside a busy process", "coba/synfire/f32 2 threads beside a busy process", .8, None),
    ("microcircuit 10 % beside a busy process, two threads", "microcircuit 10 %/synfire/f32 beside a busy process",
     "microcircuit 10 %/synfire/f32 2 threads beside a busy process", .8, None),
    ("COBA, npbrain's fastest", "coba/npbrain/coba numba", "coba/synfire/exponential_euler f64", 3, None),
    ("COBA, npbrain's own synapses", "coba/npbrain/library numba", "coba/synfire/euler f64", 20, None),
    ("npbrain's example", "npbrain example/npbrain/numba", "npbrain example/synfire/f64", 3, None),
]


# (what, row, key, at most, what one of its unit is)
LIMITS = [
    ("whole microcircuit, two threads: s to build", "microcircuit/synfire/f32 2 threads", "build_s", 10, 1),
    ("whole microcircuit, two threads: GB at most", "microcircuit/synfire/f32 2 threads", "peak_bytes", 3, 1e9),
    ("whole microcircuit, procedural: GB at most", "microcircuit/synfire/procedural f32 2 threads", "peak_bytes", 1, 1e9),
    ("whole microcircuit, two threads: times real time", "microcircuit/synfire/f32 2 threads", "run_s", 5, 1),
]


def command(job):
    duration = job.duration * (.3 if args.quick else 1)
    repeat = 1 if args.quick or job.once else args.repeat
    if job.venv == "synfire":
        words = [args.synfire, "bench", *job.words, "--duration", f"{duration:g} ms", "--repeat", repeat, "--engine", "cpu", "--json"]
        return words + (["--commit", commit()] if commit() else [])
    python = args.venvs / job.venv / "bin" / "python"
    if job.words[0].startswith("sns/"):
        return [python, HERE / job.words[0], *job.words[1:]]
    return [python, HERE / job.words[0], *job.words[1:], "--duration", duration, "--threads", job.threads, "--repeat", repeat]


def run(job, left):
    """The last line that the process printed, with what all rows have."""
    words = [str(word) for word in command(job)]
    if not os.access(words[0], os.X_OK):
        raise RuntimeError(f"there is no {os.path.relpath(words[0], HERE)}")
    path = os.pathsep.join([str(Path(words[0]).parent), os.environ.get("PATH", "")])  # ANNarchy's cmake is in its environment
    env = dict(os.environ, PATH=path, OMP_NUM_THREADS=str(job.threads), MKL_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")
    busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(job.busy)]
    with tempfile.TemporaryDirectory() as folder:
        try:
            done = subprocess.run(words, capture_output=True, text=True, env=env, cwd=folder, timeout=left)
        except subprocess.TimeoutExpired as late:
            raise RuntimeError(f"stopped after {left:.0f} s") from late
        finally:
            for process in busy:
                process.kill()
                process.wait()
    lines = (done.stdout.strip() or "{}").splitlines()
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip() or "no output").splitlines()[-1]
        raise RuntimeError(f"failed ({done.returncode}): {said[:120]}")
    row = json.loads(lines[-1])
    if "error" in row:
        raise RuntimeError(row["error"])
    if job.venv == "synfire":
        row = dict(row, run_s=row["sim_s_per_bio_s"], runs=[row["sim_least"], row["sim_most"]], simulator="synfire")
    if "call_us" in row:  # a controller: microseconds of a step of 0.1 ms
        row = dict(row, run_s=row["call_us"] * 1e-2, runs=[row["call_min_us"] * 1e-2, row["call_us"] * 1e-2], rate_hz=0., simulator="sns-toolbox")
    return dict(row, job=job.name, method=job.method, precision=job.precision, threads=job.threads)


def digits(x):
    if x is None:
        return "-"
    return f"{x:,.0f}" if x >= 100 else f"{x:.3g}" if x >= 1e-3 else f"{x:.1e}"


def ratio(slow, fast):
    """Of their times; of those of a spike where rates run away, at another time with each seed."""
    per_spike = slow["job"].startswith("hpc/") and slow["rate_hz"] and fast["rate_hz"]
    return slow["run_s"] / fast["run_s"] * (fast["rate_hz"] / slow["rate_hz"] if per_spike else 1)


def baseline(found, job, precision):
    """synfire's row of the same network, method and threads."""
    for name, row in found.items():
        if row["simulator"] == "synfire" and name.split("/")[0] == job.network and row["method"] == job.method and row["precision"] == precision \
                and row["threads"] == job.threads:
            return row
    return None


def table(found, failed):
    heads = ["network", "simulator", "mode", "method", "precision", "threads", "build s", "s per model s", "(least to most)", "rate Hz",
             "/ synfire f32", "/ synfire f64"]
    lines = ["| " + " | ".join(heads) + " |", "|---" * 5 + "|---:" * 7 + "|"]
    for job in jobs():
        network, simulator, mode = job.name.split("/", 2)
        start = [network, simulator, mode, job.method, job.precision, str(job.threads)]
        if job.name in failed:
            lines.append("| " + " | ".join(start + [failed[job.name].replace("|", "/")] + [""] * 5) + " |")
        elif job.name in found:
            row = found[job.name]
            ratios = [baseline(found, job, precision) for precision in ("f32", "f64")]
            ratios = [f"{ratio(row, base):.2f}" if base and simulator != "synfire" else "" for base in ratios]
            spread = f"{digits(min(row['runs']))} to {digits(max(row['runs']))}"
            lines.append("| " + " | ".join(start + [digits(row.get("build_s")), digits(row["run_s"]), spread, f"{row.get('rate_hz', 0):.2f}"] + ratios) + " |")
    return "\n".join(lines)


def goals(found):
    lines = ["| goal | at least | aim | found | |", "|---|---:|---:|---:|---|"]
    for what, slow, fast, least, aim in GOALS:
        if slow in found and fast in found:
            # of two rows that took turns, turn by turn: what else the machine did then they share
            turns = list(zip(found[slow].get("turns", []), found[fast].get("turns", [])))
            times = statistics.median(a / b for a, b in turns) if turns else ratio(found[slow], found[fast])
            lines.append(f"| {what} | {least} | {aim or ''} | {times:.2f} | {'met' if times >= least else 'NOT met'} |")
    for what, row, key, most, unit in LIMITS:
        if found.get(row, {}).get(key) is not None:
            value = found[row][key] / unit
            lines.append(f"| {what} | at most {most} | | {value:.2f} | {'met' if value <= most else 'NOT met'} |")
    return "\n".join(lines)


def commit():
    if not hasattr(commit, "known"):
        git = ["git", "-C", str(ROOT)]
        try:
            commit.known = subprocess.run([*git, "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=True).stdout.strip()
            changed = subprocess.run([*git, "status", "--porcelain", "--untracked-files=no"], capture_output=True, text=True).stdout.strip()
            commit.known += " with changes" if changed else ""
        except (OSError, subprocess.CalledProcessError):
            commit.known = ""
    return commit.known


def processor():
    name = platform.processor() or platform.machine()
    if os.path.exists("/proc/cpuinfo"):
        with open("/proc/cpuinfo") as f:
            name = next((line.split(":", 1)[1].strip() for line in f if line.startswith("model name")), name)
    return name


def write(found, failed, began):
    versions = {row["simulator"]: row.get("version", "?") for row in found.values()}
    sets = {row["instruction_set"] for row in found.values() if "instruction_set" in row}
    flags = open("/proc/cpuinfo").read() if os.path.exists("/proc/cpuinfo") else ""
    wide = [name for name, word in (("AVX2", " avx2"), ("AVX-512", " avx512f"), ("AVX-512DQ", " avx512dq")) if word in flags]
    load = " ".join(f"{x:.2f}" for x in os.getloadavg()) if hasattr(os, "getloadavg") else "unknown"
    text = "\n".join([
        "# Peers and synfire on the same networks", "",
        f"- date: {datetime.datetime.now(datetime.timezone.utc):%Y-%m-%d %H:%M} UTC, {(time.monotonic() - began) / 60:.1f} minutes; "
        f"`python3 benches/peers/table.py{' --quick' if args.quick else ''}`",
        f"- processor: {processor()}, {os.cpu_count()} cores, with {', '.join(wide) or 'neither AVX2 nor AVX-512'}; synfire used "
        f"{', '.join(sorted(sets)) or '?'}, Brian2 and ANNarchy the compiler's native set; load average at the end {load}",
        f"- versions: {', '.join(f'{name} {version}' for name, version in sorted(versions.items())) or 'none'}; commit {commit() or 'unknown'}",
        f"- medians of {1 if args.quick else args.repeat}; of synfire's rows, but for the whole microcircuit, the median of those in "
        f"{max((len(row.get('turns', [])) for row in found.values()), default=0)} turns", "",
        "s per model s: wall clock of the steps after the first, without building, over their model time. / synfire: that over synfire's of the same "
        "method and threads (of hpc: by the spike). Spikes of all cells are recorded by all. See benches/peers/README.md.", "",
        "## Goals", "", goals(found), "", "## All", "", table(found, failed), ""])
    args.out.write_text(text)
    return text


def take_turns(selected, found, end):
    """synfire's rows once more and again, network by network in turn: what runs for a tenth of a second is told by its median over minutes."""
    rows = [job for job in selected if job.venv == "synfire" and not job.once and job.name in found]
    for job in rows:
        found[job.name].setdefault("turns", [found[job.name]["run_s"]])
    for turn in range(1, 1 if args.quick else args.turns):
        waiting = [job for job in rows if len(found[job.name]["turns"]) <= turn]
        try:
            for job in waiting:
                left = end - time.monotonic()
                if job.expected > left:
                    raise RuntimeError(f"{args.minutes} minutes were over")
                row, again = found[job.name], run(job, left)
                row["turns"].append(again["run_s"])
                row["runs"] = [min(*row["runs"], *again["runs"]), max(*row["runs"], *again["runs"])]
        except (OSError, RuntimeError, ValueError, KeyError) as e:
            # a turn that not all have had counts for none
            for job in rows:
                del found[job.name]["turns"][turn:]
            print(f"turn {turn + 1} of synfire's rows: {e}", file=sys.stderr, flush=True)
            break
        print(f"turn {turn + 1} of synfire's rows", file=sys.stderr, flush=True)
    for job in rows:
        found[job.name]["run_s"] = statistics.median(found[job.name]["turns"])


def main():
    wanted = args.only.split(",") if args.only else [""]
    selected = [job for job in jobs() if any(job.name.startswith(word) or f"/{word}" in job.name for word in wanted)]
    if not selected:
        sys.exit(f"--only {args.only}: no such job; there are: {', '.join(job.name for job in jobs())}")
    began, found, failed = time.monotonic(), {}, {}
    raw = args.out.with_suffix(".jsonl")
    if args.resume and raw.exists():
        found = {row["job"]: row for row in map(json.loads, raw.read_text().splitlines())}
    elif raw.exists():
        raw.unlink()
    for k, job in enumerate(selected):
        if job.name in found:
            continue
        left = 60 * args.minutes - (time.monotonic() - began)
        if job.expected * (.5 if args.quick else 1) > left:
            failed[job.name] = f"left out: {args.minutes} minutes were over"
            continue
        start = time.monotonic()
        try:
            found[job.name] = run(job, left)
            with raw.open("a") as f:
                f.write(json.dumps(found[job.name]) + "\n")
            said = f"{digits(found[job.name]['run_s'])} s per model s"
        except (OSError, RuntimeError, ValueError, KeyError) as e:
            failed[job.name] = said = str(e)
        print(f"[{k + 1}/{len(selected)}] {job.name}: {said} ({time.monotonic() - start:.1f} s)", file=sys.stderr, flush=True)
        write(found, failed, began)
    take_turns(selected, found, began + 60 * args.minutes)
    raw.write_text("".join(json.dumps(row) + "\n" for row in found.values()))
    print(write(found, failed, began))


ap = argparse.ArgumentParser(description=__doc__.splitlines()[0])
ap.add_argument("--venvs", type=Path, default=Path("/tmp/synfire-peers"), help="the folder that venvs.sh filled")
ap.add_argument("--synfire", type=Path, default=ROOT / "target" / "release" / "synfire")
ap.add_argument("--out", type=Path, default=ROOT / "benches" / "results" / "peers.md")
ap.add_argument("--only", help="comma-separated starts or parts of names such as coba/brian2")
ap.add_argument("--repeat", type=int, default=3)
ap.add_argument("--turns", type=int, default=5, help="how often synfire's rows take turns")
ap.add_argument("--quick", action="store_true", help="runs a third as long, each once")
ap.add_argument("--minutes", type=float, default=12.)
ap.add_argument("--resume", action="store_true", help="keep what the raw lines beside --out have")
args = ap.parse_args()
args.out, args.synfire, args.venvs = args.out.resolve(), args.synfire.resolve(), args.venvs.resolve()
main()
