//! `thinkey trace`.

use std::time::Duration;

use serde_json::json;
use types::MessageId;

use super::{Context, tree};
use crate::exit::{Exit, Failure};
use crate::rpc::view::{Level, Trace, Word};
use crate::wallet::{Goal, wait_for};

/// Draw the tree of messages that a message grew into.
///
/// Ends with one word: settled, partly failed or refunded; pending while something is under way.
#[derive(Clone, Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  thinkey trace 1f3c… --follow\n  thinkey trace 1f3c… --json\n\n\
    With --follow the command waits for the end: exit code 0 for every end that is not pending, \
    3 when the time is over."
)]
pub struct Args {
    /// The message's id, 64 hexadecimal digits.
    #[arg(value_name = "ID")]
    id: MessageId,
    /// Draw again at each change, until the tree has ended.
    #[arg(long)]
    follow: bool,
    /// Seats that must have prepared the block for level early; without it the usual number.
    #[arg(long, value_name = "F")]
    early_seats: Option<u32>,
    /// How many seconds to follow at most.
    #[arg(long, default_value_t = 120, value_name = "SECONDS")]
    timeout: u64,
}

pub(super) async fn run(context: &Context, args: Args) -> Result<Exit, Failure> {
    let mut drawing = Drawing::new(context);
    if !args.follow {
        let question = json!([args.id, args.early_seats]);
        let trace: Trace = context.client.call("trace_get", question).await?;
        drawing.show(&trace);
        context.output.say(trace.word.spoken());
        return Ok(Exit::Done);
    }
    let goal = Goal {
        level: Level::Settled,
        early_seats: args.early_seats,
        patience: Duration::from_secs(args.timeout),
    };
    let seen = |trace: &Trace| drawing.show(trace);
    let following = wait_for(&context.client, args.id, goal, seen);
    let outcome = following.await?;
    let word = outcome.trace.map_or(Word::Pending, |trace| trace.word);
    context.output.say(word.spoken());
    match outcome.reached {
        true => Ok(Exit::Done),
        false => Ok(Exit::NotReached),
    }
}

/// What is drawn so far.
struct Drawing<'a> {
    context: &'a Context,
    lines: Vec<String>,
}

impl<'a> Drawing<'a> {
    const fn new(context: &'a Context) -> Self {
        Self {
            context,
            lines: Vec::new(),
        }
    }

    /// On a terminal draws over what was drawn; elsewhere adds the lines that changed.
    fn show(&mut self, trace: &Trace) {
        let output = &self.context.output;
        output.json_line(trace);
        let lines = tree::draw(trace);
        if output.is_terminal() {
            if !self.lines.is_empty() {
                output.raw(&format!("\x1b[{}A\x1b[J", self.lines.len()));
            }
            output.say(&lines.join("\n"));
        } else {
            for line in lines.iter().filter(|line| !self.lines.contains(line)) {
                output.say(line);
            }
        }
        self.lines = lines;
    }
}
