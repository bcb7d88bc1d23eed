//! Certificates: the station's own, and what names a client's.

use openssl::asn1::Asn1Time;
use openssl::bn::{BigNum, MsbOption};
use openssl::ec::{EcGroup, EcKey};
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::x509::{X509, X509NameBuilder};

/// RFC 5280 §4.1.2.2: at most 20 bytes, and positive.
const SERIAL_BITS: i32 = 127;
/// Nobody looks at these: the fingerprint in the SDP is what counts.
const NOT_BEFORE: &str = "20200101000000Z";
const NOT_AFTER: &str = "20991231235959Z";

/// The SHA-256 digest of a certificate (RFC 8122 §5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fingerprint(pub(crate) Vec<u8>);

/// A certificate of our own and its key, for one station.
pub(crate) struct Certificate {
    pub(crate) x509: X509,
    pub(crate) key: PKey<Private>,
    pub(crate) fingerprint: Fingerprint,
}

impl Certificate {
    /// A fresh one: ECDSA on P-256, as browsers make them, signed by itself.
    ///
    /// # Errors
    /// OpenSSL cannot: the machine's fault.
    pub(crate) fn generate() -> Result<Self, ErrorStack> {
        let curve = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1)?;
        let key = PKey::from_ec_key(EcKey::generate(&curve)?)?;
        let mut serial = BigNum::new()?;
        serial.rand(SERIAL_BITS, MsbOption::MAYBE_ZERO, false)?;
        let mut name = X509NameBuilder::new()?;
        name.append_entry_by_nid(Nid::COMMONNAME, "WebRTC")?;
        let name = name.build();
        let mut x509 = X509::builder()?;
        x509.set_version(2)?;
        x509.set_serial_number(serial.to_asn1_integer()?.as_ref())?;
        x509.set_subject_name(&name)?;
        x509.set_issuer_name(&name)?;
        x509.set_not_before(Asn1Time::from_str(NOT_BEFORE)?.as_ref())?;
        x509.set_not_after(Asn1Time::from_str(NOT_AFTER)?.as_ref())?;
        x509.set_pubkey(&key)?;
        x509.sign(&key, MessageDigest::sha256())?;
        let x509 = x509.build();
        let fingerprint = Fingerprint(x509.digest(MessageDigest::sha256())?.to_vec());
        Ok(Self { x509, key, fingerprint })
    }
}

impl std::fmt::Display for Fingerprint {
    /// As in the SDP: `sha-256 AB:CD:…`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("sha-256 ")?;
        for (index, byte) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { ":" };
            write!(f, "{separator}{byte:02X}")?;
        }
        Ok(())
    }
}
