//! The official test suite, through validation, metering and the interpreter.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use wasmi::Val;
use wast::core::{NanPattern, WastArgCore, WastRetCore};
use wast::parser::{ParseBuffer, parse};
use wast::{QuoteWat, Wast, WastArg, WastDirective, WastExecute, WastInvoke, WastRet};

use super::{Metered, PLENTY, bits};
use crate::{Trap, validate};

/// Steps with another outcome here, rightly.
const DIFFERENT: [&str; 6] = [
    // Grows the memory by more than contracts may.
    "call_indirect.wast:603",
    // Look at a table that a module wrote to which we refuse, since it imports the table.
    "elem.wast:959",
    "elem.wast:960",
    "elem.wast:972",
    "elem.wast:973",
    "elem.wast:974",
];

/// What became of the directives.
#[derive(Debug, Default, PartialEq, Eq)]
struct Tally {
    /// Calls with the expected results.
    returned: u32,
    /// Calls that trapped as expected, with the expected code.
    trapped: u32,
    /// Invalid and malformed binaries that are refused.
    refused: u32,
    /// Modules that use what contracts may not, and what depends on them.
    skipped: u32,
}

struct Suite<'a> {
    file: &'a str,
    text: &'a str,
    named: BTreeMap<String, Option<Metered>>,
    /// Name of the module defined last.
    last: String,
    tally: Tally,
}

impl Suite<'_> {
    fn place(&self, directive: &WastDirective<'_>) -> String {
        let (line, _) = directive.span().linecol_in(self.text);
        let name = self.file.rsplit('/').next().unwrap_or_default();
        format!("{name}:{}", line + 1)
    }

    fn step(&mut self, directive: WastDirective<'_>) {
        let place = self.place(&directive);
        if DIFFERENT.contains(&place.as_str()) {
            self.tally.skipped += 1;
            return;
        }
        match directive {
            WastDirective::Module(module) => self.define(module),
            WastDirective::Invoke(call) => match self.call(&call) {
                Some(result) => assert!(result.is_ok(), "{place}: {result:?}"),
                None => self.tally.skipped += 1,
            },
            WastDirective::AssertReturn {
                exec: WastExecute::Invoke(call),
                results,
                ..
            } => match self.call(&call) {
                Some(Ok(found)) => {
                    let same = found.len() == results.len()
                        && found.iter().zip(&results).all(|(a, b)| is_expected(a, b));
                    assert!(same, "{place}: {found:?}, expected {results:?}");
                    self.tally.returned += 1;
                }
                Some(Err(trap)) => panic!("{place}: {trap:?}"),
                None => self.tally.skipped += 1,
            },
            WastDirective::AssertTrap {
                exec: WastExecute::Invoke(call),
                message,
                ..
            } => self.expect_trap(&place, &call, &of_message(message)),
            WastDirective::AssertExhaustion { call, .. } => {
                self.expect_trap(&place, &call, &[Trap::StackOverflow]);
            }
            WastDirective::AssertInvalid { module, .. }
            | WastDirective::AssertMalformed { module, .. } => self.expect_refusal(&place, module),
            _ => self.tally.skipped += 1,
        }
    }

    fn define(&mut self, mut module: QuoteWat<'_>) {
        let name = match &module {
            QuoteWat::Wat(wast::Wat::Module(module)) => module.id.map(|id| id.name().to_owned()),
            _ => None,
        };
        self.last = name.unwrap_or_default();
        let code = module.encode().unwrap_or_default();
        let metered = Metered::new(&code).ok();
        self.tally.skipped += u32::from(metered.is_none());
        self.named.insert(self.last.clone(), metered);
    }

    fn call(&mut self, call: &WastInvoke<'_>) -> Option<Result<Vec<Val>, Trap>> {
        let name = call.module.map(|id| id.name().to_owned());
        let name = name.unwrap_or_else(|| self.last.clone());
        let metered = self.named.get_mut(&name)?.as_mut()?;
        let arguments: Option<Vec<_>> = call.args.iter().map(argument).collect();
        Some(metered.call(call.name, &arguments?, PLENTY).0)
    }

    fn expect_trap(&mut self, place: &str, call: &WastInvoke<'_>, expected: &[Trap]) {
        match self.call(call) {
            Some(Err(trap)) if expected.contains(&trap) => self.tally.trapped += 1,
            Some(result) => panic!("{place}: {result:?}, expected {expected:?}"),
            None => self.tally.skipped += 1,
        }
    }

    fn expect_refusal(&mut self, place: &str, mut module: QuoteWat<'_>) {
        // A text that can't be encoded says nothing about us.
        if let Ok(code) = module.encode() {
            assert!(validate::check(&code).is_err(), "{place}: allowed");
            self.tally.refused += 1;
        }
    }
}

fn argument(argument: &WastArg<'_>) -> Option<Val> {
    match argument {
        WastArg::Core(WastArgCore::I32(value)) => Some(Val::I32(*value)),
        WastArg::Core(WastArgCore::I64(value)) => Some(Val::I64(*value)),
        WastArg::Core(WastArgCore::F32(value)) => Some(Val::F32(f32::from_bits(value.bits).into())),
        WastArg::Core(WastArgCore::F64(value)) => Some(Val::F64(f64::from_bits(value.bits).into())),
        _ => None,
    }
}

/// Canonical NaNs are positive here, also where the suite allows any that is arithmetic. [V3]
fn is_expected(found: &Val, expected: &WastRet<'_>) -> bool {
    let WastRet::Core(expected) = expected else {
        return false;
    };
    let expected = match expected {
        WastRetCore::I32(value) => u64::from(value.cast_unsigned()),
        WastRetCore::I64(value) => value.cast_unsigned(),
        WastRetCore::F32(NanPattern::Value(value)) => u64::from(value.bits),
        WastRetCore::F64(NanPattern::Value(value)) => value.bits,
        WastRetCore::F32(_) => 0x7fc0_0000,
        WastRetCore::F64(_) => 0x7ff8_0000_0000_0000,
        _ => return false,
    };
    bits(found) == expected
}

fn of_message(message: &str) -> Vec<Trap> {
    let traps = [
        ("out of bounds memory access", Trap::MemoryOutOfBounds),
        ("out of bounds table access", Trap::TableOutOfBounds),
        ("undefined element", Trap::TableOutOfBounds),
        ("uninitialized element", Trap::IndirectCallNull),
        ("indirect call type mismatch", Trap::IndirectCallType),
        ("integer divide by zero", Trap::DivideByZero),
        ("integer overflow", Trap::IntegerOverflow),
        ("invalid conversion to integer", Trap::BadConversion),
        ("unreachable", Trap::Unreachable),
    ];
    let known = traps
        .into_iter()
        .filter(|(text, _)| message.starts_with(text));
    known.map(|(_, trap)| trap).collect()
}

fn run_file(path: &Path) -> Tally {
    let text = fs::read_to_string(path).expect("readable");
    let file = path.display().to_string();
    let buffer = ParseBuffer::new(&text).expect("tokens");
    let wast = parse::<Wast<'_>>(&buffer);
    let wast = wast.unwrap_or_else(|error| panic!("{file}: {error}"));
    let mut suite = Suite {
        file: &file,
        text: &text,
        named: BTreeMap::new(),
        last: String::new(),
        tally: Tally::default(),
    };
    for directive in wast.directives {
        suite.step(directive);
    }
    suite.tally
}

#[test]
fn the_official_suite() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/testsuite");
    let mut paths: Vec<_> = fs::read_dir(folder)
        .expect("the suite")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "wast"))
        .collect();
    paths.sort();
    let mut sum = Tally::default();
    for path in &paths {
        let tally = run_file(path);
        println!("{}: {tally:?}", path.display());
        sum.returned += tally.returned;
        sum.trapped += tally.trapped;
        sum.refused += tally.refused;
        sum.skipped += tally.skipped;
    }
    println!("{} files: {sum:?}", paths.len());
    let expected = Tally {
        returned: 4959,
        trapped: 465,
        refused: 1514,
        skipped: 278,
    };
    assert_eq!(sum, expected, "the suite tests less, or more, than it did");
}
