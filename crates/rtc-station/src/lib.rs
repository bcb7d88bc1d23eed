//! One station: datagrams in and out, RTP in and out
