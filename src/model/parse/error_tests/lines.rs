//! Texts of errors about whole lines, names, blocks and flags.

use super::{line, whole};

#[test]
fn lines_and_names() {
    insta::assert_snapshot!(line("i_syn g*(e - v)"), @r"
    error[E011]: expected `=` after `i_syn`, found `g`
      --> model, line 4, column 9
       |
     4 |   i_syn g*(e - v)
       |         ^
      help: a line is `name = …`, `dv/dt = …`, or begins with a word such as `param`, `state`, `threshold`, `reset`
    ");
    insta::assert_snapshot!(line("x == 3 mV"), @r"
    error[E011]: expected `=` after `x`, found `==`
      --> model, line 4, column 5
       |
     4 |   x == 3 mV
       |     ^^
      help: `==` compares; write `=`
    ");
    insta::assert_snapshot!(line("x := 3 mV"), @r"
    error[E011]: expected `=` after `x`, found `:`
      --> model, line 4, column 5
       |
     4 |   x := 3 mV
       |     ^
      help: write `=`
    ");
    insta::assert_snapshot!(line("v' = -v/tau"), @r"
    error[E017]: expected a derivative such as `dv/dt`, found `v'`
      --> model, line 4, column 3
       |
     4 |   v' = -v/tau
       |   ^
      help: write `dv/dt = …`
    ");
    insta::assert_snapshot!(line("dv/dt: -v/tau"), @r"
    error[E011]: expected `=` after `dv/dt`, found `:`
      --> model, line 4, column 8
       |
     4 |   dv/dt: -v/tau
       |        ^
      help: write `=`; a unit stands behind the value: `= … : mV`
    ");
    insta::assert_snapshot!(line("d(v)/dt = -v/tau"), @r"
    error[E017]: expected a derivative such as `dv/dt`, found `d(v)/dt`
      --> model, line 4, column 3
       |
     4 |   d(v)/dt = -v/tau
       |   ^
      help: write `dv/dt = …`
    ");
    insta::assert_snapshot!(line("thresold v > v_th"), @r"
    error[E008]: no line starts with `thresold`
      --> model, line 4, column 3
       |
     4 |   thresold v > v_th
       |   ^^^^^^^^
      help: did you mean `threshold`?
    ");
    insta::assert_snapshot!(line("param if = 3"), @r"
    error[E010]: `if` is a word of the language and cannot be a name
      --> model, line 4, column 9
       |
     4 |   param if = 3
       |         ^^
      help: choose another, such as `if_`
    ");
    insta::assert_snapshot!(line("param p"), @r"
    error[E011]: expected `=` after `p`, found the end of the line
      --> model, line 4, column 10
       |
     4 |   param p
       |          ^
      help: write `param p = 1 mV`, or `param p : mV` if it has no default
    ");
    insta::assert_snapshot!(line("state w"), @r"
    error[E011]: expected `=` after `w`, found the end of the line
      --> model, line 4, column 10
       |
     4 |   state w
       |          ^
      help: give its value at the start: `state w = 0 mV`
    ");
    insta::assert_snapshot!(line("state w : pA"), @r"
    error[E011]: expected `=` after `w`, found `:`
      --> model, line 4, column 11
       |
     4 |   state w : pA
       |           ^
      help: give its value at the start: `state w = 0 mV`
    ");
    insta::assert_snapshot!(line("v : mV"), @r"
    error[E008]: expected `=` after `v`, found `:`
      --> model, line 4, column 5
       |
     4 |   v : mV
       |     ^
      help: to declare it write `param v : …` or `state v = …`
    ");
    insta::assert_snapshot!(line("reset v == 3"), @r"
    error[E011]: expected `=` after `v`, found `==`
      --> model, line 4, column 11
       |
     4 |   reset v == 3
       |           ^^
      help: `==` compares; write `=`
    ");
    insta::assert_snapshot!(line("x = 3 = 4"), @r"
    error[E011]: expected the end of the line, found `=`
      --> model, line 4, column 9
       |
     4 |   x = 3 = 4
       |         ^
      help: compare with `>=`, `<=` or `==`; only one `=` can stand on a line
    ");
    insta::assert_snapshot!(line("param x_very_long_name_x_very_long_name_x_very_long_name_x_very_long_name_ = 3"), @r"
    error[E010]: the name `x_very_long_name_x_very_long_name_x_very…` has 68 letters
      --> model, line 4, column 9
       |
     4 |   param x_very_long_name_x_very_long_name_x_very_long_name_x_very_long_name_ = 3
       |         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      help: use at most 64
    ");
    insta::assert_snapshot!(line("equation v = 3"), @r"
    error[E008]: no line starts with `equation`
      --> model, line 4, column 3
       |
     4 |   equation v = 3
       |   ^^^^^^^^
      help: a line declares (`param`, `state`, `input`, …) or is an equation: `x = …`, `dx/dt = …`
    ");
    insta::assert_snapshot!(whole(""), @r"
    error[E009]: there is no model in this text
      --> model
      help: begin it with a line such as `neuron my_model`
    ");
    insta::assert_snapshot!(whole("nueron lif\n  state v = 0 mV"), @r"
    error[E008]: no line starts with `nueron`
      --> model, line 1, column 1
       |
     1 | nueron lif
       | ^^^^^^
      help: did you mean `neuron`?
    ");
    insta::assert_snapshot!(whole("param x = 3\n state y 3"), @r"
    error[E009]: expected `neuron` or `synapse` and a name, found `param`
      --> model, line 1, column 1
       |
     1 | param x = 3
       | ^^^^^
      help: begin the text with a line such as `neuron my_model`

    error[E011]: expected `=` after `y`, found `3`
      --> model, line 2, column 10
       |
     2 |  state y 3
       |          ^
    ");
    insta::assert_snapshot!(whole("synapse s\n  on_pre g_exc + w\n  x = ((1 + 2)\n  threshold v ≥ 3 mV − v"), @r"
    error[E011]: expected `=` after `g_exc`, found `+`
      --> model, line 2, column 16
       |
     2 |   on_pre g_exc + w
       |                ^

    error[E007]: this bracket is never closed
      --> model, line 3, column 7
       |
     3 |   x = ((1 + 2)
       |       ^
      --> a `)` is missing before this: model, line 3, column 15
       |
     3 |   x = ((1 + 2)
       |               ^

    error[E012]: `≥` is not a sign of this language
      --> model, line 4, column 15
       |
     4 |   threshold v ≥ 3 mV − v
       |               ^
      help: write `>=`

    error[E012]: `−` is not a sign of this language
      --> model, line 4, column 22
       |
     4 |   threshold v ≥ 3 mV − v
       |                      ^
      help: write `-`
    ");
}

#[test]
fn blocks_and_flags() {
    insta::assert_snapshot!(line("reset"), @r"
    error[E015]: this `reset` is empty
      --> model, line 4, column 3
       |
     4 |   reset
       |   ^^^^^
      help: write `reset v = v_reset`, or statements on lines further to the right
    ");
    insta::assert_snapshot!(line("step"), @r"
    error[E015]: this `step` is empty
      --> model, line 4, column 3
       |
     4 |   step
       |   ^^^^
      help: write `receive`, `integrate` and `spike` on lines further to the right
    ");
    insta::assert_snapshot!(line("dv/dt = -v/tau (unless refactory)"), @r"
    error[E016]: unknown flag `unless refactory`
      --> model, line 4, column 19
       |
     4 |   dv/dt = -v/tau (unless refactory)
       |                   ^^^^^^^^^^^^^^^^
      help: did you mean `unless refractory`?
    ");
    insta::assert_snapshot!(line("dv/dt = -v/tau : mV (while refractory)"), @r"
    error[E016]: unknown flag `while refractory`
      --> model, line 4, column 24
       |
     4 |   dv/dt = -v/tau : mV (while refractory)
       |                        ^^^^^^^^^^^^^^^^
      help: did you mean `unless refractory`?
    ");
    insta::assert_snapshot!(line("input g : nS (at end)"), @r"
    error[E016]: unknown flag `at end`
      --> model, line 4, column 17
       |
     4 |   input g : nS (at end)
       |                 ^^^^^^
      help: known here: `(at start)`, `(on arrival)`, `(lost while refractory)`
    ");
    insta::assert_snapshot!(line("threshold v > 1 mV (unless refractory)"), @r"
    error[E016]: no flags can stand here
      --> model, line 4, column 22
       |
     4 |   threshold v > 1 mV (unless refractory)
       |                      ^
      help: `(unless refractory)` belongs to `dv/dt = …`, other flags to `input`
    ");
    insta::assert_snapshot!(line("input g_exc (lost while refractory, lost while refractory)"), @r"
    error[E016]: `lost while refractory` contradicts or repeats a flag before it
      --> model, line 4, column 39
       |
     4 |   input g_exc (lost while refractory, lost while refractory)
       |                                       ^^^^^^^^^^^^^^^^^^^^^
    ");
    insta::assert_snapshot!(whole("neuron empty\n"), @r"
    error[E015]: the model `empty` is empty
      --> model, line 1, column 8
       |
     1 | neuron empty
       |        ^^^^^
      help: describe it in the lines below, for example `state v = -65 mV`
    ");
}
