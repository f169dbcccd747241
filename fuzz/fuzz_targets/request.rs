//! A request, as lines: organization, workflow id, base address, a header's name and its value.

#![no_main]

#[allow(dead_code)]
#[path = "../../tests/simulation/shell.rs"]
mod shell;

use campaign_workflow::{address, header};
use http::{HeaderName, HeaderValue};
use libfuzzer_sys::fuzz_target;
use url::{Host, Url};

fuzz_target!(|text: &str| {
    let mut lines = text.splitn(5, '\n');
    let mut line = || lines.next().unwrap_or("");
    let (organization, workflow, given, name, value) = (line(), line(), line(), line(), line());
    check_address(organization, workflow, given);
    check_header(name, value);
});

fn check_address(organization: &str, workflow: &str, given: &str) {
    let Ok(url) = Url::parse(given) else { return };
    let group = shell::which(url.as_str(), address::BASE);
    if address::is_adobe(group, shell::problem(given, &address::GIVEN)).is_err() {
        return;
    }
    let loopback = match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        host => host == Some(Host::Domain("localhost")),
    };
    assert!(url.scheme() == "https" || (url.scheme() == "http" && loopback));
    assert!(url.username().is_empty() && url.password().is_none());
    let refused = |id| shell::problem(id, &address::SEGMENT).is_some();
    if refused(organization) || refused(workflow) {
        return;
    }
    let mut built = url.origin().ascii_serialization() + url.path();
    shell::push_commands(&mut built, organization, workflow);
    let read = Url::parse(&built).expect("an address");
    assert_eq!(read.as_str(), built);
    assert_eq!(read.origin(), url.origin());
    assert!(read.query().is_none() && read.fragment().is_none());
    let before = url.path().trim_end_matches('/').split('/').count();
    assert_eq!(read.path().split('/').count(), before + 6);
}

fn check_header(name: &str, value: &str) {
    let named = HeaderName::from_bytes(name.as_bytes()).is_ok();
    assert_eq!(shell::problem(name, &header::NAME).is_none(), named);
    if shell::problem(value, &header::VALUE).is_none() {
        // As the platform writes it: one byte for each character.
        let bytes: Option<Vec<u8>> = value
            .chars()
            .map(|char| u8::try_from(u32::from(char)).ok())
            .collect();
        assert!(bytes.is_some_and(|bytes| HeaderValue::from_bytes(&bytes).is_ok()));
    }
    let fine = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_graphic());
    assert_eq!(shell::problem(value, &header::CREDENTIAL).is_none(), fine);
}
