//! The software adapter answers right, and a wrong answer is seen. Needs an adapter; a software one will do.

use super::*;

#[test]
fn every_adapter_answers_right() {
    for adapter in super::super::adapters() {
        let told = answers(&adapter.choice()).unwrap_or_else(|e| panic!("{e}"));
        told.iter().for_each(|a| println!("{}: {:?}", a.name, a.outcome));
        assert_eq!(told.iter().filter(|a| a.outcome == Outcome::Right).count(), 9, "{}: {told:?}", adapter.name);
        assert!(told.iter().all(|a| !matches!(a.outcome, Outcome::Wrong(_))), "{}: {told:?}", adapter.name);
        let infinity = told.iter().find(|a| a.name == "infinity compared").map(|a| &a.outcome);
        if adapter.software {
            assert_eq!(infinity, Some(&Outcome::Told("as on the CPU".into())), "{}", adapter.name);
        }
    }
}

/// A kernel that answers wrong is the same as an expectation that is wrong: each question sees it, at either end.
#[test]
fn a_wrong_answer_is_seen() {
    let device = pollster::block_on(GpuDevice::open(&AdapterChoice::Best)).unwrap_or_else(|e| panic!("{e}"));
    for last in [false, true] {
        let mut planted = questions::all();
        for question in &mut planted {
            match &mut question.expected {
                Expected::Words(words) => {
                    let place = if last { words.len() - 1 } else { 0 };
                    words[place] ^= 1;
                }
                Expected::Near(list) => {
                    let place = if last { list.len() - 1 } else { 0 };
                    list[place].0 += 1e-3;
                }
                Expected::Either { .. } => {}
            }
        }
        let told = pollster::block_on(ask(&device, &planted)).unwrap_or_else(|e| panic!("{e}"));
        let wrong = told.iter().filter(|a| matches!(&a.outcome, Outcome::Wrong(why) if why.contains("expected"))).count();
        assert_eq!(wrong, 9, "{told:?}");
    }
}

/// Kernels that do wrong, each by a little.
#[test]
fn a_wrong_kernel_is_seen() {
    let device = pollster::block_on(GpuDevice::open(&AdapterChoice::Best)).unwrap_or_else(|e| panic!("{e}"));
    let faults = [
        ("whole numbers", "a * b", "a * (b | 1u)"),
        ("random numbers", "(cross >> 16u) + (middle >> 16u)", "(cross >> 16u)"),
        ("arithmetic", "bitcast<u32>(a / b)", "bitcast<u32>(a / b * 1.000001)"),
        ("NaN and infinity", "> 0x7f800000u", ">= 0x7f800000u"),
        (
            "sums by atomics",
            "atomicAdd(&found[WORDS], addend)",
            "atomicStore(&found[WORDS], atomicLoad(&found[WORDS]) + addend * 2)",
        ),
        ("loops", "taken < given[id.x]", "taken < min(given[id.x], 32767u)"),
        ("uniform loads", "workgroupUniformLoad(&agreed)", "1u + 0u * workgroupUniformLoad(&agreed)"),
        ("barriers", "(lane + 37u)", "(lane + 38u)"),
        ("dispatches in order", "number == 0u", "number <= 1u"),
    ];
    for (name, right, wrong) in faults {
        let mut asked: Vec<Question> = questions::all().into_iter().filter(|q| q.name == name).collect();
        let source: String = asked[0].source.concat();
        assert!(source.contains(right), "{name}");
        asked[0].source = vec![source.replacen(right, wrong, 1).leak()];
        let told = pollster::block_on(ask(&device, &asked)).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert!(matches!(told[0].outcome, Outcome::Wrong(_)), "{name}: {told:?}");
    }
}

#[test]
fn the_known_words_are_those_of_the_cpu() {
    for question in questions::all().into_iter().filter(|q| q.name == "random numbers") {
        let Expected::Words(words) = &question.expected else { panic!("words are expected") };
        for (asked, expected) in question.given.chunks_exact(6).zip(words.chunks_exact(5)) {
            let found = crate::random::threefry([asked[0], asked[1], asked[2], asked[3]], [asked[4], asked[5], 0, 0]);
            assert_eq!(found, expected[..4]);
        }
    }
}

#[test]
fn a_loop_that_is_cut_is_a_fault_of_hardware_alone() {
    let question = questions::all().pop().unwrap_or_else(|| panic!("no question"));
    assert!(matches!(question.expected.judge(&[1, 65_535], true), Outcome::Told(_)));
    assert!(matches!(question.expected.judge(&[1, 65_535], false), Outcome::Wrong(_)));
    assert!(matches!(question.expected.judge(&[], true), Outcome::Wrong(_)));
}
