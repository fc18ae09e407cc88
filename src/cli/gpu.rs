//! What the command tells of graphics processors and of the kernels made for them.

use synfire::engine::gpu::{Adapter, Answer, Outcome, adapters, answers};
use synfire::plan::Plan;
use synfire::plan::schedule::{Machine, Settings};
use synfire::wgsl;

use super::{Failure, grouped, say};

/// The part of `doctor` about GPUs.
///
/// **Errors** an adapter that answers wrong, or not at all.
pub fn report() -> Result<(), Failure> {
    let found = adapters();
    let hardware = found.iter().any(|adapter| !adapter.software);
    say(match (found.is_empty(), hardware) {
        (true, _) => "\nengine gpu: no adapter",
        (_, true) => "\nengine gpu: ready",
        (_, false) => "\nengine gpu: only a software adapter, taken when asked for by name (--adapter); the cpu engine is faster",
    });
    let mut wrong = Vec::new();
    for adapter in &found {
        let kind = if adapter.software { "software, runs on the processor" } else { "hardware" };
        say(format_args!("  {} ({}, {kind})", adapter.name, adapter.backend));
        say(format_args!("    driver          {}", adapter.driver));
        say(format_args!("    one buffer      up to {} MiB", grouped(adapter.buffer_bytes >> 20)));
        say(format_args!("    one binding     up to {} MiB", grouped(adapter.binding_bytes >> 20)));
        wrong.extend(asked(adapter));
    }
    if !hardware {
        say("\nto install:");
        say("  a GPU of this machine needs its Vulkan driver (Linux, Windows) or nothing more (macOS)");
    }
    if found.is_empty() && cfg!(target_os = "linux") {
        say("  Debian, Ubuntu:  apt-get install libvulkan1 mesa-vulkan-drivers   (AMD, Intel, and a software adapter)");
        say("  Fedora:          dnf install vulkan-loader mesa-vulkan-drivers");
        say("  Arch:            pacman -S vulkan-icd-loader vulkan-swrast");
    }
    if wrong.is_empty() {
        return Ok(());
    }
    let help = "update its driver; until then use `--engine cpu` or another adapter (--adapter)";
    Err(Failure { code: 1, message: format!("{}\n  help: {help}", wrong.join("\n")) })
}

/// Prints how an adapter answers kernels whose answers are known. Gives what is wrong, an error per question.
fn asked(adapter: &Adapter) -> Vec<String> {
    match answers(&adapter.choice()) {
        Ok(list) => {
            let (lines, wrong) = told(&adapter.name, &list);
            lines.iter().for_each(say);
            wrong
        }
        Err(error) => {
            say("    known answers   none");
            vec![format!("error[E190]: {} gave no answers: {error}", adapter.name)]
        }
    }
}

/// Lines for the reader, and an error for each wrong answer.
fn told(adapter: &str, list: &[Answer]) -> (Vec<String>, Vec<String>) {
    let right = list.iter().filter(|answer| answer.outcome == Outcome::Right).count();
    let asked = list.iter().filter(|answer| !matches!(answer.outcome, Outcome::Told(_))).count();
    let mut lines = vec![format!("    known answers   {right} of {asked} right")];
    let mut wrong = Vec::new();
    for Answer { name, outcome } in list {
        match outcome {
            Outcome::Told(what) => lines.push(format!("      {name:<22} {what}")),
            Outcome::Wrong(what) => {
                lines.push(format!("      {name:<22} WRONG: {what}"));
                wrong.push(format!("error[E190]: {adapter} answers wrong in `{name}`: {what}"));
            }
            _ => {}
        }
    }
    (lines, wrong)
}

/// The part of `explain` about kernels.
pub fn kernels(plan: &Plan, settings: &Settings) -> Result<String, Failure> {
    wgsl::show(plan, &Machine::WEB, settings).map_err(|error| Failure { code: 1, message: format!("error[E190]: {error}") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_answer_names_the_adapter_and_the_question() {
        let answer = |name, outcome| Answer { name, outcome };
        let list = [
            answer("loops", Outcome::Right),
            answer("barriers", Outcome::Wrong("word 3: expected 1, found 2".into())),
            answer("a*b + c", Outcome::Told("fused".into())),
        ];
        let (lines, wrong) = told("Card 1", &list);
        assert_eq!(lines[0], "    known answers   1 of 2 right");
        assert_eq!(lines[1], "      barriers               WRONG: word 3: expected 1, found 2");
        assert_eq!(lines[2], "      a*b + c                fused");
        assert_eq!(wrong, ["error[E190]: Card 1 answers wrong in `barriers`: word 3: expected 1, found 2"]);
    }
}
