//! A certificate of our own, for trying out: browsers warn of it, and nobody but its maker can know
//! it. It is kept, so that who has accepted it once is not asked again.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use rcgen::{CertificateParams, DnType, KeyPair};
use rustls::sign::CertifiedKey;
use tokio_rustls::rustls;

use super::{CertificateError, read};
use crate::certificate_facts::Facts;
use crate::config::Config;
use crate::private;

/// The certificate's file in the data directory, for those who want to trust it.
pub const FILE: &str = "self-signed.pem";
const KEY_FILE: &str = "self-signed.key";
/// How long it is good.
const LIFE: Duration = Duration::from_secs(365 * 24 * 3600);
/// A clock that is slow elsewhere shall not find it not yet valid.
const BACKDATED: Duration = Duration::from_secs(24 * 3600);
/// One that ends sooner is made anew at the start.
const LEFT_MIN: Duration = Duration::from_secs(30 * 24 * 3600);

/// The names and addresses that the server is opened by.
pub(super) fn names(config: &Config) -> Vec<String> {
    let mut names: Vec<String> =
        ["localhost", "127.0.0.1", "::1"].into_iter().map(str::to_owned).collect();
    let address = config.http.ip();
    let more = [
        config.public_url.as_ref().map(|url| url.host().to_owned()),
        (!address.is_unspecified()).then(|| address.to_string()),
        config.public_address.map(|address| address.to_string()),
    ];
    for name in more.into_iter().flatten().chain(config.allowed_hosts.iter().cloned()) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// The one in the data directory, if it is good for these names; otherwise a new one.
///
/// # Errors
/// See [`CertificateError`].
pub(super) fn open(data: &Path, names: &[String]) -> Result<CertifiedKey, CertificateError> {
    let (certificate, key) = (data.join(FILE), data.join(KEY_FILE));
    if is_good(&certificate, names)
        && let Ok(kept) = read(&certificate, &key)
    {
        return Ok(kept);
    }
    let pair = KeyPair::generate()?;
    let made = params(names)?.self_signed(&pair)?;
    write(&key, &pair.serialize_pem())?;
    write(&certificate, &made.pem())?;
    tracing::warn!(
        certificate = %certificate.display(),
        "a certificate was made that nobody trusts: for trying out only"
    );
    read(&certificate, &key)
}

fn is_good(certificate: &Path, names: &[String]) -> bool {
    let facts = super::chain(certificate).ok().and_then(|chain| Facts::of(&chain[0]).ok());
    facts.is_some_and(|facts| {
        facts.ends_at >= SystemTime::now() + LEFT_MIN && names.iter().all(|it| facts.is_for(it))
    })
}

fn params(names: &[String]) -> Result<CertificateParams, rcgen::Error> {
    let mut params = CertificateParams::new(names.to_vec())?;
    params.distinguished_name.push(DnType::CommonName, "Sotto, for trying out");
    let now = SystemTime::now();
    params.not_before = (now - BACKDATED).into();
    params.not_after = (now + LIFE).into();
    Ok(params)
}

fn write(path: &Path, text: &str) -> Result<(), CertificateError> {
    let unwritten = |error| CertificateError::File { path: PathBuf::from(path), error };
    private::write(path, text.as_bytes()).map_err(unwritten)
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::*;

    fn made(data: &Path, names: &[&str]) -> CertifiedKey {
        open(data, &names.iter().map(ToString::to_string).collect::<Vec<_>>()).unwrap()
    }

    #[test]
    fn it_is_kept_and_made_anew_only_for_other_names() {
        let data = tempfile::tempdir().unwrap();
        let first = made(data.path(), &["localhost", "127.0.0.1", "::1"]);
        let again = made(data.path(), &["localhost", "127.0.0.1"]);
        assert_eq!(first.cert, again.cert);
        let other = made(data.path(), &["localhost", "voice.example"]);
        assert_ne!(first.cert, other.cert);
        let facts = Facts::of(&other.cert[0]).unwrap();
        assert!(facts.is_for("voice.example") && !facts.is_for("127.0.0.1"));
        assert!(facts.ends_at > SystemTime::now() + Duration::from_secs(300 * 24 * 3600));
    }

    #[test]
    fn its_key_is_nobody_elses() {
        use std::os::unix::fs::PermissionsExt;
        let data = tempfile::tempdir().unwrap();
        made(data.path(), &["localhost"]);
        let mode = std::fs::metadata(data.path().join(KEY_FILE)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_broken_one_is_made_anew() {
        let data = tempfile::tempdir().unwrap();
        let first = made(data.path(), &["localhost"]);
        std::fs::write(data.path().join(KEY_FILE), "nonsense").unwrap();
        assert_ne!(made(data.path(), &["localhost"]).cert, first.cert);
    }

    #[test]
    fn it_names_all_that_the_server_is_opened_by() {
        let config = Config {
            http: "192.0.2.7:8443".parse().unwrap(),
            public_url: Some("https://voice.example".parse().unwrap()),
            ..Config::default()
        };
        let names = names(&config);
        for name in ["localhost", "127.0.0.1", "::1", "voice.example", "192.0.2.7"] {
            assert!(names.iter().any(|it| it == name), "{name}");
        }
        assert!(names.iter().filter_map(|it| it.parse::<IpAddr>().ok()).count() >= 3);
    }
}
