//! What a caller is told, put together as `src/wasm/settle.rs` does with JavaScript's strings.

use campaign_workflow::response::SHOWN_LIMIT;
use serde_json::Value;

use crate::shell::{Diagnosis, cut, diagnose, is_json, mask};

const LOOKED_AT: usize = 8 * SHOWN_LIMIT;

/// What is known of the answer to the last request.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    pub status: Option<u16>,
    pub request_id: Option<String>,
    pub complete: bool,
    pub diagnosis: Diagnosis,
    text: Option<String>,
    content_type: Option<String>,
}

/// A text that leaves the package.
pub struct Text {
    pub place: &'static str,
    /// Before the secrets were blotted out.
    pub raw: String,
    pub told: String,
}

impl Answer {
    pub fn new(
        status: Option<u16>,
        request_id: Option<String>,
        content_type: Option<String>,
    ) -> Self {
        Self {
            status,
            request_id,
            content_type,
            ..Self::default()
        }
    }

    /// Takes the body, as far as it was read.
    pub fn take(&mut self, text: String) {
        if let Some(status @ (..=199 | 300..)) = self.status {
            let json = serde_json::from_str::<Value>(&text).ok();
            let json = json.filter(|json| json.is_object() || json.is_array());
            self.diagnosis = diagnose(status, beginning(&text), json.as_ref());
        }
        self.text = Some(text);
    }

    /// The texts of a receipt.
    pub fn of_receipt(&self, secrets: &[String]) -> Vec<Text> {
        let mut texts = self.request_id(secrets);
        if let Some(text) = &self.text {
            let told = clean(text, !self.complete, secrets);
            let json = self.complete && self.content_type.as_deref().is_some_and(is_json);
            let value = json
                .then(|| serde_json::from_str::<Value>(&told).ok())
                .flatten();
            let told = value.map_or(told, |value| value.to_string());
            texts.push(Text {
                place: "receipt.body",
                raw: text.clone(),
                told,
            });
        }
        texts
    }

    /// The texts of an error. `thrown`: the message of what `fetch` threw.
    pub fn of_error(&self, thrown: Option<&str>, secrets: &[String]) -> Vec<Text> {
        let mut texts = self.request_id(secrets);
        if let Some(code) = &self.diagnosis.error_code {
            let told = mask_all(code, secrets);
            texts.push(Text {
                place: "error.errorCode",
                raw: code.clone(),
                told,
            });
        }
        if let Some(text) = &self.text {
            let told = String::from(cut(&mask_all(beginning(text), secrets), SHOWN_LIMIT));
            texts.push(Text {
                place: "error.body",
                raw: text.clone(),
                told,
            });
        }
        if let Some(message) = thrown {
            let told = String::from(cut(&mask_all(message, secrets), SHOWN_LIMIT));
            texts.push(Text {
                place: "error.cause",
                raw: String::from(message),
                told,
            });
        }
        texts
    }

    fn request_id(&self, secrets: &[String]) -> Vec<Text> {
        let told = |id: &String| Text {
            place: "requestId",
            raw: id.clone(),
            told: clean(id, false, secrets),
        };
        self.request_id.iter().map(told).collect()
    }
}

fn beginning(text: &str) -> &str {
    let mut units = 0;
    let over = text.char_indices().find(|(_, char)| {
        units += char.len_utf16();
        units > LOOKED_AT
    });
    over.map_or(text, |(at, _)| &text[..at])
}

/// Only a text that may hold a secret is worth the search.
fn clean(text: &str, thorough: bool, secrets: &[String]) -> String {
    if thorough
        || text.contains(['%', '\\', '&'])
        || secrets.iter().any(|secret| text.contains(secret.as_str()))
    {
        mask_all(text, secrets)
    } else {
        String::from(text)
    }
}

fn mask_all(text: &str, secrets: &[String]) -> String {
    secrets
        .iter()
        .fold(String::from(text), |text, secret| mask(&text, secret))
}
