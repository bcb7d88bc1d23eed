//! One call: RTP in, RTP out
