//! Recordings that are sent as they are: the two parties' packets, taken out of their file.

use std::io::Cursor;
use std::path::{Path, PathBuf};

use codec::{CodecError, FRAME_SAMPLES, OPUS_PACKET_SAMPLES_MAX, OpusDecoder};

use crate::two_streams::{HEAD_MAGIC, is_two_mono_streams, split_packet};
use crate::{DEMO_CALLS, script};

/// Longest recording taken: an hour.
const FRAMES_MAX: usize = 50 * 3600;

/// One party's Opus packets, in order: mono, one 20 ms frame each.
pub type Packets = Vec<Vec<u8>>;

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
    pub caller: Packets,
    /// What the agent says; as many packets as the caller's.
    pub agent: Packets,
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
        let field = |key| script.and_then(|script| script::field(script, key));
        Ok(Self {
            name: name.to_owned(),
            queue: field("queue").or(name.split('-').next()).unwrap_or(name).to_owned(),
            caller_name: field("caller").unwrap_or("Caller").to_owned(),
            caller,
            agent,
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
        let read = |path: &PathBuf| {
            let name = path.file_stem().unwrap_or_default().to_string_lossy();
            let opus = std::fs::read(path).map_err(|error| failed(path, error))?;
            let text = path.with_extension("txt");
            let script = script::read(&text).map_err(|error| failed(&text, error))?;
            Self::parse(&name, &opus, script.as_deref())
        };
        paths.iter().map(read).collect()
    }

    /// The project's own demo calls, which are part of the program.
    ///
    /// # Errors
    /// None: a test reads them all.
    pub fn demo_calls() -> Result<Vec<Self>, RecordingError> {
        DEMO_CALLS.iter().map(|it| Self::parse(it.name, it.opus, Some(it.script))).collect()
    }
}

/// The sound of a party's packets: mono, 48 kHz, −1.0 … 1.0, 20 ms a packet.
///
/// # Errors
/// A packet that is no Opus.
pub fn decode(packets: &[Vec<u8>]) -> Result<Vec<f32>, CodecError> {
    let mut decoder = OpusDecoder::new()?;
    let mut room = [0.0; OPUS_PACKET_SAMPLES_MAX];
    let mut sound = Vec::with_capacity(packets.len() * FRAME_SAMPLES);
    for packet in packets {
        let samples = decoder.decode_into(packet, &mut room)?;
        sound.extend_from_slice(&room[..samples]);
    }
    Ok(sound)
}

fn split(name: &str, file: &[u8]) -> Result<(Packets, Packets), RecordingError> {
    let wrong = |what| RecordingError::Format(name.to_owned(), what);
    let mut reader = ogg::PacketReader::new(Cursor::new(file));
    let mut next =
        || reader.read_packet().map_err(|error| RecordingError::Ogg(name.to_owned(), error));
    let head = next()?.ok_or(wrong("empty"))?.data;
    if !head.starts_with(HEAD_MAGIC) {
        return Err(wrong("not Opus"));
    }
    if !is_two_mono_streams(&head) {
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

#[cfg(test)]
mod tests {
    use super::*;

    /// A frame's peak above which somebody speaks; the line's noise is below it.
    const SPOKEN: f32 = 0.005;

    /// The peak of each frame.
    fn peaks(packets: &[Vec<u8>]) -> Vec<f32> {
        let sound = decode(packets).unwrap();
        let peak = |frame: &[f32]| frame.iter().fold(0.0, |peak: f32, it| peak.max(it.abs()));
        sound.chunks(FRAME_SAMPLES).map(peak).collect()
    }

    #[test]
    fn the_demo_calls_can_be_replayed() {
        let calls = Recording::demo_calls().unwrap();
        assert_eq!(calls.len(), 4);
        for call in &calls {
            assert!(["support", "sales"].contains(&call.queue.as_str()));
            assert!(call.caller_name.contains(' '), "{}", call.caller_name);
            let frames = call.caller.len();
            assert_eq!(frames, call.agent.len());
            assert!((90 * 50..120 * 50).contains(&frames), "{frames}");
            for side in [&call.caller, &call.agent] {
                let spoken = peaks(side).iter().filter(|peak| **peak > SPOKEN).count();
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
        assert!(peaks(&call.agent)[greeting.clone()].iter().any(|peak| *peak > 0.1));
        assert!(peaks(&call.caller)[greeting].iter().all(|peak| *peak < SPOKEN));
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
}
