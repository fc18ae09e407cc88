//! How adapters answer kernels whose answers are known: the part of `doctor` that can end with an error.

use synfire::engine::gpu::{Adapter, Answer, Outcome, answers};

use super::{Failure, say};

/// What `doctor` ends with.
///
/// **Errors** anything that is wrong.
pub fn outcome(wrong: &[String]) -> Result<(), Failure> {
    if wrong.is_empty() {
        return Ok(());
    }
    let help = "update its driver; until then use `--engine cpu` or another adapter (--adapter)";
    Err(Failure { code: 1, message: format!("{}\n  help: {help}", wrong.join("\n")) })
}

/// Prints how an adapter answers kernels whose answers are known. Gives what is wrong, an error per question.
pub fn asked(adapter: &Adapter) -> Vec<String> {
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
