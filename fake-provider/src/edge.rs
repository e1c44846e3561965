//! What the edge in front of several providers answers in their place: Cloudflare's page for browsers. Knows no provider.

/// The type of its page.
pub(crate) const TYPE: &str = "text/html";

/// Its page about an error. The nonce, by which the error is known again, stands in a comment.
pub(crate) fn page(status: u16, message: &str, nonce: &str) -> String {
    format!(
        "<html>\r\n<head><title>{status} {message}</title></head>\r\n<body>\r\n<center><h1>{status} \
         {message}</h1></center>\r\n<hr><center>cloudflare</center>\r\n<!-- {nonce} -->\r\n</body>\r\n</html>\r\n"
    )
}
