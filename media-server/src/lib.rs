//! The Sotto server
