//! A sign-in gives its memory back. Alone in its process, whose memory it looks at.
#![cfg(target_os = "linux")]

use store::{Location, NewUser, Role, Store};

/// Passwords that are checked at once, many more than are hashed at once.
const CHECKS: usize = 24;
/// What may stay: threads, caches, the database's pages. One hash alone takes 19 MiB.
const GROWTH_MAX_MIB: u64 = 12;

/// The memory that this process has.
fn resident_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() / 1024
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hashing_gives_its_memory_back() {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(&Location::Directory(directory.path().to_owned())).await.unwrap();
    let user = NewUser {
        username: "ana",
        name: "Ana Duarte",
        password: "open sesame",
        role: Role::Agent,
        permissions: &[],
    };
    store.create_user(user).await.unwrap();
    let before = resident_mib();
    let check = |password: &'static str| {
        let store = store.clone();
        tokio::spawn(async move { store.verify_password("ana", password).await.unwrap() })
    };
    let passwords = ["open sesame", "wrong"].into_iter().cycle().take(CHECKS);
    let checks: Vec<_> = passwords.map(check).collect();
    let mut right = 0;
    for check in checks {
        right += usize::from(check.await.unwrap().is_some());
    }
    assert_eq!(right, CHECKS / 2);
    let after = resident_mib();
    assert!(after <= before + GROWTH_MAX_MIB, "{before} MiB before, {after} MiB after");
}
