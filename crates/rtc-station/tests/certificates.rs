//! Clients whose certificates are RSA's (GStreamer's always), by OpenSSL's own client.

mod common;

use std::collections::VecDeque;
use std::io::{self, Read, Write};
use std::time::Duration;

use common::{Pair, config};
use openssl::asn1::Asn1Time;
use openssl::hash::MessageDigest;
use openssl::pkey::{PKey, Private};
use openssl::rsa::Rsa;
use openssl::ssl::{Ssl, SslContext, SslMethod, SslStream, SslVerifyMode};
use openssl::x509::{X509, X509Builder, X509NameBuilder};
use rtc_station::demux::{Class, classify};
use rtc_station::{CloseReason, Output};

/// The network, as OpenSSL sees it.
#[derive(Default)]
struct Datagrams {
    incoming: VecDeque<Vec<u8>>,
    outgoing: Vec<Vec<u8>>,
}

impl Read for Datagrams {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let datagram = self.incoming.pop_front().ok_or(io::ErrorKind::WouldBlock)?;
        buffer[..datagram.len()].copy_from_slice(&datagram);
        Ok(datagram.len())
    }
}

impl Write for Datagrams {
    fn write(&mut self, datagram: &[u8]) -> io::Result<usize> {
        self.outgoing.push(datagram.to_vec());
        Ok(datagram.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn rsa_certificate() -> (X509, PKey<Private>) {
    let key = PKey::from_rsa(Rsa::generate(2_048).unwrap()).unwrap();
    let mut name = X509NameBuilder::new().unwrap();
    name.append_entry_by_text("CN", "a client").unwrap();
    let name = name.build();
    let mut certificate = X509Builder::new().unwrap();
    certificate.set_subject_name(&name).unwrap();
    certificate.set_issuer_name(&name).unwrap();
    certificate.set_not_before(Asn1Time::days_from_now(0).unwrap().as_ref()).unwrap();
    certificate.set_not_after(Asn1Time::days_from_now(1).unwrap().as_ref()).unwrap();
    certificate.set_pubkey(&key).unwrap();
    certificate.sign(&key, MessageDigest::sha256()).unwrap();
    (certificate.build(), key)
}

fn client(certificate: &X509, key: &PKey<Private>) -> SslStream<Datagrams> {
    let mut context = SslContext::builder(SslMethod::dtls_client()).unwrap();
    context.set_certificate(certificate).unwrap();
    context.set_private_key(key).unwrap();
    context.set_verify(SslVerifyMode::NONE);
    context.set_tlsext_use_srtp("SRTP_AES128_CM_SHA1_80").unwrap();
    let mut ssl = Ssl::new(&context.build()).unwrap();
    ssl.set_mtu(1_200).unwrap();
    SslStream::new(ssl, Datagrams::default()).unwrap()
}

/// ICE by `str0m`'s client, whose offer names the certificate with this digest; DTLS by OpenSSL's.
fn shake_hands(digest: &[u8], certificate: &X509, key: &PKey<Private>) -> Pair {
    let fingerprint: Vec<String> = digest.iter().map(|byte| format!("{byte:02X}")).collect();
    let fingerprint = format!("a=fingerprint:sha-256 {}\r\n", fingerprint.join(":"));
    let mut pair = Pair::with(config(), |offer| {
        let is_fingerprint = |line: &&str| line.starts_with("a=fingerprint");
        let rest = offer.split_inclusive('\n').filter(|line| !is_fingerprint(line));
        rest.collect::<String>() + &fingerprint
    });
    pair.uplink_filter = |bytes| classify(bytes) == Class::Stun;
    pair.downlink_filter = pair.uplink_filter;
    pair.run_for(Duration::from_secs(1));
    pair.take_sent();
    let mut client = client(certificate, key);
    for _ in 0..10 {
        // It waits for an answer, or is through.
        let _ = client.connect();
        for datagram in std::mem::take(&mut client.get_mut().outgoing) {
            let _ = pair.deliver(pair.client_address, &datagram);
        }
        pair.drain_station();
        let sent = pair.take_sent().into_iter().map(|(_, bytes)| bytes);
        client.get_mut().incoming.extend(sent.filter(|bytes| classify(bytes) == Class::Dtls));
    }
    pair
}

#[test]
fn a_client_with_an_rsa_certificate_connects() {
    let (certificate, key) = rsa_certificate();
    let digest = certificate.digest(MessageDigest::sha256()).unwrap();
    let pair = shake_hands(&digest, &certificate, &key);
    assert!(pair.station.is_connected(), "{:?}", pair.close_reason());
    assert!(pair.outputs.contains(&Output::Connected));
}

#[test]
fn another_rsa_certificate_than_the_one_announced_fails() {
    let (certificate, key) = rsa_certificate();
    let pair = shake_hands(&[7; 32], &certificate, &key);
    assert_eq!(pair.close_reason(), Some(CloseReason::WrongCertificate));
    assert!(!pair.outputs.contains(&Output::Connected));
}
