//! An agent's headset in a terminal.
