//! Drawing a trace.

use serde_json::Value;
use types::FailureCode;

use crate::rpc::view::{Level, LogView, NodeStatus, RunEntry, RunView, Trace, TraceNode};

/// The tree, one line per message, and under it one per entry of its log.
pub(super) fn draw(trace: &Trace) -> Vec<String> {
    let mut lines = Vec::new();
    draw_node(&trace.root, "", "", &mut lines);
    lines
}

fn draw_node(node: &TraceNode, first: &str, rest: &str, lines: &mut Vec<String>) {
    lines.push(format!("{first}{}", describe(node)));
    let trunk = if node.children.is_empty() {
        "   "
    } else {
        "│  "
    };
    let logs = node.run.iter().flat_map(|run| &run.logs);
    lines.extend(logs.map(|log| format!("{rest}{trunk}log {}", describe_log(log))));
    let last = node.children.len().saturating_sub(1);
    for (at, child) in node.children.iter().enumerate() {
        let (branch, below) = match at == last {
            true => ("└─ ", "   "),
            false => ("├─ ", "│  "),
        };
        let (first, rest) = (format!("{rest}{branch}"), format!("{rest}{below}"));
        draw_node(child, &first, &rest, lines);
    }
}

fn describe(node: &TraceNode) -> String {
    let mut text = format!(
        "{} {} → {} on chain {}: {}",
        what(node),
        node.value,
        shorten(&node.to.to_string()),
        node.chain,
        status(node),
    );
    let returned = node.run.as_ref().and_then(|run| run.returned.as_ref());
    if let Some(returned) = returned {
        text.push_str(&format!(" = {}", plain(returned)));
    }
    if let Some(height) = node.height {
        text.push_str(&format!(" at height {height}"));
    }
    if node.level > Level::Pending {
        text.push_str(&format!(", {}", node.level));
    }
    if let (Level::Early, Some(early)) = (node.level, node.early) {
        text.push_str(&format!(" by {} of {} seats", early.seats, early.of));
    }
    if node.height.is_some() {
        text.push_str(&format!(", gas {}", node.gas));
        if let Some(limit) = node.gas_limit {
            text.push_str(&format!(" of {limit}"));
        }
    }
    text
}

/// What a message is: a call's method and arguments, the handler that an answer runs.
fn what(node: &TraceNode) -> String {
    let Some(run) = &node.run else {
        return node.kind.word().to_owned();
    };
    let method = &run.method;
    let to = |word: &str| match &run.handler {
        Some(handler) => format!("{word} of {method}, to {handler}"),
        None => format!("{word} of {method}"),
    };
    match run.entry {
        RunEntry::Message => format!("call {method}{}", args(run)),
        RunEntry::Init => match &run.handler {
            Some(handler) => format!("deploy, {handler}{}", args(run)),
            None => "deploy".to_owned(),
        },
        RunEntry::Reply => format!("{}{}", to("reply"), args(run)),
        RunEntry::Bounce => to("bounce"),
        RunEntry::Timeout => to("time-out"),
    }
}

/// The arguments in brackets; as they are encoded, when nothing describes them.
fn args(run: &RunView) -> String {
    match run.args.as_ref().and_then(Value::as_object) {
        Some(args) => {
            let args = args
                .iter()
                .map(|(name, value)| format!("{name}: {}", plain(value)));
            format!("({})", args.collect::<Vec<_>>().join(", "))
        }
        None if run.input.is_empty() => "()".to_owned(),
        None => format!("(0x{})", cut(&run.input)),
    }
}

/// An entry of a log: its topic and its values, or its bytes.
pub(super) fn describe_log(log: &LogView) -> String {
    match &log.values {
        Some(values) => {
            let topic = log.topic.split('(').next().unwrap_or_default();
            let values = values.as_array().into_iter().flatten().map(plain);
            format!("{topic}({})", values.collect::<Vec<_>>().join(", "))
        }
        None if log.data.is_empty() => log.topic.clone(),
        None => format!("{} 0x{}", log.topic, cut(&log.data)),
    }
}

/// A value as people read it.
pub(super) fn plain(value: &Value) -> String {
    match value {
        Value::Null => "none".to_owned(),
        Value::String(text) if text.parse::<types::Address>().is_ok() => shorten(text),
        Value::String(text) => text.clone(),
        Value::Array(values) => {
            let values: Vec<_> = values.iter().map(plain).collect();
            format!("[{}]", values.join(", "))
        }
        Value::Object(fields) => {
            let fields = fields.iter();
            let fields = fields.map(|(name, value)| format!("{name}: {}", plain(value)));
            format!("{{{}}}", fields.collect::<Vec<_>>().join(", "))
        }
        other => other.to_string(),
    }
}

fn status(node: &TraceNode) -> String {
    match &node.status {
        NodeStatus::Waiting => "waiting".to_owned(),
        NodeStatus::Travelling => "travelling".to_owned(),
        NodeStatus::Arrived => "arrived".to_owned(),
        NodeStatus::Done => "done".to_owned(),
        NodeStatus::Expired => "expired".to_owned(),
        NodeStatus::Failed(code) => {
            let word = serde_json::to_value(code).unwrap_or_default();
            let word = word.as_str().unwrap_or("unknown").to_owned();
            // Code that gives up by itself says why; of other traps the number helps.
            let trap = node.run.as_ref().and_then(|run| run.trap);
            let trap = trap.filter(|_| *code == FailureCode::Trap);
            let trap = trap.map_or_else(String::new, |trap| format!(", trap {trap}"));
            let said = node.said.as_deref().map(|said| format!(": {said}"));
            format!("failed ({word}{trap}{})", said.unwrap_or_default())
        }
    }
}

/// The beginning of long digits.
fn cut(digits: &str) -> String {
    const SHOWN: usize = 64;
    match digits.get(..SHOWN) {
        Some(begin) if digits.len() > SHOWN => format!("{begin}…"),
        _ => digits.to_owned(),
    }
}

/// The network's name and the ends of an address, enough to recognise it.
pub(super) fn shorten(address: &str) -> String {
    let (head, tail) = (address.len().min(18), address.len().saturating_sub(6));
    match (address.get(..head), address.get(tail..)) {
        (Some(head_text), Some(tail_text)) if head < tail => format!("{head_text}…{tail_text}"),
        _ => address.to_owned(),
    }
}
