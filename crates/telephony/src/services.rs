//! In which order the servers of a name are tried (RFC 2782): by priority, and within one by weight and chance.

/// One of a name's servers, as an SRV record names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Service {
    /// The lowest is tried first.
    pub(crate) priority: u16,
    /// How large its share is among those of its priority.
    pub(crate) weight: u16,
    pub(crate) port: u16,
    /// A host; empty: there is decidedly none (RFC 2782, "Target").
    pub(crate) target: String,
}

/// As they are to be tried. `chance(n)` is a number from 0 to n, each as likely as the others.
pub(crate) fn in_order(
    mut services: Vec<Service>,
    mut chance: impl FnMut(u32) -> u32,
) -> Vec<Service> {
    services.retain(|it| !it.target.is_empty());
    // Those without weight first, so that they have a small chance, too; else as they came.
    services.sort_by_key(|it| (it.priority, it.weight > 0));
    let mut ordered = Vec::with_capacity(services.len());
    while let Some(priority) = services.first().map(|it| it.priority) {
        let same = services.iter().take_while(|it| it.priority == priority);
        let sums = same.scan(0_u32, |sum, it| {
            *sum += u32::from(it.weight);
            Some(*sum)
        });
        let sums: Vec<u32> = sums.collect();
        let chosen = chance(sums.last().copied().unwrap_or(0));
        let place = sums.iter().position(|sum| *sum >= chosen).unwrap_or(0);
        ordered.push(services.remove(place));
    }
    ordered
}

#[cfg(test)]
mod tests {
    use super::*;

    fn service(priority: u16, weight: u16, target: &str) -> Service {
        Service { priority, weight, port: 5060, target: target.to_owned() }
    }

    fn order(services: &[Service], chance: impl FnMut(u32) -> u32) -> Vec<String> {
        in_order(services.to_vec(), chance).into_iter().map(|it| it.target).collect()
    }

    #[test]
    fn the_lowest_priority_comes_first_whatever_the_weights_are() {
        let services = [service(20, 65_535, "c"), service(10, 0, "a"), service(10, 1, "b")];
        assert_eq!(order(&services, |_| 0), ["a", "b", "c"]);
        assert_eq!(order(&services, |most| most), ["b", "a", "c"]);
    }

    #[test]
    fn the_weights_are_shares() {
        let services = [service(1, 10, "ten"), service(1, 0, "none"), service(1, 30, "thirty")];
        // Of 0 to 40, as RFC 2782 has it: 0 is the one without weight, 1 to 10 the first, 11 to 40 the last.
        let firsts = (0..=40).map(|drawn| {
            let mut draws = std::iter::once(drawn).chain(std::iter::repeat(0));
            order(&services, |_| draws.next().unwrap()).remove(0)
        });
        let firsts: Vec<String> = firsts.collect();
        let count = |target: &str| firsts.iter().filter(|it| *it == target).count();
        assert_eq!([count("none"), count("ten"), count("thirty")], [1, 10, 30]);
        // What was taken out has no share in the next draw.
        let mut limits = Vec::new();
        order(&services, |most| {
            limits.push(most);
            most
        });
        assert_eq!(limits, [40, 10, 0]);
    }

    #[test]
    fn a_name_may_have_decidedly_no_server() {
        assert!(order(&[service(0, 0, "")], |_| 0).is_empty());
        assert!(order(&[], |_| 0).is_empty());
    }
}
