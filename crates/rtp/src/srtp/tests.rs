//! The RFCs' vectors, another implementation as the other end, replays, and no allocation.

use proptest::prelude::*;
use rtc_crypto::RTCCryptoProvider;
use rtc_crypto::providers::RingProvider;
use rtc_srtp::context::Context;
use rtc_srtp::option::{srtcp_replay_protection, srtp_replay_protection};
use rtc_srtp::protection_profile::ProtectionProfile;

use super::*;
use crate::SendSequence;

const PROFILES: [Profile; 4] = [
    Profile::AeadAes256Gcm,
    Profile::AeadAes128Gcm,
    Profile::Aes128CmSha1_80,
    Profile::Aes128CmSha1_32,
];

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_hexdigit).collect();
    let pair = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    digits.chunks(2).map(pair).collect()
}

/// A key and a salt that are all different bytes.
fn master(profile: Profile) -> (Vec<u8>, Vec<u8>) {
    let bytes: Vec<u8> = (1..).take(profile.key_bytes() + profile.salt_bytes()).collect();
    let (key, salt) = bytes.split_at(profile.key_bytes());
    (key.to_vec(), salt.to_vec())
}

fn keys(profile: Profile) -> Keys {
    let (key, salt) = master(profile);
    Keys::new(profile, &key, &salt).unwrap()
}

/// The other implementation, one direction.
fn other(profile: Profile) -> Context {
    let (key, salt) = master(profile);
    let profile = match profile {
        Profile::AeadAes256Gcm => ProtectionProfile::AeadAes256Gcm,
        Profile::AeadAes128Gcm => ProtectionProfile::AeadAes128Gcm,
        Profile::Aes128CmSha1_80 => ProtectionProfile::Aes128CmHmacSha1_80,
        Profile::Aes128CmSha1_32 => ProtectionProfile::Aes128CmHmacSha1_32,
    };
    let provider = RingProvider::new();
    let (rtp, rtcp) = (srtp_replay_protection(64), srtcp_replay_protection(64));
    Context::new(&key, &salt, profile, Some(rtp), Some(rtcp), provider.crypto()).unwrap()
}

fn packet(sequence: u16, payload: &[u8]) -> Vec<u8> {
    crate::Rtp {
        payload_type: 111,
        marker: false,
        sequence,
        timestamp: 960 * u32::from(sequence),
        ssrc: 0xCAFE_BABE,
        payload,
    }
    .write()
}

#[test]
fn keys_are_derived_as_in_rfc_3711_b_3() {
    let key = hex("E1F97A0D3E018BE0D64FA32C06DE4139");
    let salt = hex("0EC675AD498AFEEBB6960B3AABE6");
    let derived = |label, length| {
        let mut out = vec![0; length];
        derive(&AES_128, &key, &salt, label, &mut out).unwrap();
        out
    };
    assert_eq!(derived(0, 16), hex("C61E7A93744F39EE10734AFE3FF7A087"));
    assert_eq!(derived(2, 14), hex("30CBBC08863D8C85D49DB34A9AE1"));
    assert_eq!(derived(1, 20), hex("CEBE321F6FF7716B6FD4AB49AF256A156D38BAA4"));
}

#[test]
fn a_packet_is_protected_as_in_rfc_7714_16_1_1() {
    let key = UnboundKey::new(&AES_128_GCM, &hex("000102030405060708090a0b0c0d0e0f")).unwrap();
    let salt = hex("517569642070726f2071756f").try_into().unwrap();
    let cipher = || Cipher::Gcm {
        key: LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &[0; 16]).unwrap()),
        salt,
    };
    let keys = Keys { rtp: Cipher::Gcm { key: LessSafeKey::new(key), salt }, rtcp: cipher() };
    let plain = hex(
        "8040f17b8041f8d35501a0b2 47616c6c696120657374206f6d6e69732064697669736120696e207061727465732074726573",
    );
    let mut packet = plain.clone();
    keys.seal_rtp(0xF17B, &mut packet).unwrap();
    let expected = hex(
        "8040f17b8041f8d35501a0b2 f24de3a3fb34de6cacba861c9d7e4bcabe633bd50d294e6f42a5f47a51c7d19b36de3adf8833
         899d7f27beb16a9152cf765ee4390cce",
    );
    assert_eq!(packet, expected);
    let length = keys.open_rtp(&mut Window::default(), &mut packet).unwrap();
    assert_eq!(&packet[..length], plain);
}

#[test]
fn the_other_implementation_opens_what_we_seal_and_we_what_it_seals() {
    for profile in PROFILES {
        let (keys, mut seals, mut opens) = (keys(profile), other(profile), other(profile));
        let mut window = Window::default();
        let mut sequence = SendSequence::default();
        // Past two rollovers; one packet in a hundred is lost, one in fifty comes late.
        for n in 65_000..200_000_u32 {
            let number = if n % 50 == 20 {
                n + 1
            } else if n % 50 == 21 {
                n - 1
            } else {
                n
            };
            if number % 100 == 7 {
                continue;
            }
            let plain = packet(number as u16, &number.to_be_bytes());
            let mut ours = plain.clone();
            keys.seal_rtp(sequence.take(number as u16).unwrap(), &mut ours).unwrap();
            let mut theirs: Vec<u8> = seals.encrypt_rtp(&plain).unwrap().into();
            assert_eq!(ours, theirs, "{profile:?} {number}");
            assert_eq!(opens.decrypt_rtp(&ours).unwrap(), plain);
            let length = keys.open_rtp(&mut window, &mut theirs).unwrap();
            assert_eq!(&theirs[..length], plain);
        }
        let mut window = Window::default();
        for index in 1..200_u32 {
            let plain = crate::rtcp::compound(9, None, None, "name", index % 2 == 0);
            let mut theirs: Vec<u8> = seals.encrypt_rtcp(&plain).unwrap().into();
            let mut ours = plain.clone();
            keys.seal_rtcp(index, &mut ours).unwrap();
            assert_eq!(opens.decrypt_rtcp(&ours).unwrap(), plain);
            let length = keys.open_rtcp(&mut window, &mut theirs).unwrap();
            assert_eq!(&theirs[..length], plain, "{profile:?}");
        }
    }
}

#[test]
fn whatever_is_changed_or_comes_twice_is_refused() {
    for profile in PROFILES {
        let keys = keys(profile);
        let mut sealed = packet(100, b"hello, agent");
        keys.seal_rtp(100, &mut sealed).unwrap();
        let mut report = crate::rtcp::compound(9, None, None, "name", false);
        keys.seal_rtcp(5, &mut report).unwrap();
        for bit in 0..8 * sealed.len() {
            let mut forged = sealed.clone();
            forged[bit / 8] ^= 1 << (bit % 8);
            let opened = keys.open_rtp(&mut Window::default(), &mut forged);
            assert!(opened.is_err(), "{profile:?} bit {bit}");
        }
        for bit in 0..8 * report.len() {
            let mut forged = report.clone();
            forged[bit / 8] ^= 1 << (bit % 8);
            let opened = keys.open_rtcp(&mut Window::default(), &mut forged);
            assert!(opened.is_err(), "{profile:?} bit {bit}");
        }
        let mut window = Window::default();
        keys.open_rtp(&mut window, &mut sealed.clone()).unwrap();
        assert_eq!(keys.open_rtp(&mut window, &mut sealed), Err(OpenError::Replayed));
        let mut window = Window::default();
        keys.open_rtcp(&mut window, &mut report.clone()).unwrap();
        assert_eq!(keys.open_rtcp(&mut window, &mut report), Err(OpenError::Replayed));
    }
}

#[test]
fn keys_of_a_wrong_length_and_a_used_up_index_are_refused() {
    for profile in PROFILES {
        let (key, salt) = master(profile);
        assert_eq!(Keys::new(profile, &key[1..], &salt).err(), Some(KeyError));
        assert_eq!(Keys::new(profile, &key, &salt[1..]).err(), Some(KeyError));
        let mut report = crate::rtcp::compound(9, None, None, "name", false);
        assert_eq!(keys(profile).seal_rtcp(1 << 31, &mut report), Err(SealError));
        assert_eq!(keys(profile).seal_rtp(1, &mut vec![0x80; 4]), Err(SealError));
    }
}

#[test]
fn a_packet_of_sound_allocates_nothing() {
    for profile in [Profile::AeadAes256Gcm, Profile::AeadAes128Gcm] {
        let keys = keys(profile);
        let mut window = Window::default();
        let mut bytes = Vec::with_capacity(1_500);
        let allocated = allocation_counter::measure(|| {
            for n in 0..1_000_u16 {
                let payload = [n as u8; 120];
                let rtp = crate::Rtp {
                    payload_type: 111,
                    marker: false,
                    sequence: n,
                    timestamp: 0,
                    ssrc: 7,
                    payload: &payload,
                };
                rtp.write_to(&mut bytes);
                keys.seal_rtp(n.into(), &mut bytes).unwrap();
                keys.open_rtp(&mut window, &mut bytes).unwrap();
            }
        });
        assert_eq!(allocated.count_total, 0, "{profile:?}");
    }
}

proptest! {
    #[test]
    fn any_bytes_are_opened_without_a_panic(mut bytes in prop::collection::vec(any::<u8>(), 0..120)) {
        for profile in PROFILES {
            let keys = keys(profile);
            let _ = keys.open_rtp(&mut Window::default(), &mut bytes);
            let _ = keys.open_rtcp(&mut Window::default(), &mut bytes);
        }
    }

    #[test]
    fn a_window_takes_each_packet_once(order in prop::collection::vec(0_u64..400, 1..300)) {
        let mut window = Window::default();
        let mut taken = std::collections::HashSet::new();
        for index in order {
            if window.is_new(index) {
                window.accept(index);
                prop_assert!(taken.insert(index));
            }
        }
    }
}
