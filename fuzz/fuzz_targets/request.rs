//! Fuzzes a request. The lines of the input are organization, workflow id, base address, and a
//! header's name and value.

#![no_main]

use campaign_workflow::address::{Base, check_segment};
use campaign_workflow::header::{check_credential, check_idempotency_key, check_name, check_value};
use http::{HeaderName, HeaderValue};
use libfuzzer_sys::fuzz_target;
use url::{Host, Url};

fuzz_target!(|text: &str| {
    let mut lines = text.splitn(5, '\n');
    let mut line = || lines.next().unwrap_or("");
    let (organization, workflow, input, name, value) = (line(), line(), line(), line(), line());
    check_address(organization, workflow, input);
    check_header(name, value);
});

fn check_address(organization: &str, workflow: &str, input: &str) {
    let Ok(url) = Url::parse(input) else { return };
    let Ok(base) = Base::check(input, Some(url.as_str())) else {
        return;
    };
    let loopback = match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        host => host == Some(Host::Domain("localhost")),
    };
    assert!(url.scheme() == "https" || (url.scheme() == "http" && loopback));
    assert!(url.username().is_empty() && url.password().is_none());
    if check_segment(organization).is_err() || check_segment(workflow).is_err() {
        return;
    }
    let built = base.workflow_url(organization, workflow);
    let read = Url::parse(&built).expect("an address");
    assert_eq!(read.as_str(), built);
    assert_eq!(read.origin(), url.origin());
    assert!(read.query().is_none() && read.fragment().is_none());
    let before = url.path().trim_end_matches('/').split('/').count();
    assert_eq!(read.path().split('/').count(), before + 5);
}

fn check_header(name: &str, value: &str) {
    let is_token = HeaderName::from_bytes(name.as_bytes()).is_ok();
    let is_name = check_name(&name.to_ascii_lowercase(), true).is_ok();
    assert!(is_token || !is_name);
    if check_value(value).is_ok() {
        // Encodes the value as the platform sends it: one byte for each character.
        let bytes: Option<Vec<u8>> = value
            .chars()
            .map(|char| u8::try_from(u32::from(char)).ok())
            .collect();
        assert!(bytes.is_some_and(|bytes| HeaderValue::from_bytes(&bytes).is_ok()));
    }
    let is_visible = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_graphic());
    assert_eq!(check_credential(value).is_ok(), is_visible);
    let is_key = is_visible && value.len() <= 255;
    assert_eq!(check_idempotency_key(value, false).is_ok(), is_key);
}
