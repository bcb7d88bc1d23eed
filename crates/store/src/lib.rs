//! Durable facts
