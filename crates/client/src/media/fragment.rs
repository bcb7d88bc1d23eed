//! SDP fragments for an ICE restart by `PATCH` (RFC 8840 §9, RFC 9725 §4.3).

const CREDENTIALS: [&str; 2] = ["a=ice-ufrag:", "a=ice-pwd:"];

/// What a fragment keeps of an offer: the audio line, its mid, credentials and candidates.
pub(super) fn of_offer(offer: &str) -> String {
    let kept = ["m=", "a=mid:", "a=candidate:", "a=end-of-candidates"];
    offer
        .lines()
        .filter(|line| kept.iter().chain(&CREDENTIALS).any(|kind| line.starts_with(kind)))
        .flat_map(|line| [line, "\r\n"])
        .collect()
}

/// The answer with the credentials of the server's fragment; its candidates stay. `None` if the
/// fragment has no credentials.
pub(super) fn merge(answer: &str, fragment: &str) -> Option<String> {
    let find = |kind| fragment.lines().find(|line| line.starts_with(kind));
    let [ufrag, password] = CREDENTIALS.map(find);
    let (ufrag, password) = (ufrag?, password?);
    let merged = answer.lines().flat_map(|line| {
        let line = match CREDENTIALS.map(|kind| line.starts_with(kind)) {
            [true, _] => ufrag,
            [_, true] => password,
            _ => line,
        };
        [line, "\r\n"]
    });
    Some(merged.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fragment_is_the_offers_ice_part() {
        let offer = "v=0\r\nm=audio 9 X 111\r\na=mid:0\r\na=ice-ufrag:u\r\na=ice-pwd:p\r\n\
                     a=rtpmap:111 opus\r\na=candidate:1 1 udp 1 127.0.0.1 9 typ host\r\n";
        let fragment = "m=audio 9 X 111\r\na=mid:0\r\na=ice-ufrag:u\r\na=ice-pwd:p\r\n\
                        a=candidate:1 1 udp 1 127.0.0.1 9 typ host\r\n";
        assert_eq!(of_offer(offer), fragment);
    }

    #[test]
    fn only_credentials_change_in_the_answer() {
        let answer = "v=0\r\na=ice-ufrag:old\r\na=ice-pwd:older\r\na=candidate:1\r\n";
        let merged = merge(answer, "a=ice-ufrag:new\na=ice-pwd:newer\n");
        let wanted = "v=0\r\na=ice-ufrag:new\r\na=ice-pwd:newer\r\na=candidate:1\r\n";
        assert_eq!(merged.as_deref(), Some(wanted));
        assert_eq!(merge(answer, "a=ice-ufrag:new\n"), None);
    }
}
