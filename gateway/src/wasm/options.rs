//! Reads options from JavaScript: once, each field as the type that it must have.

use js_sys::{Array, JsString, Object};
use serde::de::DeserializeOwned;
use wasm_bindgen::prelude::*;

use crate::gateway::Gateway;
use crate::ims::Credentials;
use crate::options;
use crate::raw_options::{OptionError, RawOptions};

#[wasm_bindgen]
extern "C" {
    /// The options that are functions or objects.
    pub type Options;
    #[wasm_bindgen(method, getter)]
    pub fn authorize(this: &Options) -> JsValue;
    #[wasm_bindgen(method, getter)]
    pub fn send(this: &Options) -> JsValue;
    #[wasm_bindgen(method, getter)]
    pub fn log(this: &Options) -> JsValue;
    #[wasm_bindgen(method, getter)]
    pub fn fetch(this: &Options) -> JsValue;
    #[wasm_bindgen(method, getter, js_name = accessToken)]
    pub fn access_token(this: &Options) -> JsValue;
    #[wasm_bindgen(method, getter)]
    pub fn credentials(this: &Options) -> JsValue;

    /// The functions of a credential.
    pub type CredentialOptions;
    #[wasm_bindgen(method, getter)]
    pub fn fetch(this: &CredentialOptions) -> JsValue;
    #[wasm_bindgen(method, getter)]
    pub fn now(this: &CredentialOptions) -> JsValue;

    #[wasm_bindgen(extends = Object)]
    type Fields;
    #[wasm_bindgen(method, indexing_setter)]
    fn set(this: &Fields, name: &JsString, value: &JsValue);
}

/// Checks a gateway's options.
pub fn check(object: &JsValue) -> Result<(Gateway, Option<Credentials>), OptionError> {
    let raw_options = raw_options(object)?;
    let credentials = object.unchecked_ref::<Options>().credentials();
    let credentials = credentials
        .is_object()
        .then(|| self::raw_options(&credentials));
    options::check(raw_options, credentials.transpose()?, &parse_absolute)
}

/// The fields of an object. `undefined` counts as omitted.
pub fn raw_options<V: DeserializeOwned>(object: &JsValue) -> Result<RawOptions<V>, OptionError> {
    let wrong = || OptionError::from("options must be an object");
    if !object.is_object() {
        return Err(wrong());
    }
    let values: Fields = Object::new().unchecked_into();
    let (mut names, mut functions) = (Vec::new(), Vec::new());
    for entry in Object::entries(object.unchecked_ref()).iter() {
        let entry: Array = entry.unchecked_into();
        let (name, value) = (entry.get(0), entry.get(1));
        if value.is_undefined() {
            continue;
        }
        let text = name.as_string().unwrap_or_default();
        if value.is_function() {
            functions.push(text.clone());
        }
        values.set(name.unchecked_ref(), &value);
        names.push(text);
    }
    Ok(RawOptions {
        values: serde_wasm_bindgen::from_value(values.into()).map_err(|_| wrong())?,
        names,
        functions,
    })
}

/// The serialised form of an absolute URL, as the platform parses it.
pub fn parse_absolute(url: &str) -> Option<String> {
    web_sys::Url::new(url).ok().map(|url| url.href())
}
