//! Finds and rewrites the trigger addresses in a workflow's JSON.
//!
//! Source: Adobe Campaign Standard, "Triggering a signal activity".

use serde_json::value::{RawValue, to_raw_value};

use crate::json::{Members, RawJson, string};

/// The members that lead to a trigger; `None` stands for any activity's name.
const TRIGGER: [Option<&str>; 4] = [Some("activities"), Some("activity"), None, Some("trigger")];

/// The workflow with each trigger address replaced. A trigger for which `replace` returns `None` loses its address.
pub fn rewrite_triggers(
    workflow: &RawJson,
    replace: impl FnMut(&str) -> Option<String>,
) -> Option<String> {
    let mut replace = replace;
    let rewritten = rewrite(workflow.raw(), &TRIGGER, &mut replace)?;
    Some(rewritten.get().to_owned())
}

/// The first result of `find` for the addresses of the triggers.
pub fn find_trigger<T>(workflow: &RawJson, find: impl Fn(&str) -> Option<T>) -> Option<T> {
    let mut found = None;
    rewrite_triggers(workflow, |address| {
        found = found.take().or_else(|| find(address));
        None
    });
    found
}

/// `None` if an object can't be parsed.
fn rewrite(
    value: &RawValue,
    path: &[Option<&str>],
    replace: &mut dyn FnMut(&str) -> Option<String>,
) -> Option<Box<RawValue>> {
    if !value.get().starts_with('{') {
        return Some(value.to_owned());
    }
    let mut members = Members::of(value)?.0;
    if let Some((step, rest)) = path.split_first() {
        for (name, value) in &mut members {
            if step.is_none_or(|step| step == name) {
                *value = rewrite(value, rest, replace)?;
            }
        }
    } else {
        let mut kept = Vec::with_capacity(members.len());
        for (name, value) in members {
            if name != "href" {
                kept.push((name, value));
            } else if let Some(address) = string(&value).and_then(|address| replace(&address)) {
                kept.push((name, to_raw_value(&address).ok()?));
            }
        }
        members = kept;
    }
    Members(members).to_object()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> RawJson {
        RawJson::parse(text).unwrap()
    }

    #[test]
    fn rewrites_only_the_addresses_of_triggers() {
        let workflow = parsed(
            r#"{"PKey": "@wf", "n": 1.50, "href": "kept", "activities": {"activity": {
                "b": {"trigger": {"x": [1, 2], "href": "/b"}, "href": "kept"},
                "a": {"trigger": {"href": "/a"}}, "c": {"trigger": "/c"}, "d": 4, "e": {"trigger": {"href": 5}}
            }, "other": {"f": {"trigger": {"href": "/f"}}}}}"#,
        );
        let rewritten = rewrite_triggers(&workflow, |address| {
            (address != "/a").then(|| ["/new", address].concat())
        });
        let expected = r#"{"PKey":"@wf","n":1.50,"href":"kept","activities":{"activity":{"b":{"trigger":{"x":[1, 2],"href":"/new/b"},"href":"kept"},"a":{"trigger":{}},"c":{"trigger":"/c"},"d":4,"e":{"trigger":{}}},"other":{"f": {"trigger": {"href": "/f"}}}}}"#;
        assert_eq!(rewritten.as_deref(), Some(expected));
    }

    #[test]
    fn keeps_a_workflow_without_triggers() {
        for text in [
            "{}",
            r#"{"activities":null}"#,
            r#"{"activities":{"activity":[{"trigger":{"href":"/a"}}]}}"#,
        ] {
            let workflow = parsed(text);
            assert_eq!(rewrite_triggers(&workflow, |_| None).as_deref(), Some(text));
            let found = find_trigger(&workflow, |address| Some(address.to_owned()));
            assert_eq!(found, None);
        }
    }

    #[test]
    fn rewrites_all_members_with_the_same_name() {
        let workflow = parsed(
            r#"{"activities":{"activity":{"a":{"trigger":{"href":"/1","href":"/2"}},"a":{"trigger":{"href":"/3"}}}}}"#,
        );
        let seen = std::cell::RefCell::new(Vec::new());
        find_trigger(&workflow, |address| {
            seen.borrow_mut().push(address.to_owned());
            (address == "/9").then_some(())
        });
        assert_eq!(seen.into_inner(), ["/1", "/2", "/3"]);
    }
}
