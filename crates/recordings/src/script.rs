//! The text beside a recording: who calls whom.

/// The field's value in a script's header: of `queue: support` it is `support`, of
/// `caller: Ellen Park | voice` the name alone.
pub(crate) fn field<'a>(script: &'a str, key: &str) -> Option<&'a str> {
    let line = script.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(':'))?;
    line.split('|').next().map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_names_queue_and_caller() {
        let script = "queue: sales\ncaller: Priya Nair | voice\nC +0 hello";
        assert_eq!(field(script, "queue"), Some("sales"));
        assert_eq!(field(script, "caller"), Some("Priya Nair"));
        assert_eq!(field(script, "agent"), None);
    }
}
