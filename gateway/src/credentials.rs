//! Checks the fields of an OAuth Server-to-Server credential.

use campaign_workflow::header;
use serde::Deserialize;

use crate::ims::{Credentials, TOKEN_URL};
use crate::options::MAX_TIMER_MS;
use crate::raw_options::{Field, OptionError, ParseUrl, RawOptions, address, number, text, value};

const FIELD_NAMES: [&str; 7] = [
    "clientId",
    "clientSecret",
    "scope",
    "tokenUrl",
    "timeoutMs",
    "fetch",
    "now",
];

/// The fields that are values.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
#[allow(missing_docs)] // They are documented in gateway.d.ts, for users.
pub struct CredentialValues {
    pub client_id: Field<String>,
    pub client_secret: Field<String>,
    pub scope: Field<String>,
    pub token_url: Field<String>,
    pub timeout_ms: Field<f64>,
}

/// Checks a credential.
///
/// # Errors
///
/// The name of the invalid field, and what it must be.
pub fn check(
    raw: RawOptions<CredentialValues>,
    parse_url: ParseUrl<'_>,
) -> Result<Credentials, OptionError> {
    raw.check_names(&FIELD_NAMES)?;
    raw.check_function("fetch")?;
    raw.check_function("now")?;
    let CredentialValues {
        client_id,
        client_secret,
        scope,
        token_url,
        timeout_ms,
    } = raw.values;
    let required = |name, field| {
        text(name, field, header::check_credential)?.ok_or_else(|| format!("{name} is required"))
    };
    let is_scope = |text: &String| {
        let is_visible = |byte: u8| byte.is_ascii_graphic() || byte == b' ';
        !text.is_empty() && text.bytes().all(is_visible)
    };
    let what = "a text of visible ASCII, such as \"openid,AdobeID\"";
    let scope = value("scope", what, scope, |text| Some(text).filter(is_scope))?;
    let token_url = address("tokenUrl", token_url, parse_url)?;
    Ok(Credentials {
        client_id: required("clientId", client_id)?,
        client_secret: required("clientSecret", client_secret)?,
        scope: scope.ok_or("scope is required")?,
        token_url: token_url.map_or_else(|| TOKEN_URL.to_owned(), |(url, _)| url),
        timeout_ms: number("timeoutMs", timeout_ms, 1, MAX_TIMER_MS)?.unwrap_or(8000),
    })
}
