//! The order of a crate's modules, where one is declared: a module uses only what stands below it.

/// The layers of one crate.
pub struct Layers {
    pub krate: &'static str,
    /// From top to bottom. Modules of one layer know nothing of each other.
    pub top_down: &'static [&'static [&'static str]],
}

/// Every crate whose modules have a declared order. A crate with a row here names all its modules; for the others it is
/// enough that there are no circles.
pub const LAYERS: &[Layers] = &[
    Layers {
        krate: "client",
        top_down: &[
            &["session"],
            &["events"],
            &["api"],
            &["server"],
            &["error"],
            &["clip", "playout"],
            &["probe"],
            &["media"],
        ],
    },
    Layers {
        krate: "recordings",
        top_down: &[
            &["odd_tests"],
            &["import"],
            &["folder", "odd_files"],
            &["file", "recording"],
            &["au", "flac", "ogg_opus", "riff"],
            &["ogg_pages"],
            &["pcm"],
            &["sound"],
            &["error", "foreign", "script", "two_streams"],
        ],
    },
    Layers {
        krate: "demo",
        top_down: &[
            &["agent", "chats", "telephone"],
            &["caller"],
            &["accounts", "dialogs", "line", "names", "replay"],
        ],
    },
    Layers {
        krate: "loadtest",
        top_down: &[
            &["run"],
            &["accounts", "find_max", "measure", "scenario"],
            &["impair", "telephone"],
            &["report", "units"],
        ],
    },
    Layers {
        krate: "softphone",
        top_down: &[
            &["check", "cli", "headless", "screen"],
            &["app"],
            &["line", "pipe_headset", "settings"],
            &["phone"],
            &["media"],
            &["echo", "noise", "playout", "quality"],
            &["audio"],
        ],
    },
    Layers { krate: "xtask", top_down: &[&["tidy"], &["codegen"]] },
];
