//! What people type wrongly, and what they are told: each text of an error whole.

mod lines;
mod synapses;

use super::tests::read;

/// What is said about one line of a model that declares `g`, `n` and `v`.
#[track_caller]
fn line(text: &str) -> String {
    whole(&format!("neuron n\n  param g = 1 nS, n = 2\n  state v = 0 mV\n  {text}"))
}

/// What is said about a text.
#[track_caller]
fn whole(text: &str) -> String {
    match read(text) {
        Ok(models) => panic!("nothing is wrong: {models:?}"),
        Err(report) => report.to_string(),
    }
}

#[test]
fn signs_letters_numbers() {
    insta::assert_snapshot!(line("threshold v => v_th"), @r"
    error[E012]: `=>` is not a sign of this language
      --> model, line 4, column 15
       |
     4 |   threshold v => v_th
       |               ^^
      help: write `>=`
    ");
    insta::assert_snapshot!(line("param p = 0,1"), @r"
    error[E002]: decimals are written with a point, found a comma
      --> model, line 4, column 13
       |
     4 |   param p = 0,1
       |             ^^^
      help: write `0.1`
    ");
    insta::assert_snapshot!(line("param q = “5 mV”"), @r"
    error[E001]: equations stand without quotes, found `“`
      --> model, line 4, column 13
       |
     4 |   param q = “5 mV”
       |             ^
      help: leave the quotes out
    ");
    insta::assert_snapshot!(line("threshold 'v > v_th'"), @r"
    error[E001]: equations stand without quotes, found `'`
      --> model, line 4, column 13
       |
     4 |   threshold 'v > v_th'
       |             ^
      help: leave the quotes out
    ");
    insta::assert_snapshot!(line("x = τ*2"), @r"
    error[E001]: the letter `τ` (U+03C4) cannot stand in a name
      --> model, line 4, column 7
       |
     4 |   x = τ*2
       |       ^
      help: write `tau`
    ");
    insta::assert_snapshot!(line("x = tаu*2"), @r"
    error[E001]: the letter `а` (U+0430) cannot stand in a name
      --> model, line 4, column 8
       |
     4 |   x = tаu*2
       |        ^
      help: it looks like the Latin letter `a` but is another; type `a`
    ");
    insta::assert_snapshot!(line("x = 1 // comment"), @r"
    error[E018]: `//` is no operator of this language, and comments begin with `#`
      --> model, line 4, column 9
       |
     4 |   x = 1 // comment
       |         ^^
      help: x/y in whole numbers is `floor(x/y)`
    ");
    insta::assert_snapshot!(line("x = [1 mV]"), @r"
    error[E012]: `[` is not a sign of this language
      --> model, line 4, column 7
       |
     4 |   x = [1 mV]
       |       ^
      help: write `(`

    error[E012]: `]` is not a sign of this language
      --> model, line 4, column 12
       |
     4 |   x = [1 mV]
       |            ^
      help: write `)`
    ");
    insta::assert_snapshot!(line("x = 1.2.3"), @r"
    error[E002]: `1.2.3` is not a number
      --> model, line 4, column 7
       |
     4 |   x = 1.2.3
       |       ^^^^^
    ");
    insta::assert_snapshot!(line("x = 1e999"), @r"
    error[E002]: `1e999` is larger than any number of 64 bits
      --> model, line 4, column 7
       |
     4 |   x = 1e999
       |       ^^^^^
      help: write `inf` for infinity
    ");
    insta::assert_snapshot!(line("x = a ? b : c"), @r"
    error[E001]: `?` is not a sign of this language
      --> model, line 4, column 9
       |
     4 |   x = a ? b : c
       |         ^
      help: write a conditional as `a if c else b`
    ");
    insta::assert_snapshot!(line("x = v²"), @r"
    error[E012]: `²` can stand in a unit only
      --> model, line 4, column 8
       |
     4 |   x = v²
       |        ^
      help: write `**2`
    ");
    insta::assert_snapshot!(line("x = a & b"), @r"
    error[E012]: `&` is not a sign of this language
      --> model, line 4, column 9
       |
     4 |   x = a & b
       |         ^
      help: write `and`
    ");
    insta::assert_snapshot!(line("x = a + not b"), @r"
    error[E012]: `not` binds less tightly than what stands before it
      --> model, line 4, column 11
       |
     4 |   x = a + not b
       |           ^^^
      help: write `(not …)`
    ");
    insta::assert_snapshot!(line("x = 1 kΩ"), @r"
    error[E001]: the letter `Ω` (U+03A9) cannot stand in a name
      --> model, line 4, column 10
       |
     4 |   x = 1 kΩ
       |          ^
      help: write `Ohm`
    ");
}

#[test]
fn units_and_operators() {
    insta::assert_snapshot!(line("x = 20 msec"), @r"
    error[E003]: unknown unit `msec`
      --> model, line 4, column 10
       |
     4 |   x = 20 msec
       |          ^^^^
      help: did you mean `ms`?
    ");
    insta::assert_snapshot!(line("x = 20 Mv"), @r"
    error[E003]: unknown unit `Mv`
      --> model, line 4, column 10
       |
     4 |   x = 20 Mv
       |          ^^
      help: did you mean `mV`?
    ");
    insta::assert_snapshot!(line("x = -65 volt"), @r"
    error[E003]: unknown unit `volt`
      --> model, line 4, column 11
       |
     4 |   x = -65 volt
       |           ^^^^
      help: did you mean `V`?
    ");
    insta::assert_snapshot!(line("x = 3 n"), @r"
    error[E005]: an operator is missing between `3` and `n`
      --> model, line 4, column 9
       |
     4 |   x = 3 n
       |         ^
      help: for a product write `3*n`
    ");
    insta::assert_snapshot!(line("x = exp(2 v)"), @r"
    error[E005]: an operator is missing between `2` and `v`
      --> model, line 4, column 13
       |
     4 |   x = exp(2 v)
       |             ^
      help: for a product write `2*v`
    ");
    insta::assert_snapshot!(line("x = g(v - 2)"), @r"
    error[E005]: an operator is missing between `g` and `(`
      --> model, line 4, column 8
       |
     4 |   x = g(v - 2)
       |        ^
      help: for a product write `g*(`
    ");
    insta::assert_snapshot!(line("x = mV"), @r"
    error[E004]: the unit `mV` stands without a number
      --> model, line 4, column 7
       |
     4 |   x = mV
       |       ^^
      help: write `1 mV`; if `mV` is a name, declare it with `param` or `state`
    ");
    insta::assert_snapshot!(line("x = v/ms"), @r"
    error[E004]: the unit `ms` stands without a number
      --> model, line 4, column 9
       |
     4 |   x = v/ms
       |         ^^
      help: for a quotient write `/(1 ms)`; a number alone may stand before it: `12/ms`
    ");
    insta::assert_snapshot!(line("param p = 3 : foo"), @r"
    error[E003]: unknown unit `foo`
      --> model, line 4, column 17
       |
     4 |   param p = 3 : foo
       |                 ^^^
    ");
    insta::assert_snapshot!(line("x = 10 mV**x"), @r"
    error[E003]: only a whole number can be the power of a unit
      --> model, line 4, column 12
       |
     4 |   x = 10 mV**x
       |            ^^
      help: for the power of the quantity write `(10 mV)**…`
    ");
    insta::assert_snapshot!(line("x = (a b)"), @r"
    error[E005]: an operator is missing between `a` and `b`
      --> model, line 4, column 10
       |
     4 |   x = (a b)
       |          ^
      help: for a product write `a*b`
    ");
    insta::assert_snapshot!(line("x = 5 mV mV"), @r"
    error[E005]: an operator is missing between `mV` and `mV`
      --> model, line 4, column 12
       |
     4 |   x = 5 mV mV
       |            ^^
    ");
}

#[test]
fn what_was_expected() {
    insta::assert_snapshot!(line("dv/dt = (v + 2"), @r"
    error[E007]: this bracket is never closed
      --> model, line 4, column 11
       |
     4 |   dv/dt = (v + 2
       |           ^
      --> a `)` is missing before this: model, line 4, column 17
       |
     4 |   dv/dt = (v + 2
       |                 ^
    ");
    insta::assert_snapshot!(line("x = v + 2)"), @r"
    error[E007]: this bracket closes nothing
      --> model, line 4, column 12
       |
     4 |   x = v + 2)
       |            ^
      help: delete it, or open one with `(` before
    ");
    insta::assert_snapshot!(line("threshold: v > v_th"), @r"
    error[E006]: no `:` stands after `threshold`
      --> model, line 4, column 12
       |
     4 |   threshold: v > v_th
       |            ^
      help: leave it out
    ");
    insta::assert_snapshot!(line("threshold a < b < c"), @r"
    error[E013]: comparisons cannot be chained
      --> model, line 4, column 19
       |
     4 |   threshold a < b < c
       |                   ^
      help: write `a < b and b < c`
    ");
    insta::assert_snapshot!(line("x = if a then b else c"), @r"
    error[E014]: a conditional starts with its value, not with `if`
      --> model, line 4, column 7
       |
     4 |   x = if a then b else c
       |       ^^
      help: write `a if c else b`
    ");
    insta::assert_snapshot!(line("x = a if b"), @r"
    error[E014]: expected `else`, found the end of the line
      --> model, line 4, column 13
       |
     4 |   x = a if b
       |             ^
      --> the condition starts here: model, line 4, column 9
       |
     4 |   x = a if b
       |         ^^
      help: write `a if c else b`
    ");
    insta::assert_snapshot!(line("x = a +"), @r"
    error[E006]: expected a value after `+`, found the end of the line
      --> model, line 4, column 9
       |
     4 |   x = a +
       |         ^
    ");
    insta::assert_snapshot!(line("x = a + + b"), @r"
    error[E006]: expected a value after `+`, found `+`
      --> model, line 4, column 11
       |
     4 |   x = a + + b
       |           ^
      help: leave the `+` out
    ");
    insta::assert_snapshot!(line("x = a * / b"), @r"
    error[E006]: expected a value after `*`, found `/`
      --> model, line 4, column 11
       |
     4 |   x = a * / b
       |           ^
    ");
    insta::assert_snapshot!(line("method runge kutta"), @r"
    error[E006]: a name is one word, found `kutta` behind `runge`
      --> model, line 4, column 16
       |
     4 |   method runge kutta
       |                ^^^^^
      help: write `runge_kutta`
    ");
    insta::assert_snapshot!(line("graded i_syn = g"), @r"
    error[E006]: expected `+=` after `i_syn`, found `=`
      --> model, line 4, column 16
       |
     4 |   graded i_syn = g
       |                ^
      help: write `graded i_syn += …`
    ");
    insta::assert_snapshot!(line("integrate"), @r"
    error[E006]: `integrate` stands outside of a `step` block
      --> model, line 4, column 3
       |
     4 |   integrate
       |   ^^^^^^^^^
      help: write it below a line `step`, further to the right
    ");
    insta::assert_snapshot!(line("w += 3"), @r"
    error[E006]: `+=` stands outside of a `reset`, `on_pre`, `on_post`, `every` or `step`
      --> model, line 4, column 5
       |
     4 |   w += 3
       |     ^^
      help: statements of a block stand further to the right than its first line
    ");
    insta::assert_snapshot!(line("reset v = 3, w = 2"), @r"
    error[E006]: expected `;` or the end of the line, found `,`
      --> model, line 4, column 14
       |
     4 |   reset v = 3, w = 2
       |              ^
      help: write `;` between statements
    ");
    insta::assert_snapshot!(line("reset v = 1; refractory 2 ms"), @r"
    error[E006]: expected an assignment, found the word `refractory`
      --> model, line 4, column 16
       |
     4 |   reset v = 1; refractory 2 ms
       |                ^^^^^^^^^^
      help: start a line with it that is not further to the right than the block
    ");
    insta::assert_snapshot!(line("input g = 3 nS"), @r"
    error[E006]: an input has no value, found `=` after `g`
      --> model, line 4, column 11
       |
     4 |   input g = 3 nS
       |           ^
      help: write `input g : pA` for an input, or `param g = …` for a parameter
    ");
    insta::assert_snapshot!(line("input i -> a / tau"), @r"
    error[E006]: expected `*` and the scale of arrivals, found `/`
      --> model, line 4, column 16
       |
     4 |   input i -> a / tau
       |                ^
      help: write `* 1/…`
    ");
    insta::assert_snapshot!(line("x = pre"), @r"
    error[E006]: expected `.` after `pre`, found the end of the line
      --> model, line 4, column 10
       |
     4 |   x = pre
       |          ^
      help: write for example `pre.v`
    ");
    insta::assert_snapshot!(line("x =+ 3"), @r"
    error[E006]: expected a value, found `+`
      --> model, line 4, column 6
       |
     4 |   x =+ 3
       |      ^
      help: leave the `+` out
    ");
    insta::assert_snapshot!(line("x = exp(a,)"), @r"
    error[E006]: expected a value, found `)`
      --> model, line 4, column 13
       |
     4 |   x = exp(a,)
       |             ^
    ");
    insta::assert_snapshot!(line("x = (a + 2\n   y = 3"), @r"
    error[E007]: this bracket is never closed
      --> model, line 4, column 7
       |
     4 |   x = (a + 2
       |       ^
      --> a `)` is missing before this: model, line 4, column 13
       |
     4 |   x = (a + 2
       |             ^
    ");
    insta::assert_snapshot!(line("dv/dt = -v/tau : mV if x"), @r"
    error[E006]: expected the end of the line, found the word `if`
      --> model, line 4, column 23
       |
     4 |   dv/dt = -v/tau : mV if x
       |                       ^^
    ");
    insta::assert_snapshot!(line("neuron"), @r"
    error[E006]: expected the name of the model, found the end of the line
      --> model, line 4, column 9
       |
     4 |   neuron
       |         ^
    ");
    insta::assert_snapshot!(whole("neuron lif:\n  state v = 0 mV"), @r"
    error[E006]: expected the end of the line, found `:`
      --> model, line 1, column 11
       |
     1 | neuron lif:
       |           ^
      help: leave the `:` out
    ");
    insta::assert_snapshot!(whole("neuron n\n  dv/dt = -v/tau +\n  threshold v >\n  reset v = (1\n  y = 2 msec\n  param q = 1 : mv"), @r"
    error[E006]: expected a value after `+`, found the end of the line
      --> model, line 2, column 18
       |
     2 |   dv/dt = -v/tau +
       |                  ^

    error[E006]: expected a value after `>`, found the end of the line
      --> model, line 3, column 15
       |
     3 |   threshold v >
       |               ^

    error[E007]: this bracket is never closed
      --> model, line 4, column 13
       |
     4 |   reset v = (1
       |             ^
      --> a `)` is missing before this: model, line 4, column 15
       |
     4 |   reset v = (1
       |               ^

    error[E003]: unknown unit `msec`
      --> model, line 5, column 9
       |
     5 |   y = 2 msec
       |         ^^^^
      help: did you mean `ms`?

    error[E003]: unknown unit `mv`
      --> model, line 6, column 17
       |
     6 |   param q = 1 : mv
       |                 ^^
      help: did you mean `mV`?
    ");
    insta::assert_snapshot!(whole("neuron lif cond\n  state v = 0 mV"), @r"
    error[E006]: a name is one word, found `cond` behind `lif`
      --> model, line 1, column 12
       |
     1 | neuron lif cond
       |            ^^^^
      help: write `lif_cond`
    ");
}
