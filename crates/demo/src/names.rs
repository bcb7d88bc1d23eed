//! Who calls: the name in the recording if it is free, else one from a list.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use rand::RngExt;
use rand::rngs::StdRng;

const POOL: [&str; 24] = [
    "Aiko Tanaka",
    "Amara Okafor",
    "Anders Lind",
    "Beatriz Costa",
    "Camila Ortega",
    "Clara Moreau",
    "Daniel Novak",
    "Elif Kaya",
    "Fatima Haddad",
    "Gloria Nkosi",
    "Hana Suzuki",
    "Ivan Petrov",
    "Jakob Wirth",
    "Kavya Rao",
    "Liam Byrne",
    "Mei Chen",
    "Nadia Rossi",
    "Omar Farouk",
    "Paula Gomez",
    "Quinn Harper",
    "Rosa Almeida",
    "Samuel Osei",
    "Tomas Dvorak",
    "Yuki Mori",
];

/// The names in use.
#[derive(Debug, Clone, Default)]
pub(super) struct Names(Arc<Mutex<BTreeSet<String>>>);

/// A name in use; dropping it frees it.
#[derive(Debug)]
pub(super) struct Name {
    name: String,
    names: Names,
}

impl Names {
    /// The preferred name, or another; a name may occur twice only when all are taken.
    pub(super) fn take(&self, preferred: &str, rng: &mut StdRng) -> Name {
        let mut taken = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let start = rng.random_range(0..POOL.len());
        let name = std::iter::once(preferred)
            .chain(POOL.iter().copied().cycle().skip(start).take(POOL.len()))
            .find(|name| !taken.contains(*name))
            .unwrap_or(preferred)
            .to_owned();
        taken.insert(name.clone());
        Name { name, names: self.clone() }
    }
}

impl Name {
    pub(super) fn as_str(&self) -> &str {
        &self.name
    }
}

impl Drop for Name {
    fn drop(&mut self) {
        let mut taken = self.names.0.lock().unwrap_or_else(PoisonError::into_inner);
        taken.remove(&self.name);
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;

    #[test]
    fn nobody_calls_twice_at_a_time() {
        let names = Names::default();
        let mut rng = StdRng::seed_from_u64(1);
        let held: Vec<_> = (0..25).map(|_| names.take("Ellen Park", &mut rng)).collect();
        assert_eq!(held[0].as_str(), "Ellen Park");
        let distinct: BTreeSet<_> = held.iter().map(Name::as_str).collect();
        assert_eq!(distinct.len(), 25);
        drop(held);
        assert_eq!(names.take("Ellen Park", &mut rng).as_str(), "Ellen Park");
    }
}
