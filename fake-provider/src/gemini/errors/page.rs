//! The pages of Google's front end, which answers before any API does.

use crate::protocol::reason;

/// Their content type.
pub(super) const TYPE: &str = "text/html; charset=UTF-8";

/// Text of the request as it stands in a page.
pub(super) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// A page about a status.
pub(super) fn page(status: u16, message: &str) -> Vec<u8> {
    let title = match status {
        500.. => "Server Error",
        status => reason(status),
    };
    format!(
        "<!DOCTYPE html>\n<html lang=en>\n  <meta charset=utf-8>\n  <meta name=viewport content=\"initial-scale=1, \
         minimum-scale=1, width=device-width\">\n  <title>Error {status} ({title})!!1</title>\n  <a href=//www.google.com/><span \
         id=logo aria-label=Google></span></a>\n  <p><b>{status}.</b> <ins>That’s an error.</ins>\n  <p>{message}  <ins>That’s all \
         we know.</ins>\n"
    )
    .into_bytes()
}
