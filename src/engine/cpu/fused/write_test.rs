//! Writes the loops: `SYNFIRE_UPDATE=1` and this test make them anew from the models' own programs.
//!
//! Without it the test holds that what stands is what would be written; another holds that each loop gives the bits of the interpreter.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use pulp::Arch;

use super::super::block::{self, Source, Table};
use super::super::operation::{Operand, Operation, Program, Target};
use super::super::real::Real;
use super::cases_test::{CASES, all};
use super::{form, of, run};
use crate::model::rule::{Binary, Unary};
use crate::random::{Key, Stream};

/// Rust of a loop.
struct Writer {
    /// What a register or the next value of a state was last given, as the name of a variable.
    known: BTreeMap<(bool, u16), String>,
    lines: Vec<String>,
    scalars: Vec<u16>,
    columns: Vec<u16>,
    states: Vec<u16>,
    sources: usize,
    /// Are there functions with a short form for usual arguments?
    usual: bool,
}

impl Writer {
    fn place(list: &mut Vec<u16>, k: u16) -> usize {
        list.iter().position(|known| *known == k).unwrap_or_else(|| {
            list.push(k);
            list.len() - 1
        })
    }

    fn operand(&mut self, operand: Operand) -> String {
        match operand {
            Operand::Scalar(k) => format!("s[{}]", Writer::place(&mut self.scalars, k)),
            Operand::Column(k) => format!("c{}[k]", Writer::place(&mut self.columns, k)),
            Operand::State(k) => format!("x{}[k]", Writer::place(&mut self.states, k)),
            Operand::Next(k) => self.known[&(true, k)].clone(),
            Operand::Register(k) => self.known[&(false, k)].clone(),
        }
    }

    fn expression(&mut self, operation: &Operation) -> String {
        let mut at = |operand: &Operand| self.operand(*operand);
        match operation {
            Operation::Copy { from, .. } => at(from),
            Operation::Unary { operator, x, .. } => {
                let x = at(x);
                match operator {
                    Unary::Negate => format!("-{x}"),
                    Unary::Not => format!("{x}.opposite()"),
                    Unary::NotANumber => format!("truth::<T>({x}.is_nan())"),
                    Unary::Exprel => {
                        self.usual = true;
                        format!("if USUAL {{ usual &= {x}.abs() < T::NEAR; {x}.exprel_near() }} else {{ {x}.exprel() }}")
                    }
                    other => format!("{x}.{}()", format!("{other:?}").to_lowercase()),
                }
            }
            Operation::Binary { operator, a, b, .. } => {
                let (a, b) = (at(a), at(b));
                match operator {
                    Binary::Add => format!("{a} + {b}"),
                    Binary::Subtract => format!("{a} - {b}"),
                    Binary::Multiply => format!("{a} * {b}"),
                    Binary::Divide => format!("{a} / {b}"),
                    Binary::Power => {
                        self.usual = true;
                        format!("if USUAL {{ usual &= {a}.is_usual({b}); {a}.power_usual({b}) }} else {{ {a}.power({b}) }}")
                    }
                    Binary::Min => format!("{a}.least({b})"),
                    Binary::Max => format!("{a}.greatest({b})"),
                    Binary::Less => format!("{a}.less({b})"),
                    Binary::LessEqual => format!("{a}.less_equal({b})"),
                    Binary::Equal => format!("{a}.equal({b})"),
                    Binary::And => format!("{a}.both({b})"),
                    Binary::Or => format!("{a}.either({b})"),
                }
            }
            Operation::MultiplyAdd { a, b, c, .. } => format!("{} * {} + {}", at(a), at(b), at(c)),
            Operation::SubtractMultiply { a, b, c, .. } => format!("({} - {}) * {}", at(a), at(b), at(c)),
            Operation::Sum { lead, products, last, .. } => {
                let products: Vec<String> =
                    products.iter().map(|(s, x)| format!("{} * {}", at(&Operand::Scalar(*s)), at(x))).collect();
                let mut sum = products.join(" + ");
                if let Some(last) = last {
                    sum = format!("({sum}) + {}", at(last));
                }
                lead.as_ref().map_or(sum.clone(), |lead| format!("{} + ({sum})", at(lead)))
            }
            Operation::Select { condition, then, otherwise, .. } => {
                format!("{}.pick({}, {})", at(condition), at(then), at(otherwise))
            }
            Operation::Raise { condition, x, d, .. } => {
                let (c, x, d) = (at(condition), at(x), at(d));
                format!("{c}.pick({x} + {d}, {x})")
            }
            Operation::Arrived { .. }
            | Operation::Uniform { .. }
            | Operation::Normal { .. }
            | Operation::Listed { .. }
            | Operation::Chance { .. } => {
                self.sources += 1;
                format!("a{}[k]", self.sources - 1)
            }
        }
    }

    fn operation(&mut self, number: usize, operation: &Operation) {
        let text = self.expression(operation);
        let target = match super::super::block::target(operation) {
            Target::Register(k) => (false, k),
            Target::Next(k) => (true, k),
        };
        self.lines.push(format!("let v{number} = {text};"));
        self.known.insert(target, format!("v{number}"));
    }
}

fn list(letter: char, count: usize) -> String {
    (0..count).map(|k| format!("{letter}{k}")).collect::<Vec<_>>().join(", ")
}

/// The text of a loop.
fn text(name: &str, number: usize, program: &Program) -> String {
    let mut writer = Writer {
        known: BTreeMap::new(),
        lines: Vec::new(),
        scalars: Vec::new(),
        columns: Vec::new(),
        states: Vec::new(),
        sources: 0,
        usual: false,
    };
    program.operations.iter().enumerate().for_each(|(k, operation)| writer.operation(k, operation));
    // registers that are read after the loop
    let checks = &program.checks;
    let read = program.spike.iter().chain(&program.results).chain(&checks.every).chain(&checks.undefined);
    let read = read.copied().chain(checks.tested.iter().map(|(_, operand)| *operand));
    let mut registers: Vec<u16> = read.filter_map(|o| if let Operand::Register(k) = o { Some(k) } else { None }).collect();
    registers.sort_unstable();
    registers.dedup();
    for (k, state) in program.changed.iter().enumerate() {
        writer.lines.push(format!("n{k}[k] = {};", writer.known[&(true, *state)]));
    }
    for (k, register) in registers.iter().enumerate() {
        writer.lines.push(format!("o{k}[k] = {};", writer.known[&(false, *register)]));
    }
    let Writer { lines, scalars, columns, states, sources, usual, .. } = writer;
    let reads = [('c', columns.len()), ('x', states.len()), ('a', sources)];
    let writes = [('n', program.changed.len()), ('o', registers.len())];
    let names = |kinds: &[(char, usize)]| -> Vec<String> {
        kinds.iter().flat_map(|(letter, count)| (0..*count).map(move |k| format!("{letter}{k}"))).collect()
    };
    let (read, written) = (names(&reads), names(&writes));
    let parameters: Vec<String> =
        read.iter().map(|name| format!("{name}: &[T]")).chain(written.iter().map(|name| format!("{name}: &mut [T]"))).collect();
    let cut = read.iter().map(|name| format!("&{name}[..rows]")).chain(written.iter().map(|name| format!("&mut {name}[..rows]")));
    let (all, cut) = (read.iter().chain(&written).cloned().collect::<Vec<_>>().join(", "), cut.collect::<Vec<_>>().join(", "));
    let lent = |pieces: &[(char, usize)]| -> String {
        pieces.iter().map(|(letter, count)| format!("[{}]", list(*letter, *count))).collect::<Vec<_>>().join(", ")
    };
    let mut out = format!("/// {name}\npub struct Loop{number}<'a, T>(pub &'a mut Table<T>, pub Rows);\n\n");
    writeln!(out, "impl<T: Real> NullaryFnOnce for Loop{number}<'_, T> {{\n    type Output = bool;\n").unwrap();
    writeln!(out, "    #[inline(always)]\n    fn call(self) -> bool {{\n        #[inline(always)]").unwrap();
    writeln!(
        out,
        "        fn each<T: Real{}>(rows: usize, s: [T; {}], {}){} {{",
        if usual { ", const USUAL: bool" } else { "" },
        scalars.len(),
        parameters.join(", "),
        if usual { " -> bool" } else { "" },
    )
    .unwrap();
    writeln!(out, "            let ({all}) = ({cut});").unwrap();
    if usual {
        writeln!(out, "            let mut usual = true;").unwrap();
    }
    writeln!(out, "            for k in 0..rows {{").unwrap();
    lines.iter().for_each(|line| writeln!(out, "                {line}").unwrap());
    writeln!(out, "            }}").unwrap();
    if usual {
        writeln!(out, "            usual").unwrap();
    }
    writeln!(out, "        }}").unwrap();
    let numbers = |list: &[u16]| format!("{list:?}");
    let changed: Vec<u16> = program.changed.clone();
    writeln!(
        out,
        "        let lent = lend(self.0, self.1, {}, {}, {}, [(); {sources}], {}, {});",
        numbers(&scalars),
        numbers(&columns),
        numbers(&states),
        numbers(&changed),
        numbers(&registers)
    )
    .unwrap();
    writeln!(out, "        let Some((s, {}, {})) = lent else {{ return false }};", lent(&reads), lent(&writes)).unwrap();
    if usual {
        // pieces: where a row is unusual, few others are worked out again with it
        let read = read.iter().map(|name| format!("&{name}[piece.clone()]"));
        let pieces = read.chain(written.iter().map(|name| format!("&mut {name}[piece.clone()]"))).collect::<Vec<_>>().join(", ");
        writeln!(out, "        for piece in pieces(self.1.count) {{").unwrap();
        writeln!(out, "            if !each::<T, true>(piece.len(), s, {pieces}) {{").unwrap();
        writeln!(out, "                each::<T, false>(piece.len(), s, {pieces});\n            }}\n        }}").unwrap();
    } else {
        writeln!(out, "        each(self.1.count, s, {all});").unwrap();
    }
    writeln!(out, "        true\n    }}\n}}").unwrap();
    out
}

/// Loops of a file.
const EACH: usize = 5;

/// Files and what they hold.
fn files() -> Vec<(String, String)> {
    const WHO: &str = "written by `SYNFIRE_UPDATE=1` and the test `fused::write_test`, not by hand";
    let made = all();
    let mut main = format!(
        "//! The loops: {WHO}.\n\nuse pulp::Arch;\n\nuse super::Rows;\nuse super::super::block::Table;\nuse super::super::real::Real;\n\n"
    );
    let parts = made.len().div_ceil(EACH);
    (0..parts).for_each(|k| writeln!(main, "mod loops_{k};").unwrap());
    writeln!(main, "\n/// The form of each program.\npub const FORMS: [&str; {}] = [", made.len()).unwrap();
    made.iter().for_each(|(name, program)| writeln!(main, "    // {name}\n    \"{}\",", form(program)).unwrap());
    main.push_str("];\n\n/// Runs a loop. `false`: a column is missing, and nothing has been done.\n");
    main.push_str("pub fn run<T: Real>(number: u16, arch: Arch, table: &mut Table<T>, rows: Rows) -> bool {\n    match number {\n");
    (0..made.len())
        .for_each(|k| writeln!(main, "        {k} => arch.dispatch(loops_{}::Loop{k}(table, rows)),", k / EACH).unwrap());
    main.push_str("        _ => false,\n    }\n}\n");
    let mut out = vec![("mod.rs".to_string(), main)];
    for (part, members) in made.chunks(EACH).enumerate() {
        let mut file = format!("//! {}: {WHO}.\n\n", members.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", "));
        file.push_str("#![allow(clippy::all, unused_imports, unused_variables, reason = \"written by a program\")]\n\n");
        file.push_str("use pulp::NullaryFnOnce;\n\nuse super::super::super::block::Table;\nuse super::super::super::real::{Real, truth};\nuse super::super::{Rows, lend, pieces};\n");
        for (k, (name, program)) in members.iter().enumerate() {
            file.push('\n');
            file.push_str(&text(name, part * EACH + k, program));
        }
        out.push((format!("loops_{part}.rs"), file));
    }
    out
}

#[test]
fn the_loops_are_those_of_the_models() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/engine/cpu/fused/made");
    let update = std::env::var_os("SYNFIRE_UPDATE").is_some();
    for (name, text) in files() {
        let path = folder.join(&name);
        if update {
            std::fs::write(&path, &text).unwrap();
        }
        let known = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(known == text, "{name} is not up to date: run this test with SYNFIRE_UPDATE=1, and look at what changed");
    }
}

/// Numbers for each row, by what asks for them.
struct Drawn<'a>(&'a dyn Fn(u32, usize) -> f64);

impl<T: Real> Source<T> for Drawn<'_> {
    fn arrived(&self, port: usize, first: usize, out: &mut [T]) {
        out.iter_mut().enumerate().for_each(|(k, x)| *x = T::from_f64((self.0)(900 + port as u32, first + k)));
    }
}

/// A loop and the interpreter, over rows whose numbers are drawn from a range.
fn same<T: Real>(name: &str, program: &Program, size: f64, odd: bool) {
    const ROWS: usize = 100;
    let key = Key { seed: 7 };
    let tag = Stream::Stimulus { stimulus: 3 }.tag().unwrap();
    let number = |column: u32, row: usize| {
        let [word, other, ..] = key.block(tag, row as u32, u64::from(column), 0);
        match (odd, other % 16) {
            (true, 0) => f64::NAN,
            (true, 1) => f64::INFINITY,
            (true, 2) => 0.0,
            (true, 3) => -1e6,
            _ => (f64::from(word) / 4_294_967_296.0 * 2.0 - 1.0) * size,
        }
    };
    let states = block_states(program);
    let list = |base: u32, count: usize| -> Vec<Vec<T>> {
        (0..count as u32).map(|c| (0..ROWS).map(|row| T::from_f64(number(base + c, row))).collect()).collect()
    };
    let mut next = vec![Vec::new(); states];
    program.changed.iter().for_each(|k| next[usize::from(*k)] = vec![T::ZERO; ROWS]);
    let table = || Table {
        states: list(0, states),
        next: next.clone(),
        read_only: list(300, program.columns.len()),
        scalars: (0..program.scalars.len() as u32).map(|k| T::from_f64(number(600 + k, 0))).collect(),
        registers: vec![vec![T::ZERO; T::BLOCK]; program.registers + 8],
    };
    let fused = Program { fused: of(program), ..program.clone() };
    assert!(fused.fused.is_some(), "{name} has no loop");
    let (mut one, mut other) = (table(), table());
    // a block that is whole, one of few rows, one row
    for (first, rows) in [(0, 83), (83, 16), (99, 1)] {
        let finite = run(Arch::new(), &mut one, &fused, &Drawn(&number), first, rows);
        let expected = block::run(Arch::new(), &mut other, program, &Drawn(&number), first, rows);
        assert_eq!(finite, expected, "{name}");
        let read = program.spike.iter().chain(&program.results).chain(&program.checks.every).copied();
        for operand in read.chain(program.changed.iter().map(|k| Operand::Next(*k))) {
            for row in 0..rows {
                let (a, b) = (one.value(operand, first, row).to_f64(), other.value(operand, first, row).to_f64());
                assert!(a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan(), "{name}, {operand:?}, row {row}: {a}, {b}");
            }
        }
    }
}

fn block_states(program: &Program) -> usize {
    let text = format!("{:?}", program.operations);
    let read = text.split("State(").skip(1).filter_map(|rest| rest.split(')').next()?.parse::<usize>().ok());
    read.chain(program.changed.iter().map(|k| usize::from(*k))).max().map_or(0, |k| k + 1)
}

#[test]
fn loops_give_the_bits_of_the_interpreter() {
    let all = all();
    assert!(all.len() > 12);
    for (name, program) in &all {
        for size in [0.2, 1.0, 80.0] {
            for odd in [false, true] {
                same::<f32>(name, program, size, odd);
                same::<f64>(name, program, size, odd);
            }
        }
    }
}

#[test]
fn another_program_has_no_loop() {
    let mut program = Program::clone(&CASES[0].program());
    assert!(of(&program).is_some());
    program.operations.swap(0, 1);
    assert!(of(&program).is_none());
    program.operations.swap(0, 1);
    program.spike = None;
    assert!(of(&program).is_none());
}
