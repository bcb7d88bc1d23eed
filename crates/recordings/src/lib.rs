//! Two-party recordings.
//!
//! [`Recording`]: Ogg Opus of two uncoupled mono streams, the caller's and the agent's, ready to be
//! sent. Such a file (RFC 7845, channel mapping family 1, 2 streams, none coupled) already holds each
//! party's packets as RTP carries them: they are taken apart, never re-encoded. They are decoded
//! once, for their levels. An ordinary stereo file is refused, because its coding lets each party
//! be heard faintly in the other's channel.
//!
//! `Recorded` and `import_dir` (with the feature `import`): recordings of any other kind, decoded.

#[cfg(feature = "import")]
mod import;
#[cfg(feature = "import")]
mod ogg_opus;
#[cfg(feature = "import")]
mod sound;

use std::io::Cursor;
use std::path::{Path, PathBuf};

use client::clip::Clip;
use client::media::OpusFrame;
use client::probe::level_dbov;
use codec::{CodecError, FRAME_SAMPLES, OPUS_PACKET_SAMPLES_MAX, OpusDecoder};

#[cfg(feature = "import")]
pub use import::{
    Broken, FILES_MAX, FOLDER_DURATION_MAX, ImportError, Imported, PARTY_DURATION_MIN, Recorded,
    import_dir,
};
#[cfg(feature = "import")]
pub use sound::{PARTY_DURATION_MAX, RATES_HZ, SoundError};

/// RFC 7845 §5.1: the identification header's beginning.
const HEAD_MAGIC: &[u8] = b"OpusHead";
/// RFC 7845 §5.1.1: version 1, two channels, then family 1, 2 streams, 0 coupled, left, right.
const HEAD_BYTES: usize = 23;
/// Longest recording taken: an hour.
const FRAMES_MAX: usize = 50 * 3600;

macro_rules! demo_call {
    ($name:literal) => {
        (
            $name,
            include_bytes!(concat!("../../../assets/calls/", $name, ".opus")),
            include_str!(concat!("../../../assets/calls/", $name, ".txt")),
        )
    };
}

/// The demo calls: name, file, and the dialogue it was made from.
const DEMO_CALLS: [(&str, &[u8], &str); 4] = [
    demo_call!("support-invoice"),
    demo_call!("support-router"),
    demo_call!("support-password"),
    demo_call!("sales-upgrade"),
];

/// A call between two parties, ready to be sent.
#[derive(Debug, Clone)]
pub struct Recording {
    /// The file's name without its ending.
    pub name: String,
    /// The queue that the caller calls, by key.
    pub queue: String,
    /// The caller's name.
    pub caller_name: String,
    /// What the caller says.
    pub caller: Clip,
    /// What the agent says; as long as the caller's side.
    pub agent: Clip,
}

/// Why a recording can't be replayed.
#[derive(Debug, thiserror::Error)]
pub enum RecordingError {
    /// The file can't be read.
    #[error("{0}: {1}")]
    Read(PathBuf, std::io::Error),
    /// Not an Ogg file.
    #[error("{0}: {1}")]
    Ogg(String, ogg::OggReadError),
    /// Not what the module's documentation asks for.
    #[error("{0}: {1}")]
    Format(String, &'static str),
    /// A packet that is no Opus.
    #[error("{0}: {1}")]
    Codec(String, CodecError),
    /// A folder with nothing to replay.
    #[error("no *.opus in {0}")]
    Empty(PathBuf),
}

impl Recording {
    /// Takes a recording apart.
    ///
    /// `script` is the dialogue it was made from; its lines `queue:` and `caller:` tell who calls
    /// whom. Without it, the queue is what stands before the first `-` in `name`.
    ///
    /// # Errors
    /// Anything but 20 ms frames of two uncoupled mono streams.
    pub fn parse(name: &str, opus: &[u8], script: Option<&str>) -> Result<Self, RecordingError> {
        let (caller, agent) = split(name, opus)?;
        let codec = |error| RecordingError::Codec(name.to_owned(), error);
        let field = |key| script.and_then(|script| header(script, key));
        Ok(Self {
            name: name.to_owned(),
            queue: field("queue").or(name.split('-').next()).unwrap_or(name).to_owned(),
            caller_name: field("caller").unwrap_or("Caller").to_owned(),
            caller: with_levels(caller).map_err(codec)?,
            agent: with_levels(agent).map_err(codec)?,
        })
    }

    /// Reads every `*.opus` in a folder, with the `*.txt` of the same name where there is one.
    ///
    /// # Errors
    /// A file that can't be read or replayed, or none at all.
    pub fn read_dir(dir: &Path) -> Result<Vec<Self>, RecordingError> {
        let failed = |path: &Path, error| RecordingError::Read(path.to_owned(), error);
        let mut paths = std::fs::read_dir(dir)
            .and_then(|entries| {
                entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<_>, _>>()
            })
            .map_err(|error| failed(dir, error))?;
        paths.retain(|path| path.extension().is_some_and(|ending| ending == "opus"));
        paths.sort();
        if paths.is_empty() {
            return Err(RecordingError::Empty(dir.to_owned()));
        }
        let mut sources = Vec::new();
        for path in paths {
            let name = path.file_stem().unwrap_or_default().to_string_lossy();
            let opus = std::fs::read(&path).map_err(|error| failed(&path, error))?;
            let script = std::fs::read_to_string(path.with_extension("txt")).ok();
            sources.push((name.into_owned(), opus, script));
        }
        parse_all(&sources)
    }

    /// The project's own demo calls, which are part of the program.
    ///
    /// # Errors
    /// None: a test reads them all.
    pub fn demo_calls() -> Result<Vec<Self>, RecordingError> {
        parse_all(&DEMO_CALLS.map(|(name, opus, script)| (name, opus, Some(script))))
    }
}

/// One thread a recording: finding the levels takes a moment.
fn parse_all<N, O, S>(sources: &[(N, O, Option<S>)]) -> Result<Vec<Recording>, RecordingError>
where
    N: AsRef<str> + Sync,
    O: AsRef<[u8]> + Sync,
    S: AsRef<str> + Sync,
{
    std::thread::scope(|scope| {
        let threads: Vec<_> = sources
            .iter()
            .map(|(name, opus, script)| {
                let script = script.as_ref().map(AsRef::as_ref);
                scope.spawn(move || Recording::parse(name.as_ref(), opus.as_ref(), script))
            })
            .collect();
        threads
            .into_iter()
            .map(|thread| match thread.join() {
                Ok(recording) => recording,
                Err(panic) => std::panic::resume_unwind(panic),
            })
            .collect()
    })
}

/// `queue: support` → `support`; of `caller: Ellen Park | voice` the name.
fn header<'a>(script: &'a str, key: &str) -> Option<&'a str> {
    let line = script.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(':'))?;
    line.split('|').next().map(str::trim)
}

type Packets = Vec<Vec<u8>>;

fn split(name: &str, file: &[u8]) -> Result<(Packets, Packets), RecordingError> {
    let wrong = |what| RecordingError::Format(name.to_owned(), what);
    let mut reader = ogg::PacketReader::new(Cursor::new(file));
    let mut next =
        || reader.read_packet().map_err(|error| RecordingError::Ogg(name.to_owned(), error));
    let head = next()?.ok_or(wrong("empty"))?.data;
    if !head.starts_with(HEAD_MAGIC) {
        return Err(wrong("not Opus"));
    }
    if head.len() != HEAD_BYTES || head[18..] != [1, 2, 0, 0, 1] {
        return Err(wrong(
            "not two uncoupled mono streams (mapping family 1, 2 streams, 0 coupled)",
        ));
    }
    next()?.ok_or(wrong("no tags"))?;
    let (mut left, mut right) = (Vec::new(), Vec::new());
    while let Some(packet) = next()? {
        let (l, r) = split_packet(&packet.data).ok_or(wrong("not one 20 ms frame a packet"))?;
        left.push(l);
        right.push(r);
        if left.len() > FRAMES_MAX {
            return Err(wrong("longer than an hour"));
        }
    }
    if left.is_empty() {
        return Err(wrong("no sound"));
    }
    Ok((left, right))
}

/// The first stream's packet is self-delimited (RFC 6716, appendix B): its length stands after its
/// first byte. What follows is the second stream's.
fn split_packet(packet: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
    let (&toc, rest) = packet.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        0..252 => (usize::from(first), rest),
        _ => {
            let (&second, rest) = rest.split_first()?;
            (4 * usize::from(second) + usize::from(first), rest)
        }
    };
    let (frame, right) = rest.split_at_checked(length)?;
    let left = [&[toc], frame].concat();
    let is_frame = |packet: &[u8]| {
        packet.first().is_some_and(|toc| toc & 3 == 0)
            && codec::packet::duration_samples(packet) == Some(FRAME_SAMPLES)
    };
    (is_frame(&left) && is_frame(right)).then(|| (left, right.to_vec()))
}

fn with_levels(packets: Packets) -> Result<Clip, CodecError> {
    let mut decoder = OpusDecoder::new()?;
    let mut room = [0.0; OPUS_PACKET_SAMPLES_MAX];
    let frames = packets
        .into_iter()
        .map(|packet| {
            let samples = decoder.decode_into(&packet, &mut room)?;
            Ok(OpusFrame::new(packet, level_dbov(&room[..samples])))
        })
        .collect::<Result<Vec<_>, CodecError>>()?;
    Ok(Clip::new(frames))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_demo_calls_can_be_replayed() {
        let calls = Recording::demo_calls().unwrap();
        assert_eq!(calls.len(), 4);
        for call in &calls {
            assert!(["support", "sales"].contains(&call.queue.as_str()));
            assert!(call.caller_name.contains(' '), "{}", call.caller_name);
            let frames = call.caller.frames().len();
            assert_eq!(frames, call.agent.frames().len());
            assert!((90 * 50..120 * 50).contains(&frames), "{frames}");
            for side in [&call.caller, &call.agent] {
                let spoken = side.frames().iter().filter(|frame| frame.voice).count();
                let share = spoken as f64 / frames as f64;
                assert!((0.15..0.7).contains(&share), "{}: {share}", call.name);
            }
        }
    }

    #[test]
    fn the_parties_do_not_leak_into_each_other() {
        let call = &Recording::demo_calls().unwrap()[0];
        // While the agent greets, the caller's channel holds only the line's noise.
        let greeting = 25..75;
        assert!(call.agent.frames()[greeting.clone()].iter().any(|f| f.level_dbov < 30));
        assert!(call.caller.frames()[greeting].iter().all(|f| f.level_dbov > 60));
    }

    #[test]
    fn other_files_are_refused_with_a_reason() {
        let refused = |bytes: &[u8]| Recording::parse("x", bytes, None).unwrap_err().to_string();
        assert!(refused(b"").starts_with("x: "));
        assert!(refused(b"RIFF and so on, which is no Ogg at all").starts_with("x: "));
        let tags: &[u8] = b"OpusTags";
        let ours = [HEAD_MAGIC, &[1, 2, 56, 1, 128, 187, 0, 0, 0, 0, 1, 2, 0, 0, 1]].concat();
        let coupled = [HEAD_MAGIC, &[1, 2, 56, 1, 128, 187, 0, 0, 0, 0, 0]].concat();
        assert!(refused(&ogg(&[b"vorbis"])).contains("not Opus"));
        assert!(refused(&ogg(&[&coupled, tags, &[0x48, 1]])).contains("uncoupled"));
        assert!(refused(&ogg(&[&ours, tags])).contains("no sound"));
        assert!(refused(&ogg(&[&ours, tags, &[0x48, 9, 1]])).contains("20 ms"));
    }

    fn ogg(packets: &[&[u8]]) -> Vec<u8> {
        let mut file = Vec::new();
        let mut writer = ogg::PacketWriter::new(&mut file);
        for (n, packet) in packets.iter().enumerate() {
            let end = if n + 1 == packets.len() {
                ogg::PacketWriteEndInfo::EndStream
            } else {
                ogg::PacketWriteEndInfo::EndPage
            };
            writer.write_packet(packet.to_vec(), 1, end, 0).unwrap();
        }
        file
    }

    #[test]
    fn packets_are_split_by_the_length_within() {
        let toc = 0x48; // SILK wideband, 20 ms, one frame
        let mut packet = vec![toc, 2, 7, 8, toc, 9];
        assert_eq!(split_packet(&packet), Some((vec![toc, 7, 8], vec![toc, 9])));
        packet[1] = 9;
        assert_eq!(split_packet(&packet), None);
        let long = [&[toc, 252, 1][..], &[5; 256], &[toc]].concat();
        assert_eq!(split_packet(&long).map(|(l, r)| (l.len(), r.len())), Some((257, 1)));
        assert_eq!(split_packet(&[]), None);
    }

    #[test]
    fn a_script_names_queue_and_caller() {
        let script = "queue: sales\ncaller: Priya Nair | voice\nC +0 hello";
        assert_eq!(header(script, "queue"), Some("sales"));
        assert_eq!(header(script, "caller"), Some("Priya Nair"));
        assert_eq!(header(script, "agent"), None);
    }
}
