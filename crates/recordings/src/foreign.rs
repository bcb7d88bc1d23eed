//! Kinds of sound that are not read: known by how their files begin or are called, so that whoever
//! has one is told what it is and how to convert it.

/// How to convert what `ffmpeg` knows by itself.
const CONVERT: &str = "convert it: ffmpeg -i FILE -c:a pcm_s16le NEW.wav";

/// A kind of sound that is not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Foreign {
    /// What it is, such as `MP3`.
    what: String,
    /// What to do, if it is not [`CONVERT`].
    how: Option<&'static str>,
}

impl Foreign {
    /// Something that `ffmpeg` converts without further options.
    pub(crate) fn new(what: impl Into<String>) -> Self {
        Self { what: what.into(), how: None }
    }

    fn with(what: &str, how: &'static str) -> Self {
        Self { what: what.to_owned(), how: Some(how) }
    }
}

impl std::fmt::Display for Foreign {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { what, how } = self;
        write!(f, "{what}, which is not read; {}", how.unwrap_or(CONVERT))
    }
}

/// What a file is that begins like this, if it is sound of a kind that is not read.
pub(crate) fn by_content(head: &[u8]) -> Option<Foreign> {
    let begins = |magic: &[u8]| head.starts_with(magic);
    let what = match head {
        _ if begins(b"#!AMR") => "AMR",
        _ if begins(b"caff") => "Core Audio (CAF)",
        _ if begins(b"wvpk") => "WavPack",
        _ if begins(b"NIST_1A") => "NIST SPHERE",
        _ if begins(b"Creative Voice File") => "Creative Voice (VOC)",
        _ if begins(b"riff\x2e\x91\xcf\x11") => "Wave64",
        _ if begins(b"\x1a\x45\xdf\xa3") => "Matroska or WebM",
        _ if begins(b"\x30\x26\xb2\x75\x8e\x66\xcf\x11") => "Windows Media",
        [b'F', b'O', b'R', b'M', _, _, _, _, b'A', b'I', b'F', b'F' | b'C', ..] => "AIFF",
        [_, _, _, _, b'f', b't', b'y', b'p', ..] => "MPEG-4",
        [b'I', b'D', b'3', ..] => "MP3",
        // MPEG's synchronisation: eleven bits, a version and a layer that exist (ISO 11172-3
        // §2.4.1.3), III or II; layer 0 is AAC's ADTS (ISO 13818-7 §6.2).
        [0xFF, second, ..] if second & 0xF6 == 0xF0 => "AAC",
        [0xFF, second, ..]
            if second & 0xE0 == 0xE0 && second & 0x18 != 8 && matches!(second & 6, 2 | 4) =>
        {
            "MP3"
        }
        _ => return None,
    };
    Some(Foreign::new(what))
}

/// What a file is that has this ending (lower case), if its kind is known by nothing else.
pub(crate) fn by_ending(ending: &str) -> Option<Foreign> {
    let headerless = "headerless sound, whose rate and encoding nothing tells";
    Some(match ending {
        "mp3" | "mp2" | "mpga" => Foreign::new("MP3"),
        "m4a" | "mp4" | "m4b" | "mov" | "3gp" => Foreign::new("MPEG-4"),
        "aac" => Foreign::new("AAC"),
        "wma" | "asf" => Foreign::new("Windows Media"),
        "aif" | "aiff" | "aifc" => Foreign::new("AIFF"),
        "amr" | "awb" => Foreign::new("AMR"),
        "caf" => Foreign::new("Core Audio (CAF)"),
        "webm" | "mka" | "mkv" => Foreign::new("Matroska or WebM"),
        "w64" => Foreign::new("Wave64"),
        "wv" => Foreign::new("WavPack"),
        "spx" => Foreign::new("Speex"),
        "sph" => Foreign::new("NIST SPHERE"),
        "voc" => Foreign::new("Creative Voice (VOC)"),
        "ape" => Foreign::new("Monkey's Audio"),
        "wav49" => {
            Foreign::with("GSM 6.10", "convert it: ffmpeg -f wav -i FILE -c:a pcm_s16le NEW.wav")
        }
        "gsm" => Foreign::with(
            "GSM 6.10 without a header",
            "convert it: ffmpeg -f gsm -i FILE -c:a pcm_s16le NEW.wav",
        ),
        "g722" => Foreign::with(
            "G.722 without a header",
            "convert it: ffmpeg -f g722 -i FILE -c:a pcm_s16le NEW.wav",
        ),
        "g729" => Foreign::with(
            "G.729 without a header",
            "convert it: ffmpeg -f g729 -i FILE -c:a pcm_s16le NEW.wav",
        ),
        "g726" | "g723" | "ilbc" | "lpc10" | "siren7" | "siren14" | "vox" => Foreign::with(
            "telephony's sound without a header",
            "convert it at the telephone system, such as Asterisk's: file convert OLD NEW.wav",
        ),
        "raw" | "pcm" | "snd" => Foreign::with(
            headerless,
            "if it is 16 bit, 8 kHz, mono: ffmpeg -f s16le -ar 8000 -ac 1 -i FILE NEW.wav",
        ),
        _ => return None,
    })
}

/// A file that is neither text nor a picture nor sound of any kind known here.
pub(crate) fn unknown() -> Foreign {
    Foreign::with("of an unknown kind", "if it is sound: ffmpeg -i FILE -c:a pcm_s16le NEW.wav")
}

/// What a WAV's format tag means (RFC 2361 and Microsoft's `mmreg.h`), other than PCM and G.711.
pub(crate) fn wav_codec(tag: u16) -> Foreign {
    let name = match tag {
        0x0002 => "Microsoft ADPCM",
        0x0011 => "IMA ADPCM",
        0x0014 | 0x0042 | 0x0059 | 0x0111 => "G.723",
        0x0016 | 0x0040 | 0x0045 | 0x0064 | 0x0085 | 0x0140 => "G.726 or G.721",
        0x0017 | 0x0010 => "OKI ADPCM",
        0x0022 => "TrueSpeech",
        0x0031 | 0x0032 => "GSM 6.10",
        0x0050 | 0x0055 => "MP3",
        0x0065 | 0x028F => "G.722",
        0x0070..=0x0079 => "Lernout & Hauspie",
        0x0083 | 0x0133 => "G.729",
        0x00FF | 0x1600..=0x1610 | 0x706D => "AAC",
        0x0160..=0x0163 => "Windows Media",
        0xA109 => "Speex",
        _ => return Foreign::new(format!("WAV with encoding 0x{tag:04x}")),
    };
    Foreign::new(format!("WAV with {name}"))
}

/// What an Ogg stream holds, by the beginning of its first packet.
pub(crate) fn ogg_codec(packet: &[u8]) -> &'static str {
    match packet {
        [0x01, b'v', b'o', b'r', b'b', b'i', b's', ..] => "Ogg with Vorbis",
        [0x7F, b'F', b'L', b'A', b'C', ..] => "Ogg with FLAC",
        [b'S', b'p', b'e', b'e', b'x', ..] => "Ogg with Speex",
        [0x80, b't', b'h', b'e', b'o', b'r', b'a', ..] => "Ogg with video",
        _ => "Ogg without Opus",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_named_with_what_to_do() {
        let named = |head: &[u8]| by_content(head).map(|it| it.to_string());
        let mp3 = named(b"ID3\x04").unwrap();
        assert!(mp3.starts_with("MP3") && mp3.contains("ffmpeg -i"), "{mp3}");
        assert_eq!(named(&[0xFF, 0xFB, 0x90, 0x64]).unwrap(), mp3);
        assert!(named(&[0xFF, 0xF1, 0x50]).unwrap().starts_with("AAC"));
        assert!(named(b"\0\0\0\x20ftypM4A ").unwrap().starts_with("MPEG-4"));
        assert_eq!(named(b"RIFF"), None);
        assert_eq!(named(&[0xFF, 0xFE, b'q', 0]), None, "UTF-16 is not MPEG");
        assert!(by_ending("g722").unwrap().to_string().contains("-f g722"));
        assert!(wav_codec(0x31).to_string().starts_with("WAV with GSM 6.10"));
        assert!(wav_codec(0x9999).to_string().contains("0x9999"));
    }
}
