//! A real client of a Sotto server
