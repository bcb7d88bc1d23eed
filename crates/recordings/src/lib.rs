//! Calls of two parties, read from files.
//!
//! - [`Recording`]: Ogg Opus of two uncoupled mono streams, the caller's and the agent's, ready to be
//!   sent. Such a file (RFC 7845, channel mapping family 1, 2 streams, none coupled) already holds each
//!   party's packets as RTP carries them: they are taken apart, never re-encoded. An ordinary stereo
//!   file is refused, because its coding lets each party be heard faintly in the other's channel.
//! - `Recorded` and `import_dir` (with the feature `import`): recordings of any other kind, decoded.
//!
//! It knows files and codecs; it sends nothing and measures nothing.

#[cfg(feature = "import")]
mod au;
#[cfg(feature = "import")]
mod error;
#[cfg(feature = "import")]
mod file;
#[cfg(feature = "import")]
mod flac;
#[cfg(feature = "import")]
mod folder;
#[cfg(feature = "import")]
mod foreign;
#[cfg(feature = "import")]
mod import;
#[cfg(all(test, feature = "import"))]
mod odd_files;
#[cfg(all(test, feature = "import"))]
mod odd_tests;
#[cfg(feature = "import")]
mod ogg_opus;
#[cfg(feature = "import")]
mod ogg_pages;
#[cfg(feature = "import")]
mod pcm;
mod recording;
#[cfg(feature = "import")]
mod riff;
mod script;
#[cfg(feature = "import")]
mod sound;
mod two_streams;

#[cfg(feature = "import")]
pub use error::{FILES_MAX, ImportError};
#[cfg(feature = "import")]
pub use foreign::Foreign;
#[cfg(feature = "import")]
pub use import::{Broken, FOLDER_DURATION_MAX, Imported, PARTY_DURATION_MIN, Recorded, import_dir};
pub use recording::{Packets, Recording, RecordingError, decode};
#[cfg(feature = "import")]
pub use sound::{PARTY_DURATION_MAX, RATES_HZ, SoundError};

macro_rules! demo_call {
    ($name:literal) => {
        DemoCall {
            name: $name,
            opus: include_bytes!(concat!("../../../assets/calls/", $name, ".opus")),
            script: include_str!(concat!("../../../assets/calls/", $name, ".txt")),
        }
    };
}

/// One of the project's own calls, which are part of the program.
struct DemoCall {
    name: &'static str,
    opus: &'static [u8],
    /// The dialogue that it was made from.
    script: &'static str,
}

const DEMO_CALLS: [DemoCall; 4] = [
    demo_call!("support-invoice"),
    demo_call!("support-router"),
    demo_call!("support-password"),
    demo_call!("sales-upgrade"),
];
