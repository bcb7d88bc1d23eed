//! Replays recorded calls against a Sotto server
