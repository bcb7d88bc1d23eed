//! Recordings as people have them, made by the byte: each is read, or named with what to do.

use std::fs;

use crate::odd_files::*;
use crate::{Broken, Imported, import_dir};

/// The parties' level: 0.3 of full scale.
const TONE_DBFS: f32 = -10.5;

/// What is expected of a file.
enum Expected {
    /// So many seconds of it are used, and nothing is said.
    Used(f32),
    /// They are used, and a note says so.
    Noted(f32, &'static str),
    /// It is left out, with these words.
    Named(&'static str),
}

use Expected::{Named, Noted, Used};

/// A folder with one good recording beside the files, so that there is always something to replay.
fn import(files: &[(&str, Vec<u8>)]) -> Imported {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("zz-good.wav"), good()).unwrap();
    for (name, bytes) in files {
        fs::write(folder.path().join(name), bytes).unwrap();
    }
    let imported = import_dir(folder.path(), Broken::Skip).unwrap();
    assert!(imported.recordings.iter().any(|it| it.name == "zz-good"), "{:?}", imported.skipped);
    imported
}

/// Checks one recording of a folder. Tones tell whether its sound was understood rather than read as
/// noise, and whether the parties are where they belong.
fn check(files: &[(&str, Vec<u8>)], expected: &Expected, has_tones: bool) {
    let name = files[0].0;
    let Imported { recordings, skipped, notes, .. } = import(files);
    let used = recordings.iter().find(|it| it.name != "zz-good");
    let (seconds, note) = match expected {
        Named(words) => {
            let reasons = skipped.join("; ");
            assert!(used.is_none(), "{name}: used");
            return assert!(reasons.contains(words), "{name}: {reasons:?}");
        }
        Used(seconds) => (seconds, None),
        Noted(seconds, words) => (seconds, Some(words)),
    };
    let used = used.unwrap_or_else(|| panic!("{name}: {skipped:?}"));
    let lasts = used.duration().as_secs_f32();
    assert!((lasts - seconds).abs() <= 0.04, "{name}: {lasts} s instead of {seconds} s");
    match note {
        Some(words) => assert!(notes.join("; ").contains(words), "{name}: {notes:?}"),
        None => assert!(notes.is_empty(), "{name}: {notes:?}"),
    }
    if has_tones {
        for (signal, own, other) in [(&used.caller, 440.0, 1000.0), (&used.agent, 1000.0, 440.0)] {
            let signal = &signal[4_800..43_200];
            let (own, other) = (tone_dbfs(signal, own), tone_dbfs(signal, other));
            assert!((own - TONE_DBFS).abs() < 0.6, "{name}: {own} dBFS");
            assert!(other < -40.0, "{name}: crosstalk of {other} dBFS");
        }
    }
}

fn check_all(cases: Vec<(&str, Vec<u8>, Expected)>) {
    for (name, bytes, expected) in cases {
        check(&[(name, bytes)], &expected, true);
    }
}

const WHOLE: f32 = SECONDS as f32;

#[test]
fn a_header_that_was_never_finished_is_not_believed() {
    let (fmt, data) = (chunk(b"fmt ", &format(1, 2, 16, &[])), stereo(s16));
    let says = |riff_length, length| {
        riff(b"RIFF", riff_length, &[fmt.clone(), lying(b"data", length, &data)])
    };
    let size = data.len() as u32;
    let half = good().len() - data.len() / 2;
    check_all(vec![
        ("pipe.wav", says(u32::MAX, u32::MAX), Used(WHOLE)),
        ("data-only.wav", says(36 + size, u32::MAX), Used(WHOLE)),
        ("sox-pipe.wav", says(0x7FFF_F024, 0x7FFF_F000), Used(WHOLE)),
        ("signed.wav", says(0x7FFF_FFFF, 0x7FFF_FFFF - 36), Used(WHOLE)),
        ("never.wav", says(0, 0), Noted(WHOLE, "never.wav: its header was never finished")),
        ("empty-riff.wav", says(36, 0), Noted(WHOLE, "never finished")),
        ("riff-0.wav", says(0, size), Used(WHOLE)),
        ("riff-small.wav", says(size / 2, size), Used(WHOLE)),
        ("riff-large.wav", says(size + 44, size), Used(WHOLE)),
        ("cut.wav", good()[..half].to_vec(), Noted(1.5, "cut.wav: cut off: 1.5 s of 3.0 s")),
        ("odd-byte.wav", good()[..=half].to_vec(), Noted(1.5, "cut off: 1.5 s of 3.0 s")),
        ("three-bytes.wav", good()[..half + 3].to_vec(), Noted(1.5, "cut off")),
        (
            "no-data.wav",
            riff(b"RIFF", 28, std::slice::from_ref(&fmt)),
            Named("its data chunk is missing"),
        ),
        ("no-format.wav", riff(b"RIFF", 28, &[chunk(b"data", &data)]), Named("without a format")),
        ("nothing.wav", wav(&format(1, 2, 16, &[]), &[]), Named("nothing.wav: empty")),
    ]);
}

#[test]
fn g_711_is_read_in_every_header() {
    let (mu, a) = (stereo(mu_law), stereo(a_law));
    let mut cases = Vec::new();
    for (tag, data) in [(7, &mu), (6, &a)] {
        let fact = chunk(b"fact", &(data.len() as u32 / 2).to_le_bytes());
        let with_fact = [chunk(b"fmt ", &format(tag, 2, 8, &[0, 0])), fact, chunk(b"data", data)];
        let size = with_fact.concat().len() as u32 + 4;
        cases.extend([
            ("16.wav", wav(&format(tag, 2, 8, &[]), data), Used(WHOLE)),
            ("18.wav", wav(&format(tag, 2, 8, &[0, 0]), data), Used(WHOLE)),
            ("fact.wav", riff(b"RIFF", size, &with_fact), Used(WHOLE)),
            ("bits-unsaid.wav", wav(&format(tag, 2, 0, &[0, 0]), data), Used(WHOLE)),
            (
                "extensible.wav",
                wav(&format(0xFFFE, 2, 8, &extension(tag, 8, 3)), data),
                Used(WHOLE),
            ),
        ]);
    }
    cases.push(("ibm.wav", wav(&format(0x0101, 2, 8, &[]), &mu), Used(WHOLE)));
    for (code, data) in [(1, &mu), (27, &a)] {
        let fields = [24, data.len() as u32, code, RATE, 2].map(u32::to_be_bytes).concat();
        let au = [b".snd", &fields[..], data].concat();
        let half = au[..24 + data.len() / 2].to_vec();
        cases.extend([("x.au", au, Used(WHOLE)), ("cut.au", half, Noted(1.5, "1.5 s of 3.0 s"))]);
    }
    check_all(cases);
    let halves = [0, 1].map(|party| wav(&format(7, 1, 8, &[]), &mono(party, mu_law)));
    let [caller, agent] = halves;
    check(&[("p.caller.wav", caller), ("p.agent.wav", agent)], &Used(WHOLE), true);
}

#[test]
fn other_chunks_may_be_anything() {
    let (fmt, data) = (format(1, 2, 16, &[]), stereo(s16));
    let before = |chunks: Vec<Vec<u8>>| {
        let chunks = [chunks, vec![chunk(b"fmt ", &fmt), chunk(b"data", &data)]].concat();
        riff(b"RIFF", chunks.concat().len() as u32 + 4, &chunks)
    };
    let between = |bytes: Vec<u8>| {
        let chunks = [chunk(b"fmt ", &fmt), bytes, chunk(b"data", &data)];
        riff(b"RIFF", chunks.concat().len() as u32 + 4, &chunks)
    };
    let odd = b"INFOISFT\x05\0\0\0odd-1";
    check_all(vec![
        ("fact-12.wav", before(vec![chunk(b"fact", &[0; 12])]), Used(WHOLE)),
        ("fact-0.wav", before(vec![chunk(b"fact", &[])]), Used(WHOLE)),
        ("junk.wav", before(vec![chunk(b"JUNK", &[0; 28])]), Used(WHOLE)),
        ("padded.wav", before(vec![chunk(b"LIST", odd)]), Used(WHOLE)),
        ("no-pad.wav", before(vec![lying(b"LIST", odd.len() as u32, odd)]), Used(WHOLE)),
        ("no-pad-between.wav", between(lying(b"LIST", odd.len() as u32, odd)), Used(WHOLE)),
        ("list-too-long.wav", before(vec![lying(b"LIST", 99_999_999, odd)]), Used(WHOLE)),
        ("list-into-data.wav", between(lying(b"LIST", 2_000, odd)), Used(WHOLE)),
        ("rubbish.wav", [good(), b"\0\0\0trailing rubbish".to_vec()].concat(), Used(WHOLE)),
        ("large-format.wav", wav(&[fmt.clone(), vec![0; 24]].concat(), &data), Used(WHOLE)),
        ("short-format.wav", wav(&fmt[..10], &data), Named("its WAV format is cut off")),
    ]);
}

#[test]
fn samples_are_read_in_every_form() {
    let s20 = |sample: f32| {
        let [_, b, c, d] = (((sample * 524_287.0) as i32) << 12).to_le_bytes();
        [b, c, d]
    };
    let s32 = |sample: f32| ((f64::from(sample) * 2_147_483_647.0) as i32).to_le_bytes();
    let f32 = |sample: f32| sample.to_le_bytes();
    let f64 = |sample: f32| f64::from(sample).to_le_bytes();
    let u8 = |sample: f32| [(sample * 127.0).round() as i8 as u8 ^ 0x80];
    let extended =
        |tag, bits, used, speakers| format(0xFFFE, 2, bits, &extension(tag, used, speakers));
    let loud = |sample: f32| (5.0 * sample).to_le_bytes();
    let mut nan = stereo(f32);
    let at = nan.len() - 4;
    nan[at..].copy_from_slice(&f32::NAN.to_le_bytes());
    check_all(vec![
        ("u8.wav", wav(&format(1, 2, 8, &[]), &stereo(u8)), Used(WHOLE)),
        ("s24.wav", wav(&format(1, 2, 24, &[]), &stereo(s24)), Used(WHOLE)),
        ("s20.wav", wav(&format(1, 2, 20, &[]), &stereo(s20)), Used(WHOLE)),
        ("s32.wav", wav(&format(1, 2, 32, &[]), &stereo(s32)), Used(WHOLE)),
        ("f32.wav", wav(&format(3, 2, 32, &[0, 0]), &stereo(f32)), Used(WHOLE)),
        ("f64.wav", wav(&format(3, 2, 64, &[0, 0]), &stereo(f64)), Used(WHOLE)),
        ("20-in-24.wav", wav(&extended(1, 24, 20, 3), &stereo(s24)), Used(WHOLE)),
        ("no-speakers.wav", wav(&extended(1, 16, 16, 0), &stereo(s16)), Used(WHOLE)),
        ("one-speaker.wav", wav(&extended(1, 16, 16, 4), &stereo(s16)), Used(WHOLE)),
        ("no-guid.wav", wav(&format(0xFFFE, 2, 16, &[0, 0]), &stereo(s16)), Used(WHOLE)),
        ("nan.wav", wav(&format(3, 2, 32, &[]), &nan), Named("values that are not numbers")),
        ("f16.wav", wav(&format(3, 2, 16, &[]), &stereo(s16)), Named("samples of 16 bits")),
    ]);
    let loud = wav(&format(3, 2, 32, &[]), &stereo(loud));
    check(&[("loud.wav", loud)], &Noted(WHOLE, "louder than full scale"), false);
}

#[test]
fn large_and_other_ended_waves_are_read() {
    let (fmt, data) = (chunk(b"fmt ", &format(1, 2, 16, &[])), stereo(s16));
    let size = data.len() as u64;
    let lengths = [size + 72, size, size / 4].map(u64::to_le_bytes).concat();
    let ds64 = chunk(b"ds64", &[lengths, vec![0; 4]].concat());
    let chunks = [ds64, fmt, lying(b"data", u32::MAX, &data)];
    let big = stereo(|sample| i16(sample).to_be_bytes());
    let words = |words: &[u16]| words.iter().flat_map(|it| it.to_be_bytes()).collect::<Vec<u8>>();
    let longs = |longs: &[u32]| longs.iter().flat_map(|it| it.to_be_bytes()).collect::<Vec<u8>>();
    let rifx = [
        [&b"RIFX"[..], &longs(&[36 + big.len() as u32]), b"WAVEfmt ", &longs(&[16])].concat(),
        [words(&[1, 2]), longs(&[RATE, RATE * 4]), words(&[4, 16])].concat(),
        [&b"data"[..], &longs(&[big.len() as u32]), &big].concat(),
    ];
    check_all(vec![
        ("rf64.wav", riff(b"RF64", u32::MAX, &chunks), Used(WHOLE)),
        ("bw64.wav", riff(b"BW64", u32::MAX, &chunks), Used(WHOLE)),
        ("rifx.wav", rifx.concat(), Used(WHOLE)),
    ]);
}

#[test]
fn what_a_telephone_system_writes_raw_is_read_by_its_ending() {
    type Write = fn(usize) -> Vec<u8>;
    let kinds: [(&str, Write); 6] = [
        ("ulaw", |party| mono(party, mu_law)),
        ("UL", |party| mono(party, mu_law)),
        ("PCMU", |party| mono(party, mu_law)),
        ("alaw", |party| mono(party, a_law)),
        ("al", |party| mono(party, a_law)),
        ("sln", |party| mono(party, s16)),
    ];
    for (ending, write) in kinds {
        let [caller, agent] = ["caller", "agent"].map(|party| format!("x.{party}.{ending}"));
        check(&[(&caller, write(0)), (&agent, write(1))], &Used(WHOLE), true);
    }
    // At twice the rate, the same samples are half as long.
    let halves = [("x.caller.sln16", mono(0, s16)), ("x.agent.sln16", mono(1, s16))];
    check(&halves, &Used(WHOLE / 2.0), false);
    let alone = [("x.ulaw", mono(0, mu_law))];
    check(&alone, &Named("x.ulaw: it is mono; a call needs two parties"), false);
}

#[test]
fn kinds_that_are_not_read_are_named_with_what_to_do() {
    let gsm = [format(0x31, 1, 0, &[2, 0, 64, 1]), vec![]].concat();
    let compressed = |tag| wav(&format(tag, 2, 4, &[2, 0, 0, 1]), &[0; 4_000]);
    let vorbis = OggPage {
        serial: 1,
        number: 0,
        flags: 2,
        granule: 0,
        packets: &[b"\x01vorbis\0\0\0\0\x02".to_vec()],
    };
    let cases: Vec<(&str, Vec<u8>, &str)> = vec![
        ("a.WAV", wav(&gsm, &[0; 650]), "a.WAV: WAV with GSM 6.10, which is not read"),
        ("ms.wav", compressed(2), "Microsoft ADPCM"),
        ("ima.wav", compressed(0x11), "IMA ADPCM"),
        ("g726.wav", compressed(0x45), "G.726"),
        ("odd.wav", compressed(0x7777), "encoding 0x7777"),
        ("a.gsm", vec![0xD0; 660], "ffmpeg -f gsm"),
        ("a.g722", (0..=255).cycle().take(4_000).collect(), "ffmpeg -f g722"),
        ("a.wav49", vec![0; 650], "GSM 6.10"),
        ("a.raw", stereo(s16), "ffmpeg -f s16le -ar 8000 -ac 1"),
        ("a.r8", mono(0, mu_law), "a.r8: of an unknown kind"),
        ("a.spx", b"OggS\0".repeat(12), "a.spx: Speex, which is not read; convert it: ffmpeg"),
        (
            "ogg-vorbis.ogg",
            vorbis.bytes(),
            "Ogg with Vorbis, which is not read; convert it: ffmpeg",
        ),
        ("named.wav", b"ID3\x04\0\0\0\0\0\0\xff\xfb\x90\x64".to_vec(), "MP3"),
        ("a.aiff", b"FORM\0\0\x10\0AIFFCOMM".to_vec(), "AIFF"),
        ("a.m4a", b"\0\0\0\x20ftypM4A \0\0\0\0".to_vec(), "MPEG-4"),
        ("a.webm", b"\x1a\x45\xdf\xa3\x9f".to_vec(), "Matroska or WebM"),
        ("nothing-i-know.wav", b"Dear colleague".to_vec(), "not a WAV, FLAC or Ogg Opus file"),
        ("avi.wav", b"RIFF\0\0\x10\0AVI LIST".to_vec(), "RIFF without WAVE"),
        ("sln96.sln96", mono(0, s16), "96000 Hz"),
    ];
    for (name, bytes, words) in cases {
        check(&[(name, bytes)], &Named(words), false);
    }
    // Both halves of a pair are named; whoever mends one wants to know of the other.
    let pair = [("p.caller.wav", wav(&gsm, &[0; 650])), ("p.agent.wav", Vec::new())];
    check(&pair, &Named("p.agent.wav: empty"), false);
    check(&pair, &Named("p.caller.wav: WAV with GSM"), false);
    // Sound without an ending is read; what is no sound is passed over.
    check(&[("recording", good())], &Used(WHOLE), true);
    let beside = [("asoundrc", b"pcm.x {}\n".to_vec()), ("._a.wav", vec![0, 5, 22, 7])];
    assert_eq!(import(&beside).skipped, [""; 0]);
}

#[test]
fn pairs_are_found_as_people_name_them() {
    let [caller, agent] = [0, 1].map(|party| wav(&format(1, 1, 16, &[]), &mono(party, s16)));
    for (first, second) in [
        ("X.Caller.wav", "X.Agent.wav"),
        ("Y.caller.WAV", "Y.agent.WAV"),
        ("v_caller.wav", "v_agent.wav"),
        ("w-CALLER.wav", "w-agent.wav"),
        ("Anruf 7 caller.wav", "Anruf 7 agent.wav"),
    ] {
        check(&[(first, caller.clone()), (second, agent.clone())], &Used(WHOLE), true);
    }
    for (first, second) in [("z-in.wav", "z-out.wav"), ("z-rx.wav", "z-tx.wav")] {
        let words = "looks like its other half: name the caller's x.caller.wav";
        check(&[(first, caller.clone()), (second, agent.clone())], &Named(words), false);
    }
    let twice = [
        ("two.caller.flac", caller.clone()),
        ("two.caller.wav", caller.clone()),
        ("two.agent.wav", agent.clone()),
    ];
    check(&twice, &Noted(WHOLE, "two.caller.wav: not used, two.caller.flac is"), true);
    check(&[("my-caller.wav", good())], &Used(WHOLE), true);
    check(&[("a.caller.wav", caller)], &Named("its other half, *.agent.*, is missing"), false);
    let turned = import(&[("a\u{202e}gnp.wav", Vec::new())]);
    assert!(turned.skipped[0].starts_with("a\\u{202e}gnp.wav: empty"), "{:?}", turned.skipped);
}

#[test]
fn folders_within_are_told() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("2026-11")).unwrap();
    let error = import_dir(folder.path(), Broken::Skip).unwrap_err().to_string();
    assert!(error.contains("2026-11/: folders within are not looked into"), "{error}");
}

#[test]
fn ogg_is_read_in_links_and_from_among_other_streams() {
    let call = OggOpus::of_demo_call(4);
    let (pages, seconds) = (call.pages(), 4.0 - 312.0 / 48_000.0);
    let other = OggOpus { serial: 2, ..OggOpus::of_demo_call(4) };
    let skeleton = |number, flags, packet: &[u8]| {
        let packets = &[packet.to_vec()];
        OggPage { serial: 5, number, flags, granule: 0, packets }.bytes()
    };
    let bone = [b"fishead\0\x04\0\0\0", &[0; 52][..]].concat();
    let (first, rest) = (pages[0].clone(), pages[1..].concat());
    let end = skeleton(1, 4, &[]);
    let before = [skeleton(0, 2, &bone), first.clone(), end.clone(), rest.clone()].concat();
    let behind = [first, skeleton(0, 2, &bone), end, rest].concat();
    let sides = [pages[0].clone(), other.pages()[0].clone(), pages[1..].concat()].concat();
    let speech = |name, bytes, expected: Expected| check(&[(name, bytes)], &expected, false);
    speech("control.opus", call.bytes(), Used(seconds));
    let links = "2 recordings in one file";
    speech("links.opus", [call.bytes(), other.bytes()].concat(), Noted(2.0 * seconds, links));
    speech("same-serial.opus", call.bytes().repeat(2), Noted(2.0 * seconds, links));
    speech("skeleton-first.opus", before, Used(seconds));
    speech("skeleton-second.opus", behind, Used(seconds));
    speech("two-at-once.opus", sides, Named("two Opus streams side by side in one file"));
}

#[test]
fn ogg_is_read_past_what_is_broken() {
    let call = OggOpus::of_demo_call(4);
    let (pages, seconds) = (call.pages(), 4.0 - 312.0 / 48_000.0);
    let speech = |name, bytes, expected: Expected| check(&[(name, bytes)], &expected, false);
    let flipped = |n: usize| {
        let mut pages = pages.clone();
        let middle = pages[n].len() / 2;
        pages[n][middle] ^= 0x10;
        pages.concat()
    };
    let mut endless = pages.clone();
    let last = endless.len() - 1;
    endless.truncate(last);
    speech("no-end.opus", endless.concat(), Used(seconds - 0.2));
    speech("one-bit.opus", flipped(10), Noted(seconds, "damaged: 0.20 s within"));
    speech("last-bit.opus", flipped(last), Noted(seconds - 0.2, "used up to there"));
    let cut = call.bytes()[..call.bytes().len() - 100].to_vec();
    speech("cut.opus", cut, Noted(seconds - 0.2, "damaged or cut off"));
    speech("rubbish.opus", [call.bytes(), vec![0; 300]].concat(), Used(seconds));
    let between = [&pages[..8].concat()[..], b"OggS, or so it says", &pages[8..].concat()].concat();
    speech("between.opus", between, Used(seconds));
    let live = OggOpus { origin: 10_000_000_000, ..OggOpus::of_demo_call(4) };
    speech("live.opus", live.bytes(), Used(seconds));
    let mut short = pages.clone();
    let packets = &call.packets[190..];
    let number = last as u32;
    short[last] = OggPage { serial: 1, number, flags: 4, granule: 100, packets }.bytes();
    speech("wrong-end.opus", short.concat(), Used(seconds));
    short[last] =
        OggPage { serial: 1, number, flags: 4, granule: 3 * 48_000 + 43_200, packets }.bytes();
    speech("early-end.opus", short.concat(), Used(3.9 - 312.0 / 48_000.0));
    let empty = [&call.packets[..100], &[Vec::new()], &call.packets[100..]].concat();
    let empty = OggOpus { packets: empty, ..OggOpus::of_demo_call(4) };
    speech("empty-packet.opus", empty.bytes(), Noted(seconds + 0.02, "damaged: 0.02 s"));
}

#[test]
fn opus_is_read_in_every_mapping_and_frame() {
    let demo = &crate::Recording::demo_calls().unwrap()[0];
    let speech = |name, bytes, expected: Expected| check(&[(name, bytes)], &expected, false);
    let with = |head| OggOpus { head, ..OggOpus::of_demo_call(4) }.bytes();
    let seconds = 4.0 - 312.0 / 48_000.0;
    speech("255.opus", with(head(2, 312, 0, &[255, 2, 0, 0, 1])), Used(seconds));
    speech("skip.opus", with(head(2, 65_535, 0, &[1, 2, 0, 0, 1])), Used(4.0 - 1.365));
    speech("six.opus", with(head(6, 312, 0, &[1, 4, 2, 0, 4, 1, 2, 3, 5])), Named("6 channels"));
    let quiet = import(&[("x.opus", with(head(2, 312, 0, &[1, 2, 0, 0, 1])))]);
    let swapped = import(&[("x.opus", with(head(2, 312, 0, &[1, 2, 0, 1, 0])))]);
    assert_eq!(quiet.recordings[0].caller, swapped.recordings[0].agent);
    assert_eq!(quiet.recordings[0].agent, swapped.recordings[0].caller);
    let packets = of_60_ms(&demo.caller[..600], &demo.agent[..600]);
    assert!(packets.len() > 30, "{}", packets.len());
    let lasts = packets.len() as f32 * 0.06 - 312.0 / 48_000.0;
    let long = OggOpus { packets, packet_samples: 2_880, ..OggOpus::of_demo_call(4) };
    speech("60-ms.opus", long.bytes(), Used(lasts));
}

#[test]
fn flac_is_read_past_tags_and_odd_headers() {
    const FLAC: &[u8] = include_bytes!("../fixtures/stereo-16k.flac");
    let id3 = |bytes: usize| {
        let length = [21, 14, 7, 0].map(|shift| (bytes >> shift) as u8 & 0x7F);
        [b"ID3\x03\0\0", &length[..], &vec![0; bytes]].concat()
    };
    let says = |at: usize, bytes: &[u8]| {
        let mut flac = FLAC.to_vec();
        flac[at..at + bytes.len()].copy_from_slice(bytes);
        flac
    };
    let total = |samples: u32| says(22, &samples.to_be_bytes());
    let tail = [b"TAG", &[0; 125][..]].concat();
    check_all(vec![
        ("plain.flac", FLAC.to_vec(), Used(1.5)),
        ("id3.flac", [id3(4_000), FLAC.to_vec()].concat(), Used(1.5)),
        ("cover.flac", [id3(1_500_000), FLAC.to_vec()].concat(), Used(1.5)),
        ("two-tags.flac", [id3(10), id3(300), FLAC.to_vec()].concat(), Used(1.5)),
        ("unknown.flac", total(0), Used(1.5)),
        ("low.flac", total(8_000), Used(1.5)),
        ("high.flac", total(240_000), Noted(1.5, "high.flac: cut off: 1.5 s of 15.0 s")),
        ("min-block.flac", says(8, &[0, 0]), Used(1.5)),
        ("id3v1.flac", [FLAC.to_vec(), tail].concat(), Used(1.5)),
    ]);
    let cut = FLAC[..FLAC.len() - 1_500].to_vec();
    let imported = import(&[("cut.flac", cut)]);
    assert!(imported.notes[0].starts_with("cut.flac: "), "{:?}", imported.notes);
    assert!((1.0..1.5).contains(&imported.recordings[0].duration().as_secs_f32()));
}

#[test]
fn the_text_beside_is_used_or_told() {
    let utf_16: Vec<u8> = "\u{feff}queue: sales\r\ncaller: Jane Example\r\n"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let texts: [(&[u8], &str); 6] = [
        (&utf_16, "Jane Example"),
        (b"\xef\xbb\xbfqueue: sales\ncaller: Jane Example\n", "Jane Example"),
        (b"Queue: sales\nCaller: Jane Example\n", "Jane Example"),
        (b" queue: sales\n caller : Jane Example\n", "Jane Example"),
        (b"queue: sales\ncaller: Jos\xe9 Example\n", "José Example"),
        (b"queue = sales\rcaller = Jane Example\r", "Jane Example"),
    ];
    for (text, caller) in texts {
        let imported = import(&[("x.wav", good()), ("X.TXT", text.to_vec())]);
        let used = &imported.recordings[0];
        assert_eq!(used.queue.as_deref(), Some("sales"), "{text:?}");
        assert_eq!(used.caller_name.as_deref(), Some(caller), "{text:?}");
        assert_eq!(imported.notes, [""; 0], "{text:?}");
    }
    let imported = import(&[("x.wav", good()), ("x.txt", b"A good call.".to_vec())]);
    assert!(imported.notes[0].starts_with("x.txt: not used"), "{:?}", imported.notes);
}

#[test]
fn a_constant_part_does_not_make_two_people_one() {
    let lifted = stereo(|sample| s16(sample + 0.4));
    check(&[("offset.wav", wav(&format(1, 2, 16, &[]), &lifted))], &Used(WHOLE), true);
}
