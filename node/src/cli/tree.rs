//! Drawing a trace.

use crate::rpc::view::{Level, NodeStatus, Trace, TraceNode};

/// The tree, one line per message.
pub(super) fn draw(trace: &Trace) -> Vec<String> {
    let mut lines = Vec::new();
    draw_node(&trace.root, "", "", &mut lines);
    lines
}

fn draw_node(node: &TraceNode, first: &str, rest: &str, lines: &mut Vec<String>) {
    lines.push(format!("{first}{}", describe(node)));
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
        node.kind.word(),
        node.value,
        shorten(&node.to.to_string()),
        node.chain,
        status(&node.status),
    );
    if let Some(height) = node.height {
        text.push_str(&format!(" at height {height}"));
    }
    if node.level > Level::Pending {
        text.push_str(&format!(", {}", node.level));
    }
    if let (Level::Early, Some(early)) = (node.level, node.early) {
        text.push_str(&format!(" by {} of {} seats", early.seats, early.of));
    }
    text
}

fn status(status: &NodeStatus) -> String {
    match status {
        NodeStatus::Waiting => "waiting".to_owned(),
        NodeStatus::Travelling => "travelling".to_owned(),
        NodeStatus::Arrived => "arrived".to_owned(),
        NodeStatus::Done => "done".to_owned(),
        NodeStatus::Expired => "expired".to_owned(),
        NodeStatus::Failed(code) => {
            let word = serde_json::to_value(code).unwrap_or_default();
            format!("failed ({})", word.as_str().unwrap_or("unknown"))
        }
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
