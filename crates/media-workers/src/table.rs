//! Tables that are asked for every packet.

use std::collections::HashMap;

/// A hash table that is fast, and seeded at random: no stranger knows which of the addresses that they choose collide.
pub(crate) type Table<K, V> = HashMap<K, V, foldhash::fast::RandomState>;
