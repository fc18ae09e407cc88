//! Bytes and other large numbers as people read them.

/// `1,234,567 bytes`
pub fn bytes(n: u64) -> String {
    format!("{} bytes", bytes_plain(n))
}

/// `1,234,567`
pub(super) fn bytes_plain(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (k, c) in digits.chars().enumerate() {
        if k > 0 && (digits.len() - k).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}
