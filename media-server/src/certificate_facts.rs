//! What a certificate says of itself: for whom, and until when.

use std::net::IpAddr;
use std::time::{Duration, SystemTime};

use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer, X509Certificate};

/// What a certificate says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// From when on it is good.
    pub begins_at: SystemTime,
    /// Until when.
    pub ends_at: SystemTime,
    /// The host names that it is for; one may begin with `*.`.
    pub names: Vec<String>,
    /// The addresses that it is for.
    pub addresses: Vec<IpAddr>,
    /// Whether it was signed by itself: nobody vouches for it.
    pub is_self_signed: bool,
}

impl Facts {
    /// Reads a certificate in DER.
    ///
    /// # Errors
    /// It is none; what is wrong with it.
    pub fn of(der: &[u8]) -> Result<Self, String> {
        let (_, certificate) = X509Certificate::from_der(der).map_err(|error| error.to_string())?;
        let validity = certificate.validity();
        let others = certificate.subject_alternative_name().map_err(|error| error.to_string())?;
        let (mut names, mut addresses) = (Vec::new(), Vec::new());
        for name in others.iter().flat_map(|it| &it.value.general_names) {
            match name {
                GeneralName::DNSName(name) => names.push((*name).to_owned()),
                GeneralName::IPAddress(bytes) => addresses.extend(address(bytes)),
                // Browsers look at no other kind.
                _ => {}
            }
        }
        Ok(Self {
            begins_at: at(validity.not_before.timestamp()),
            ends_at: at(validity.not_after.timestamp()),
            names,
            addresses,
            is_self_signed: certificate.subject() == certificate.issuer(),
        })
    }

    /// Whether it is for this name or address; a wildcard stands for one label (RFC 6125 §6.4.3).
    pub fn is_for(&self, host: &str) -> bool {
        if let Ok(address) = host.parse::<IpAddr>() {
            return self.addresses.contains(&address);
        }
        let matches = |name: &String| match name.strip_prefix("*.") {
            Some(domain) => host.split_once('.').is_some_and(|(label, rest)| {
                !label.is_empty() && rest.eq_ignore_ascii_case(domain)
            }),
            None => name.eq_ignore_ascii_case(host),
        };
        self.names.iter().any(matches)
    }
}

fn at(unix_s: i64) -> SystemTime {
    let distance = Duration::from_secs(unix_s.unsigned_abs());
    match unix_s >= 0 {
        true => SystemTime::UNIX_EPOCH + distance,
        false => SystemTime::UNIX_EPOCH - distance,
    }
}

fn address(bytes: &[u8]) -> Option<IpAddr> {
    let v4 = <[u8; 4]>::try_from(bytes).map(IpAddr::from);
    v4.or_else(|_| <[u8; 16]>::try_from(bytes).map(IpAddr::from)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_addresses_are_told_apart_and_a_wildcard_is_one_label() {
        let pair = rcgen::KeyPair::generate().unwrap();
        let names = ["voice.example", "*.calls.example", "192.0.2.7", "2001:db8::7"];
        let params = rcgen::CertificateParams::new(names.map(str::to_owned)).unwrap();
        let facts = Facts::of(params.self_signed(&pair).unwrap().der()).unwrap();
        for host in
            ["voice.example", "Voice.Example", "a.calls.example", "192.0.2.7", "2001:db8::7"]
        {
            assert!(facts.is_for(host), "{host}");
        }
        for host in
            ["example", "x.voice.example", "calls.example", "a.b.calls.example", "192.0.2.8"]
        {
            assert!(!facts.is_for(host), "{host}");
        }
        assert!(facts.is_self_signed);
        assert!(Facts::of(b"no certificate").is_err());
    }
}
