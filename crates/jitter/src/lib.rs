//! RTP ordering and playout decisions
