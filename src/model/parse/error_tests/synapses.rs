//! Texts of errors about what spikes do to synapses.

use super::whole;

/// What is said about one line of a synapse model.
#[track_caller]
fn line(text: &str) -> String {
    whole(&format!("synapse s\n  param w_max = 1 nS\n  {text}"))
}

#[test]
fn lines_of_spikes() {
    insta::assert_snapshot!(line("on_post"), @r"
    error[E015]: this `on_post` is empty
      --> model, line 3, column 3
       |
     3 |   on_post
       |   ^^^^^^^
      help: write `on_post w += a*x`, or statements on lines further to the right
    ");
    insta::assert_snapshot!(line("on_pots w += 1 nS"), @r"
    error[E008]: no line starts with `on_pots`
      --> model, line 3, column 3
       |
     3 |   on_pots w += 1 nS
       |   ^^^^^^^
      help: did you mean `on_post`?
    ");
    insta::assert_snapshot!(line("on_post w + 1 nS"), @r"
    error[E011]: expected `=` after `w`, found `+`
      --> model, line 3, column 13
       |
     3 |   on_post w + 1 nS
       |             ^
    ");
    insta::assert_snapshot!(line("on_pre x += 1; on_post y += 1"), @r"
    error[E006]: expected an assignment, found the word `on_post`
      --> model, line 3, column 18
       |
     3 |   on_pre x += 1; on_post y += 1
       |                  ^^^^^^^
      help: start a line with it that is not further to the right than the block
    ");
    insta::assert_snapshot!(line("dx/dt = -x/tau (event-driven)"), @r"
    error[E016]: unknown flag `event-driven`
      --> model, line 3, column 19
       |
     3 |   dx/dt = -x/tau (event-driven)
       |                   ^^^^^^^^^^^^
      help: leave it out: a synapse with `on_post` lines is advanced when spikes come, one with `graded` lines in every step
    ");
}

#[test]
fn delays_and_ranges() {
    insta::assert_snapshot!(line("delay"), @r"
    error[E006]: expected `axonal` or `dendritic` after `delay`, found the end of the line
      --> model, line 3, column 8
       |
     3 |   delay
       |        ^
      help: a synapse model says where the delay lies, a projection how long it is
    ");
    insta::assert_snapshot!(line("delay 1.5 ms"), @r"
    error[E006]: expected `axonal` or `dendritic` after `delay`, found `1.5`
      --> model, line 3, column 9
       |
     3 |   delay 1.5 ms
       |         ^^^
      help: a synapse model says where the delay lies, a projection how long it is
    ");
    insta::assert_snapshot!(line("delay = dendritic"), @r"
    error[E006]: no `=` stands after `delay`
      --> model, line 3, column 9
       |
     3 |   delay = dendritic
       |         ^
      help: leave it out
    ");
    insta::assert_snapshot!(line("delay axonal, dendritic"), @r"
    error[E006]: expected the end of the line, found `,`
      --> model, line 3, column 15
       |
     3 |   delay axonal, dendritic
       |               ^
    ");
    insta::assert_snapshot!(line("dely dendritic"), @r"
    error[E008]: no line starts with `dely`
      --> model, line 3, column 3
       |
     3 |   dely dendritic
       |   ^^^^
      help: did you mean `delay`?
    ");
    insta::assert_snapshot!(line("state w = 1 nS (from 0 nS until w_max)"), @r"
    error[E006]: expected `to`, `below` or `)`, found `until`
      --> model, line 3, column 29
       |
     3 |   state w = 1 nS (from 0 nS until w_max)
       |                             ^^^^^
      help: a range is `(from 0 ms)`, `(above 0 ms to 1 s)`, `(below 1)`
    ");
    insta::assert_snapshot!(line("dw/dt = -w/tau (from 0 nS)"), @r"
    error[E016]: no range can stand here
      --> model, line 3, column 18
       |
     3 |   dw/dt = -w/tau (from 0 nS)
       |                  ^
      help: what a value may be stands behind a parameter or a synapse's state: `param tau = 5 ms (above 0 ms)`
    ");
}

#[test]
fn modulators() {
    insta::assert_snapshot!(line("modulator d"), @r"
    error[E011]: expected `=` after `d`, found the end of the line
      --> model, line 3, column 14
       |
     3 |   modulator d
       |              ^
      help: write `modulator d = 0 nM`, or `modulator d : nM` if every projection must say what it is
    ");
    insta::assert_snapshot!(line("modulator d = 0 nM (from 0 nM)"), @r"
    error[E016]: no range can stand here
      --> model, line 3, column 22
       |
     3 |   modulator d = 0 nM (from 0 nM)
       |                      ^
      help: what a value may be stands behind a parameter or a synapse's state: `param tau = 5 ms (above 0 ms)`
    ");
    insta::assert_snapshot!(line("modulatr d = 0"), @r"
    error[E008]: no line starts with `modulatr`
      --> model, line 3, column 3
       |
     3 |   modulatr d = 0
       |   ^^^^^^^^
      help: did you mean `modulator`?
    ");
}
